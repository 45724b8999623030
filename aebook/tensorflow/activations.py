"""Activation functions by name, with one convention for both frameworks."""
import math

import tensorflow as tf

from aebook.tensorflow.arrays import floating

__all__ = ["activation", "activation_grad"]

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


def step(a, below):
    """1 above zero, `below` at and below it, NaN at NaN."""
    return tf.where(a > 0, tf.ones_like(a), tf.where(a <= 0, tf.constant(below, a.dtype), a))


def gelu_grad(a):
    b = tf.clip_by_value(a, -40, 40)  # beyond, exp(-b^2 / 2) is 0 even in float64, and a^2 may overflow
    return 0.5 * (1 + tf.math.erf(a / math.sqrt(2))) + b * tf.exp(-0.5 * b**2) / math.sqrt(2 * math.pi)


DERIVATIVES = {
    "linear": lambda a: tf.where(tf.math.is_nan(a), a, tf.ones_like(a)),
    "relu": lambda a: step(a, 0.0),
    "leaky_relu": lambda a: step(a, 0.01),
    "sigmoid": lambda a: tf.sigmoid(a) * tf.sigmoid(-a),
    "tanh": lambda a: 4 * tf.sigmoid(2 * a) * tf.sigmoid(-2 * a),  # 1 - tanh^2 without cancellation
    "elu": lambda a: tf.exp(-tf.nn.relu(-a)),
    "gelu": gelu_grad,
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
    return FUNCTIONS[name](floating(a))


def activation_grad(name, a):
    """Return the derivative f'(a) for the activation function of that name.

    At the kink at 0, relu has derivative 0 and leaky_relu 0.01.

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
    >>> activation_grad("sigmoid", tf.constant([0.0])).numpy().tolist()
    [0.25]
    """
    return DERIVATIVES[name](floating(a))
