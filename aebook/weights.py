"""The canonical weight layout that both twins read and write: NumPy arrays, dense kernels (in, out)."""
import numpy as np

from aebook.errors import WeightsError

__all__ = ["check_weights"]


def check_weights(weights, shapes):
    """Return `weights` as arrays if they fit a model, or say which tensor does not.

    Parameters
    ----------
    weights : dict of str to array_like
    shapes : dict of str to tuple
        What the model expects.

    Returns
    -------
    dict of str to ndarray

    Raises
    ------
    WeightsError
        If a name is missing or unknown, a shape differs, or a value is not finite.

    Examples
    --------
    >>> check_weights({"b": [0.0, 1.0]}, {"b": (2,)})["b"].shape
    (2,)
    """
    missing, unknown = sorted(set(shapes) - set(weights)), sorted(set(weights) - set(shapes))
    if missing or unknown:
        raise WeightsError("The weights do not belong to this model: "
                           + "; ".join(f"{what} {', '.join(names)}" for what, names
                                       in (("missing", missing), ("unknown", unknown)) if names) + ".")
    arrays = {name: np.asarray(weights[name]) for name in shapes}
    for name, array in arrays.items():
        if array.shape != tuple(shapes[name]):
            raise WeightsError(f"{name} has shape {array.shape}; the model expects {tuple(shapes[name])}.")
        if array.dtype.kind not in "fiu" or not np.isfinite(array).all():
            raise WeightsError(f"{name} holds values that are not finite numbers.")
    return arrays
