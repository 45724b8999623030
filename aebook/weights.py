"""The canonical weight layout that both twins read and write: NumPy arrays, dense kernels (in, out)."""
import numpy as np

from aebook.errors import WeightsError

__all__ = ["check_weights", "weight_shapes"]


def weight_shapes(spec, code_dim=None):
    """Return the name and shape of every weight of an autoencoder, without making any.

    Parameters
    ----------
    spec : MLP
    code_dim : int, optional
        What the encoder puts out, where that is not `latent_dim`.

    Returns
    -------
    dict of str to tuple
        `encoder.0.weight`: (in, out), `encoder.0.bias`: (out,), and so on.

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> weight_shapes(MLP(input_dim=4, hidden_dims=(), latent_dim=2))["encoder.0.weight"]
    (4, 2)
    """
    shapes = {}
    encoder_dims = (*spec.encoder_dims[:-1], code_dim or spec.latent_dim)
    for part, dims in (("encoder", encoder_dims), ("decoder", spec.decoder_dims)):
        for i, (fan_in, fan_out) in enumerate(zip(dims, dims[1:])):
            if part == "encoder" or not spec.tied:
                shapes[f"{part}.{i}.weight"] = (fan_in, fan_out)
            shapes[f"{part}.{i}.bias"] = (fan_out,)
    return shapes


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
