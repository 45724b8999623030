"""Weights in and out, in the layout that both frameworks share."""
import keras

from aebook.tensorflow.arrays import to_numpy
from aebook.tensorflow.layers import TiedDense
from aebook.weights import check_weights

__all__ = ["get_weights", "set_weights"]


def named_tensors(model):
    """Each weight by its canonical name; Keras's own layout is the canonical one (in, out)."""
    tensors = {}
    for part in ("encoder", "decoder"):
        layers = [m for m in getattr(model, part).layers if isinstance(m, (keras.layers.Dense, TiedDense))]
        for i, layer in enumerate(layers):
            if isinstance(layer, keras.layers.Dense):
                tensors[f"{part}.{i}.weight"] = layer.kernel
            tensors[f"{part}.{i}.bias"] = layer.bias
    return tensors


def get_weights(model):
    """Return a copy of a model's weights as NumPy arrays in the canonical layout.

    Parameters
    ----------
    model : Autoencoder

    Returns
    -------
    dict of str to ndarray
        `encoder.0.weight` of shape (in, out), `encoder.0.bias` of shape (out,), and so on.

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> from aebook.tensorflow import Autoencoder
    >>> get_weights(Autoencoder(MLP(4, (3,), 2)))["encoder.0.weight"].shape
    (4, 3)
    """
    return {name: to_numpy(t).copy() for name, t in named_tensors(model).items()}


def set_weights(model, weights):
    """Set a model's weights from NumPy arrays in the canonical layout.

    Parameters
    ----------
    model : Autoencoder
    weights : dict of str to array_like
        As `get_weights` of either twin returns them.

    Raises
    ------
    WeightsError
        If a name is missing or unknown, a shape differs, or a value is not finite; the model is
        then left as it was.

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> from aebook.tensorflow import Autoencoder
    >>> a, b = Autoencoder(MLP(4, (3,), 2), seed=0), Autoencoder(MLP(4, (3,), 2), seed=1)
    >>> set_weights(b, get_weights(a))
    """
    tensors = named_tensors(model)
    weights = check_weights(weights, {name: tuple(t.shape) for name, t in tensors.items()})
    for name, tensor in tensors.items():
        tensor.assign(weights[name])
