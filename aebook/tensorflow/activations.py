"""Activation functions by name, with one convention for both frameworks."""
import math

import tensorflow as tf

__all__ = ["activation"]

# tf.nn.leaky_relu and tf.nn.gelu hold their constants in float32, which costs a float64 model
# nine digits; so these two are written out.
FUNCTIONS = {
    "linear": lambda a: a,
    "relu": tf.nn.relu,
    "leaky_relu": lambda a: tf.where(a > 0, a, 0.01 * a),
    "sigmoid": tf.sigmoid,
    "tanh": tf.tanh,
    "elu": tf.nn.elu,
    "gelu": lambda a: 0.5 * a * (1 + tf.math.erf(a / math.sqrt(2))),
}


def activation(name, a):
    """Return f(a) for the activation function of that name.

    Conventions: leaky_relu has slope 0.01 below zero, elu has alpha = 1, gelu is the exact one.

    Parameters
    ----------
    name : str
        One of `aebook.specs.ACTIVATIONS`.
    a : tf.Tensor
        Pre-activations Wx + b.

    Returns
    -------
    tf.Tensor of the same shape

    Examples
    --------
    >>> import tensorflow as tf
    >>> activation("relu", tf.constant([-1.0, 2.0])).numpy().tolist()
    [0.0, 2.0]
    """
    return FUNCTIONS[name](a)
