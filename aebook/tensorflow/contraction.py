"""The contractive penalty: how strongly a one-layer code reacts to small changes of its input."""
import tensorflow as tf

from aebook.tensorflow.activations import activation_grad
from aebook.tensorflow.arrays import floating
from aebook.tensorflow.losses import per_example

__all__ = ["contractive_penalty"]


def contractive_penalty(w, a, activation="sigmoid"):
    """Return the squared Frobenius norm of the Jacobian of z = f(a), a = xW + b, mean over examples.

    For one layer dz_j / dx_i = f'(a_j) W_ij, so the norm is sum_j f'(a_j)^2 sum_i W_ij^2: no
    Jacobian needs to be formed.

    Parameters
    ----------
    w : tf.Tensor of shape (features, units)
        Canonical layout, the transpose of PyTorch's `Linear.weight`.
    a : tf.Tensor of shape (batch, units)
        Pre-activations.
    activation : str
        f, one of `aebook.specs.ACTIVATIONS`.

    Returns
    -------
    tf.Tensor, a scalar
        Squared units of the code per squared unit of the data.

    References
    ----------
    Rifai et al. (2011), for the sigmoid.

    Examples
    --------
    >>> import tensorflow as tf
    >>> contractive_penalty(tf.constant([[4.0], [4.0]]), tf.zeros((1, 1))).numpy().item()
    2.0
    """
    w, a = floating(w), floating(a)
    norms = tf.reduce_sum(tf.square(w), axis=0)
    slopes = tf.square(activation_grad(activation, a))
    # no 0 * inf: where the slope is 0 the weights do not matter, however large
    norms = tf.where((slopes == 0) & tf.math.is_inf(norms), tf.zeros_like(slopes), norms)
    return per_example(slopes * norms)
