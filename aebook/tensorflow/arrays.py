"""Between NumPy and the framework's tensors."""
import functools

import numpy as np
import tensorflow as tf

from aebook.devices import choose

__all__ = ["device", "from_numpy", "to_numpy"]


def device(name=None):
    """Return where new models and tensors live: the first GPU if there is one, else the CPU.

    Parameters
    ----------
    name : str, optional
        "cpu", "gpu", or "gpu:1" for the second GPU; "cuda" means the same as "gpu". Without it,
        the environment variable AEBOOK_DEVICE decides, where it is set.

    Returns
    -------
    str

    Raises
    ------
    DeviceError
        If there is no such device.

    Examples
    --------
    >>> device("cpu")
    'CPU:0'
    """
    kind, number = choose(name, len(tf.config.get_visible_devices("GPU")), "TensorFlow")
    return f"{kind.upper()}:{number or 0}"


device_named = device  # for functions with a parameter called device


def where(model):
    """The device of a model's weights."""
    return model.kl_weight.device


def beside_the_model(function):
    """A function of a model that computes on the model's device, graphs included."""
    @functools.wraps(function)
    def placed(model, *args, **kwargs):
        with tf.device(where(model)):
            return function(model, *args, **kwargs)
    return placed


def from_numpy(array, dtype="float32", device=None):
    """Return a tensor with the values of a NumPy array, on `device()` or where it is asked to be.

    Parameters
    ----------
    array : array_like
    dtype : str
        Name of the tensor's dtype.
    device : str, optional
        Another than `device()`.

    Returns
    -------
    tf.Tensor
        May share memory with the array.

    Examples
    --------
    >>> from_numpy([1, 2]).dtype
    tf.float32
    """
    with tf.device(device_named() if device is None else device):
        return tf.convert_to_tensor(np.asarray(array, dtype))


def floating(tensor):
    """The tensor itself, or as float32 if it holds integers, whose arithmetic would wrap around."""
    tensor = tf.convert_to_tensor(tensor)
    return tensor if tensor.dtype.is_floating else tf.cast(tensor, tf.float32)


def standard_normal(like, rng):
    """Standard normal noise from NumPy, of the shape and dtype of a tensor; a tf.function draws anew in each call."""
    return tf.cast(_drawn(np.random.default_rng(rng).standard_normal, like), like.dtype)


def uniform(like, rng):
    """Noise from NumPy, uniform in [0, 1), of the shape of a tensor, in float64; likewise."""
    return _drawn(np.random.default_rng(rng).random, like)


def _drawn(draw, like):
    noise = tf.numpy_function(lambda shape: np.asarray(draw(shape)), [tf.shape(like)], tf.float64)
    return tf.ensure_shape(noise, like.shape)


def to_numpy(tensor):
    """Return a NumPy array with the values of a tensor.

    Parameters
    ----------
    tensor : tf.Tensor

    Returns
    -------
    ndarray

    Examples
    --------
    >>> to_numpy(from_numpy([1.0, 2.0])).tolist()
    [1.0, 2.0]
    """
    return tf.convert_to_tensor(tensor).numpy()
