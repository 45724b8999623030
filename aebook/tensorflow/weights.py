"""Weights in and out, in the layout that both frameworks share."""
import keras
import tensorflow as tf

from aebook.specs import Custom
from aebook.tensorflow.arrays import to_numpy
from aebook.tensorflow.dense import TiedDense
from aebook.weights import check_weights

__all__ = ["get_weights", "set_weights"]

# Canonical name -> Keras's; Keras's layout is the canonical one, but for the two biases of a GRU.
KERNEL = {"weight": "kernel", "bias": "bias"}
LAYERS = {
    keras.layers.Dense: KERNEL,
    TiedDense: {"bias": "bias"},
    keras.layers.Conv2D: KERNEL,
    keras.layers.Conv2DTranspose: KERNEL,
    keras.layers.GRU: {"weight": "kernel", "recurrent_weight": "recurrent_kernel", "biases": "bias"},
    keras.layers.BatchNormalization: {"gamma": "gamma", "beta": "beta", "running_mean": "moving_mean",
                                      "running_var": "moving_variance"},
}


def variables(model):
    """Each variable of a model by its canonical name; `biases` are both of a GRU, one a row."""
    found = {}
    for part in ("encoder", "decoder"):
        module = getattr(model, part)
        if isinstance(model.spec, Custom):
            found |= {f"{part}.{i}.{v.name}": v for i, v in enumerate(module.weights)}
            continue
        i = -1
        for layer in module.layers:
            i += type(layer) in LAYERS and not isinstance(layer, keras.layers.BatchNormalization)
            holder = getattr(layer, "cell", layer)
            for name, attribute in LAYERS.get(type(layer), {}).items():
                if getattr(holder, attribute) is not None:
                    found[f"{part}.{i}.{name}"] = getattr(holder, attribute)
    return found


def canonical(tensors):
    """Tensors that are named as `variables` names them, in the canonical layout."""
    out = {}
    for name, tensor in tensors.items():
        if name.endswith(".biases"):
            layer = name.removesuffix("biases")
            out[f"{layer}bias"], out[f"{layer}recurrent_bias"] = tensor[0], tensor[1]
        else:
            out[name] = tensor
    return out


def named_tensors(model):
    """Each weight by its canonical name, in the canonical layout; gradients flow through."""
    return canonical(variables(model))


def kernels(model):
    """The weight matrices and kernels of a model: what l1 and l2 penalize."""
    return [v for name, v in variables(model).items() if name.endswith(("weight", "kernel")) and len(v.shape) > 1]


def get_weights(model):
    """Return a copy of a model's weights as NumPy arrays in the canonical layout.

    Parameters
    ----------
    model : Autoencoder

    Returns
    -------
    dict of str to ndarray
        `encoder.0.weight` of shape (in, out), `encoder.0.bias` of shape (out,), and so on, as
        `aebook.weights` describes. Of an encoder and decoder of your own: their variables.

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
    weights = check_weights(weights, {name: tuple(t.shape) for name, t in named_tensors(model).items()})
    for name, variable in variables(model).items():
        if name.endswith(".biases"):
            layer = name.removesuffix("biases")
            variable.assign(tf.stack([weights[f"{layer}bias"], weights[f"{layer}recurrent_bias"]]))
        else:
            variable.assign(weights[name])
