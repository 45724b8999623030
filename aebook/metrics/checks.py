"""What may enter a metric: numbers of the right shape, all of them finite."""
from numbers import Integral, Real

import numpy as np

from aebook.errors import DataError
from aebook.validation import check_data


def matrix(x, name, shape="(examples, features)"):
    """Return x as a finite float matrix, one row per example; float32 stays float32, all else becomes float64."""
    try:
        x = np.asarray(x)
    except ValueError as error:
        raise DataError(f"{name} is no rectangular array: {str(error).rstrip('.')}.") from None
    if x.ndim < 2 or x.size == 0:
        raise DataError(f"{name} needs the shape {shape}, neither of them zero, not {x.shape}.")
    x = x.reshape(len(x), -1)
    return check_data(x, x.shape[1], dtype="float32" if x.dtype == np.float32 else "float64", name=name)


def pair(x, x_hat, names=("x", "x_hat")):
    """Return both as finite float matrices, after making sure that they have one shape."""
    rows = matrix(x, names[0]), matrix(x_hat, names[1])
    if np.shape(x) != np.shape(x_hat):
        raise DataError(f"{names[0]} and {names[1]} need one shape, not {np.shape(x)} and {np.shape(x_hat)}.")
    return rows


def same_features(a, b, names):
    """Make sure that two matrices have as many columns."""
    if a.shape[1] != b.shape[1]:
        raise DataError(f"{names[0]} and {names[1]} need as many features, not {a.shape[1]} and {b.shape[1]}.")


def labels(y, n_examples, name="y"):
    """Return y as a vector of whole numbers or strings, one per example."""
    try:
        y = np.asarray(y)
    except ValueError as error:
        raise DataError(f"{name} is no rectangular array: {str(error).rstrip('.')}.") from None
    if y.shape != (n_examples,):
        raise DataError(f"{name} needs one label per example, shape ({n_examples},), not {y.shape}.")
    if y.dtype.kind == "O" and all(isinstance(label, str) for label in y):
        y = y.astype(str)
    if y.dtype.kind not in "biuU" and not (y.dtype.kind == "f" and np.isfinite(y).all() and (y == y.round()).all()):
        raise DataError(f"{name} needs whole numbers or strings as labels, none of them missing.")
    return y


def between(value, low, high, name):
    """Make sure that a count is a whole number from low to high, the most that the examples allow."""
    if high < low:
        raise DataError(f"There are too few examples for any {name}, even {low}.")
    if not isinstance(value, Integral) or not low <= value <= high:
        raise DataError(f"{name} must be a whole number between {low} and {high}, not {value!r}.")


def threshold(value):
    """Make sure that a threshold is zero or more."""
    if not (isinstance(value, Real) and value >= 0):
        raise DataError(f"threshold must be zero or more, not {value!r}.")
