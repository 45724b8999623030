"""claim: prints what is true, raises with the numbers where it is not, abstains on stand-in data."""
import types

import pytest

from aebook import claim
from aebook.errors import ClaimError, SpecError

REAL, STAND_IN = (types.SimpleNamespace(stand_in=s, source=n) for s, n in ((False, "mnist"), (True, "digits")))


@pytest.mark.parametrize("value, relation, bound", [(1, "<", 2), (2, "<=", 2), (3, ">", 2), (2, ">=", 2), (2, "==", 2)])
def test_true_claims_are_printed(value, relation, bound, capsys):
    claim("So it is", value, relation, bound, data=REAL)
    assert capsys.readouterr().out == "✓ So it is\n"


@pytest.mark.parametrize("value, relation, bound", [
    (2, "<", 2), (3, "<=", 2), (2, ">", 2), (1, ">=", 2), (1, "==", 2), (float("nan"), "<", 2), (1, "<", float("nan"))])
def test_false_claims_raise_with_both_numbers(value, relation, bound):
    with pytest.raises(ClaimError, match=f"So it is.*{value:g} {relation} {bound:g}"):
        claim("So it is", value, relation, bound)


def test_stand_in_data_are_not_judged(capsys):
    claim("About MNIST", 5, "<", 2, data=STAND_IN)
    assert "not judged on digits" in capsys.readouterr().out


def test_unknown_relation():
    with pytest.raises(SpecError, match="relation"):
        claim("x", 1, "!=", 2)


def test_in_a_notebook_the_numbers_travel_in_the_metadata():
    nbformat = pytest.importorskip("nbformat")
    from nbclient import NotebookClient
    cell = nbformat.v4.new_code_cell("import aebook\naebook.claim('So it is', 1/3, '<', 2)\n"
                                     "aebook.claim('So are digits', 1/3, '<', 2, data=aebook.data.load('digits'))")
    nb = NotebookClient(nbformat.v4.new_notebook(cells=[cell]), kernel_name="python3").execute()
    output, about_digits = nb.cells[0].outputs
    assert about_digits.metadata.aebook.claim.data == "digits"
    assert output.data == {"text/plain": "✓ So it is"}
    assert output.metadata.aebook.claim == {"sentence": "So it is", "value": 1 / 3, "relation": "<", "bound": 2,
                                            "judged": True}
