"""Checks of the fields of a spec: each puts the value into its field in the type that it stands for."""
import operator

from aebook.errors import SpecError

__all__ = ["flag", "index", "number", "one_of", "real", "whole", "wholes"]


def index(value, field, low, error=SpecError):
    """Return a whole number of at least `low` as an int, or raise that error."""
    try:
        if isinstance(value, bool):
            raise TypeError
        found = operator.index(value)
    except TypeError:
        raise error(f"{field} must be a whole number, not {value!r}.") from None
    if found < low:
        raise error(f"{field} must be at least {low}, not {found}.")
    return found


def real(value, field, low, high, include_low=False, include_high=False):
    """Return a number between `low` and `high` as a float, or raise a SpecError."""
    try:
        found = float(value)
    except (TypeError, ValueError):
        raise SpecError(f"{field} must be a number, not {value!r}.") from None
    if not (low < found < high or include_low and found == low or include_high and found == high):
        brackets = "(["[include_low], ")]"[include_high]
        raise SpecError(f"{field} must lie in {brackets[0]}{low}, {high}{brackets[1]}, not {value!r}.")
    return found


def whole(spec, field, low):
    """A whole number of at least `low`."""
    object.__setattr__(spec, field, index(getattr(spec, field), field, low))


def wholes(spec, field, example, length=None):
    """A tuple of positive whole numbers, of a given length if one is given; it may be empty otherwise."""
    value = getattr(spec, field)
    if isinstance(value, (str, bytes)) or not hasattr(value, "__iter__"):
        raise SpecError(f"{field} must be a tuple such as {example}, not {value!r}.")
    found = tuple(index(v, field, 1) for v in value)
    if length is not None and len(found) != length:
        raise SpecError(f"{field} must be {length} numbers such as {example}, not {found}.")
    object.__setattr__(spec, field, found)


def number(spec, field, low, high, include_low=False):
    """A number between `low` and `high`."""
    object.__setattr__(spec, field, real(getattr(spec, field), field, low, high, include_low))


def one_of(spec, field, known):
    """One of a few names."""
    value = getattr(spec, field)
    if value not in known:
        raise SpecError(f"{field} must be one of {', '.join(map(repr, known))}, not {value!r}.")


def flag(spec, field):
    """True or False."""
    if not isinstance(getattr(spec, field), bool):
        raise SpecError(f"{field} must be True or False, not {getattr(spec, field)!r}.")
