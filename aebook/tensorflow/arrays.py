"""Between NumPy and the framework's tensors."""
import numpy as np
import tensorflow as tf

__all__ = ["device", "from_numpy", "to_numpy"]


def device():
    """Return where new models and tensors live: the first GPU if there is one, else the CPU.

    Returns
    -------
    str

    Examples
    --------
    >>> device() in ("CPU:0", "GPU:0")
    True
    """
    return "GPU:0" if tf.config.list_physical_devices("GPU") else "CPU:0"


def from_numpy(array, dtype="float32"):
    """Return a tensor with the values of a NumPy array, on `device()`.

    Parameters
    ----------
    array : array_like
    dtype : str
        Name of the tensor's dtype.

    Returns
    -------
    tf.Tensor
        May share memory with the array.

    Examples
    --------
    >>> from_numpy([1, 2]).dtype
    tf.float32
    """
    with tf.device(device()):
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
