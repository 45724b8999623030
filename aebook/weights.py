"""The canonical weight layout that both twins read and write: NumPy arrays, kernels (..., in, out)."""
import math

import numpy as np

from aebook.errors import WeightsError

__all__ = ["check_weights", "weight_shapes"]


def weight_shapes(spec, code_dim=None):
    """Return the name and shape of every weight of an autoencoder, without making any.

    Parameters
    ----------
    spec : MLP, Conv or Recurrent
    code_dim : int, optional
        What the encoder puts out, where that is not `latent_dim`.

    Returns
    -------
    dict of str to tuple
        `encoder.0.weight`, `encoder.0.bias` and so on. Dense kernels are (in, out), kernels of
        convolutions (height, width, in, out), of transposed ones (height, width, out, in). GRU
        layers have their gates side by side, in the order update, reset, candidate. Normalized
        layers have gamma, beta, running_mean and running_var instead of a bias.

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> weight_shapes(MLP(input_dim=4, hidden_dims=(), latent_dim=2))["encoder.0.weight"]
    (4, 2)
    """
    return SHAPES[type(spec).__name__](spec, code_dim or spec.latent_dim)


def mlp_shapes(spec, code_dim):
    """Those of an MLP."""
    shapes, encoder_dims = {}, (*spec.encoder_dims[:-1], code_dim)
    for part, dims in (("encoder", encoder_dims), ("decoder", spec.decoder_dims)):
        for i, (fan_in, fan_out) in enumerate(zip(dims, dims[1:])):
            if part == "encoder" or not spec.tied:
                shapes[f"{part}.{i}.weight"] = (fan_in, fan_out)
            shapes |= shift_shapes(f"{part}.{i}", fan_out, spec.batch_norm and i < len(dims) - 2)
    return shapes


def conv_shapes(spec, code_dim):
    """Those of a convolutional autoencoder."""
    shapes, channels = {}, (spec.image_shape[2], *spec.channels)
    size, stages = math.prod(spec.map_shape), len(spec.channels)
    for i, (a, b) in enumerate(zip(channels, channels[1:])):
        shapes[f"encoder.{i}.weight"] = (4, 4, a, b)
        shapes |= shift_shapes(f"encoder.{i}", b, spec.batch_norm)
    shapes |= {f"encoder.{stages}.weight": (size, code_dim), f"encoder.{stages}.bias": (code_dim,)}
    shapes["decoder.0.weight"] = (spec.latent_dim, size)
    shapes |= shift_shapes("decoder.0", channels[-1] if spec.batch_norm else size, spec.batch_norm)
    for i, (a, b) in enumerate(zip(channels[::-1], channels[-2::-1]), start=1):
        shapes[f"decoder.{i}.weight"] = (4, 4, b, a)
        shapes |= shift_shapes(f"decoder.{i}", b, spec.batch_norm and i < stages)
    return shapes


def recurrent_shapes(spec, code_dim):
    """Those of a recurrent autoencoder."""
    shapes, n = {}, len(spec.hidden_dims)
    features = spec.sequence_shape[1]
    for part, dims, out in (("encoder", (features, *spec.hidden_dims), code_dim),
                            ("decoder", (spec.latent_dim, *spec.hidden_dims[::-1]), features)):
        for i, (a, b) in enumerate(zip(dims, dims[1:])):
            shapes |= {f"{part}.{i}.weight": (a, 3 * b), f"{part}.{i}.recurrent_weight": (b, 3 * b),
                       f"{part}.{i}.bias": (3 * b,), f"{part}.{i}.recurrent_bias": (3 * b,)}
        shapes |= {f"{part}.{n}.weight": (dims[-1], out), f"{part}.{n}.bias": (out,)}
    return shapes


def shift_shapes(layer, channels, normalized):
    """What a layer adds to its products: a bias, or the scale, shift and statistics of a normalization."""
    names = ("gamma", "beta", "running_mean", "running_var") if normalized else ("bias",)
    return {f"{layer}.{name}": (channels,) for name in names}


SHAPES = {"MLP": mlp_shapes, "Conv": conv_shapes, "Recurrent": recurrent_shapes}


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
        If a name is missing or unknown, a shape differs, a value is not finite, or a variance is
        negative.

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
        if name.endswith("running_var") and array.min() < 0:
            raise WeightsError(f"{name} holds a negative variance.")
    return arrays
