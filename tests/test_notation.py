"""The numbers printed on the notation page are those that the package computes."""
import re
from pathlib import Path

import pytest

from aebook import metrics

PAGE = (Path(__file__).parents[1] / "book/notation.md").read_text(encoding="utf-8")


def rows(unit):
    """The rows of the table whose second column has that unit: answer -> its numbers as printed."""
    table = re.search(rf"\| answer \| {unit} \|[^\n]*\n\|[-|]+\n((?:\|[^\n]*\n)+)", PAGE).group(1)
    cells = [[c.strip() for c in line.strip("|").split("|")] for line in table.splitlines()]
    return {answer: numbers for answer, *numbers in cells}


def as_printed(value, printed):
    return f"{value:.{len(printed.split('.')[1])}f}"


@pytest.fixture(scope="module")
def mean_image(mnist):
    return metrics.mean_image_error(mnist.x_train, mnist.x_test)


def test_squared_errors(mnist, mean_image):
    printed = rows("squared error per image")
    sizes = [int(re.search(r"\d+", answer).group()) for answer in printed if answer.startswith("PCA")]
    errors = dict(zip((f"PCA, {k} numbers" for k in sizes), metrics.pca_error(mnist.x_train, mnist.x_test, sizes)))
    errors["mean image"] = mean_image["squared_error"]
    assert printed == {answer: [as_printed(errors[answer], a), as_printed(errors[answer] / 784, b)]
                       for answer, (a, b) in printed.items()}
    assert len(printed) == 6


def test_cross_entropies(mnist, mean_image):
    nats = {"mean image": mean_image["nats"],
            "perfect reconstruction (entropy floor)": metrics.entropy_floor(mnist.x_test)}
    printed = rows("nats per image")
    assert printed == {answer: [as_printed(nats[answer], a), as_printed(nats[answer] / 784, b)]
                       for answer, (a, b) in printed.items()}
    assert len(printed) == 2


def test_the_ledger_names_what_the_package_returns():
    table = PAGE.split("## The loss ledger")[1].split("## ")[0]
    units = re.findall(r"^\| [^|]+ \| `(\w+)` \|", table, re.M)
    assert units == list(metrics.loss_ledger([[0.0, 1.0]], [[0.5, 0.5]]))
