r"""Each displayed equation that defines a function of the package says which one, and the two agree.

In a chapter such an equation is followed by the comment `<!-- equation: NAME -->`. Here each is written out once
more, symbol by symbol as the page has it, in plain loops over numbers, and compared on random input with the oracle
and with both frameworks; a function of `metrics` is compared alone.
"""
import math
import re
from pathlib import Path

import nbformat
import numpy as np
import pytest

import aebook
from aebook import metrics, reference

ROOT = Path(__file__).parents[1]
MARK = re.compile(r"\$\$(?:[^$]+)\$\$\s*<!-- equation: (\w+) -->")
ANY_MARK = re.compile(r"<!-- equation:")
rng = np.random.default_rng(20)


def chapters():
    return sorted(path for path in (ROOT / "book").rglob("*.ipynb")
                  if not any(part.startswith((".", "_")) for part in path.relative_to(ROOT).parts))


def prose(path):
    return "\n\n".join(c.source for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown")


def kl_of_coins(p, q):
    return p * math.log(p / q) + (1 - p) * math.log((1 - p) / (1 - q))


X, X_HAT = rng.random((7, 5)), rng.random((7, 5))
A = rng.normal(size=(7, 5))
MU, LOG_VAR, EPS = rng.normal(size=(3, 7, 5))
ORTHONORMAL, ORTHONORMAL_TOO = np.linalg.qr(rng.normal(size=(2, 5, 5)))[0]
N, D = X.shape
cells = [(j, i) for j in range(N) for i in range(D)]

# name of the function -> what the equation gives, the arguments of the function
EQUATIONS = {
    "squared_error": (
        sum((X[j, i] - X_HAT[j, i]) ** 2 for j, i in cells) / N,
        (X, X_HAT)),
    "pca_error": (
        sum(sorted(np.linalg.eigvalsh(
            [[sum((X[j, p] - X[:, p].mean()) * (X[j, q] - X[:, q].mean()) for j in range(N)) / N for q in range(D)]
             for p in range(D)]))[:D - 2]),
        (X, X, 2)),
    "l1_penalty": (
        sum(abs(A[j, i]) for j, i in cells),
        (A,)),
    "l2_penalty": (
        sum(A[j, i] ** 2 for j, i in cells),
        (A,)),
    "dropout": (
        [[0 if X[j, i] < 0.3 else A[j, i] / (1 - 0.3) for i in range(D)] for j in range(N)],
        (A, 0.3, X)),
    "principal_angles": (
        np.arccos(sorted(np.linalg.svd(ORTHONORMAL[:, :2].T @ ORTHONORMAL_TOO[:, :2])[1])),
        (ORTHONORMAL[:, :2], ORTHONORMAL_TOO[:, :2])),
    "mean_activity": (
        [sum(X[i, j] for i in range(N)) / N for j in range(D)],
        (X,)),
    "bernoulli_kl": (
        sum(kl_of_coins(0.05, r) for r in X[0]),
        (X[0], 0.05)),
    "reparameterize": (
        [[MU[j, i] + math.exp(LOG_VAR[j, i] / 2) * EPS[j, i] for i in range(D)] for j in range(N)],
        (MU, LOG_VAR, EPS)),
    "gaussian_kl": (
        sum((MU[j, i] ** 2 + math.exp(LOG_VAR[j, i]) - 1 - LOG_VAR[j, i]) / 2 for j, i in cells) / N,
        (MU, LOG_VAR)),
    "gaussian_nll": (
        sum(math.log(2 * math.pi) + LOG_VAR[j, i] + (X[j, i] - MU[j, i]) ** 2 / math.exp(LOG_VAR[j, i])
            for j, i in cells) / 2 / N,
        (X, MU, LOG_VAR)),
    "bernoulli_nll_from_probabilities": (
        -sum(X[j, i] * math.log(X_HAT[j, i]) + (1 - X[j, i]) * math.log(1 - X_HAT[j, i]) for j, i in cells) / N,
        (X, X_HAT)),
    "bernoulli_nll": (
        sum(max(A[j, i], 0) - A[j, i] * X[j, i] + math.log(1 + math.exp(-abs(A[j, i]))) for j, i in cells) / N,
        (X, A)),
    "bernoulli_nll_grad": (
        [[(1 / (1 + math.exp(-A[j, i])) - X[j, i]) / N for i in range(D)] for j in range(N)],
        (X, A)),
    "iwae_bound": (
        sum(math.log(sum(math.exp(A[j, k]) for j in range(N)) / N) for k in range(D)) / D,
        (A,)),
}


def value(answer):
    return np.asarray(answer, dtype=float)


def test_the_equations_that_are_marked_are_those_tested():
    assert {name for path in chapters() for name in MARK.findall(prose(path))} == set(EQUATIONS)


@pytest.mark.parametrize("path", chapters(), ids=lambda path: path.stem)
def test_each_mark_follows_a_displayed_equation_and_its_chapter_names_the_function(path):
    text = prose(path)
    marked = MARK.findall(text)
    assert len(marked) == len(ANY_MARK.findall(text))
    for name in marked:
        assert re.search(rf"`(?:\w+\.)*{name}(?:\(.*?\))?`", text), name


@pytest.mark.parametrize("name", EQUATIONS)
def test_the_equation_gives_what_the_package_gives(name):
    written_out, arguments = EQUATIONS[name]
    if hasattr(metrics, name):
        np.testing.assert_allclose(value(getattr(metrics, name)(*arguments)), value(written_out), rtol=1e-9, atol=1e-12)
        return
    np.testing.assert_allclose(value(getattr(reference, name)(*arguments)), value(written_out), rtol=1e-12, atol=1e-12)
    if name.endswith("_grad"):
        return          # the oracle's alone: the frameworks differentiate, and test_contract.py compares
    for ae in aebook.twins():
        tensors = [ae.from_numpy(a.astype("float32")) if isinstance(a, np.ndarray) else a for a in arguments]
        np.testing.assert_allclose(ae.to_numpy(getattr(ae, name)(*tensors)), value(written_out), rtol=1e-5, atol=1e-6)
