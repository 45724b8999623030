"""A sentence the reader relies on, checked where it stands."""
import operator
import sys

from aebook.errors import ClaimError, SpecError

__all__ = ["claim"]

RELATIONS = {"<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge, "==": operator.eq}


def claim(sentence, value, relation, bound, *, data=None):
    """Print a sentence if it is true, and raise with the numbers if it is not.

    In a notebook the numbers travel in the metadata of the output, so that the printed text is
    the same on every machine.

    Parameters
    ----------
    sentence : str
        What is claimed, in words.
    value : float
        The measured number.
    relation : {"<", "<=", ">", ">=", "=="}
    bound : float
        What the number is compared with.
    data : Images, optional
        For a claim about one data set: on stand-in data the sentence is printed as not judged.

    Raises
    ------
    ClaimError
        If the relation does not hold. NaN satisfies none.

    Examples
    --------
    >>> claim("A half is less than one", 0.5, "<", 1)
    ✓ A half is less than one
    """
    if relation not in RELATIONS:
        raise SpecError(f"relation must be one of {', '.join(map(repr, RELATIONS))}, not {relation!r}.")
    value, bound = float(value), float(bound)
    judged = data is None or not data.stand_in
    if judged and not RELATIONS[relation](value, bound):
        raise ClaimError(f"This does not hold: {sentence} ({value:.6g} {relation} {bound:.6g} is false).")
    text = f"✓ {sentence}" if judged else f"(not judged on {data.source}: {sentence})"
    about = {} if data is None else {"data": data.source}
    _show(text, {"sentence": sentence, "value": value, "relation": relation, "bound": bound, "judged": judged} | about)


def _show(text, numbers):
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    if getattr(shell, "kernel", None) is None:
        print(text)
        return
    from IPython.display import display
    display({"text/plain": text}, raw=True, metadata={"aebook": {"claim": numbers}})
