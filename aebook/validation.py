"""What data may enter a model, and a message that says which row and column may not."""
import numpy as np

from aebook.errors import DataError
from aebook.specs.checks import index

__all__ = ["check_count", "check_data"]


def check_count(n, name):
    """Return how many are wanted as an int of at least 1, or say what is wrong with it.

    Parameters
    ----------
    n : int
    name : str
        What the caller calls it, for the message.

    Returns
    -------
    int

    Raises
    ------
    DataError
        If n is not a whole number of at least 1.

    Examples
    --------
    >>> check_count(3, "samples")
    3
    """
    return index(n, name, 1, DataError)


def check_data(x, n_features, *, dtype="float32", unit_interval=False, name="x", first_row=0):
    """Return `x` as a 2-d array of the wanted dtype, or say what is wrong with it.

    Parameters
    ----------
    x : array_like of shape (examples, n_features)
    n_features : int
        Features of an example that the model expects.
    dtype : str
        Precision of the model.
    unit_interval : bool
        Whether values must lie in [0, 1], as the Bernoulli likelihood demands.
    name : str
        What the caller calls the array, for the message.
    first_row : int
        Where the array starts in the data it is a part of, for the message.

    Returns
    -------
    ndarray of shape (examples, n_features)
        Not copied when it already has the right dtype and layout.

    Raises
    ------
    DataError
        If the array is not numeric, empty, of another shape, not finite, or out of range.

    Examples
    --------
    >>> check_data([[0, 1]], n_features=2).dtype
    dtype('float32')
    """
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise DataError(f"{name} is no rectangular array: {str(error).rstrip('.')}.") from None
    if x.dtype.kind not in "fiub":
        raise DataError(f"{name} has dtype {x.dtype}; numbers are needed. "
                        "Encode categories as numbers first, for example one-hot.")
    if x.ndim != 2 or x.shape[1] != n_features:
        hint = ""
        if x.ndim == 1 and len(x) == n_features:
            hint = f" For one example, pass {name}[None]."
        elif x.ndim > 2 and np.prod(x.shape[1:]) == n_features:
            hint = f" Flatten each example: {name}.reshape(len({name}), -1)."
        raise DataError(f"{name} has shape {x.shape}; the model expects (examples, {n_features}).{hint}")
    if len(x) == 0:
        raise DataError(f"{name} holds no examples.")
    with np.errstate(over="ignore", invalid="ignore"):
        x = np.ascontiguousarray(x, dtype=dtype)
        total = x.sum(dtype=np.float64)
    if not np.isfinite(total):  # one cheap pass; where it fails, look for the culprit
        _reject(~np.isfinite(x), x, name, first_row, f"is not finite in {dtype}",
                "Remove or impute such values before training.")
    if unit_interval and (x.min() < 0 or x.max() > 1):
        _reject((x < 0) | (x > 1), x, name, first_row, "lies outside [0, 1], which the Bernoulli likelihood needs",
                "Scale the data (pixels: divide by 255), or use likelihood='gaussian'.")
    return x


def _reject(bad, x, name, first_row, what, remedy):
    if not bad.any():
        return
    rows, columns = np.nonzero(bad)
    columns_hit = np.unique(columns)
    shown = ", ".join(map(str, columns_hit[:5])) + (", ..." if len(columns_hit) > 5 else "")
    raise DataError(f"{name}[{first_row + rows[0]}, {columns[0]}] = {x[rows[0], columns[0]]:g} {what}. {len(rows)} of "
                    f"{x.size} values are such, in {len(columns_hit)} of {x.shape[1]} columns ({shown}). {remedy}")
