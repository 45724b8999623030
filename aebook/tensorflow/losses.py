"""Reconstruction losses: summed over features, averaged over the batch.

The mean over an empty batch is 0, not 0/0. The data x may be of any dtype, uint8 pixels included:
they are converted to that of the other arguments first, where arithmetic does not wrap around.
"""
import math

import tensorflow as tf

from aebook.tensorflow.arrays import floating

__all__ = ["squared_error", "bernoulli_nll", "bernoulli_nll_from_probabilities", "gaussian_nll"]


def per_example(values):
    """The sum over everything but the batch, averaged over the batch; 0 for an empty one."""
    return tf.reduce_sum(values) / tf.cast(tf.maximum(tf.shape(values)[0], 1), values.dtype)


def squared_error(x, x_hat):
    """Return the squared error of a reconstruction: mean over examples of sum_i (x_i - x_hat_i)^2.

    Parameters
    ----------
    x, x_hat : tf.Tensor of shape (batch, features)

    Returns
    -------
    tf.Tensor, a scalar
        Squared units of the data, per example.

    Examples
    --------
    >>> import tensorflow as tf
    >>> squared_error(tf.constant([[1.0, 2.0]]), tf.zeros((1, 2))).numpy().item()
    5.0
    """
    x_hat = floating(x_hat)
    return per_example(tf.math.squared_difference(x_hat, tf.cast(x, x_hat.dtype)))


def bernoulli_nll(x, logits):
    """Return the Bernoulli negative log-likelihood of data in [0, 1] from logits a.

    With p = sigmoid(a), -log p(x) = sum_i [max(a_i, 0) - a_i x_i + log(1 + exp(-|a_i|))]. For x
    strictly between 0 and 1 this is the cross-entropy of x relative to p.

    Parameters
    ----------
    x, logits : tf.Tensor of shape (batch, features)

    Returns
    -------
    tf.Tensor, a scalar
        Nats per example.

    Examples
    --------
    >>> import tensorflow as tf
    >>> round(bernoulli_nll(tf.ones((1, 1)), tf.zeros((1, 1))).numpy().item(), 6)  # log 2
    0.693147
    """
    logits = floating(logits)
    return per_example(tf.nn.sigmoid_cross_entropy_with_logits(labels=tf.cast(x, logits.dtype), logits=logits))


def bernoulli_nll_from_probabilities(x, p):
    """Return the Bernoulli negative log-likelihood of data in [0, 1] from probabilities p.

    -log p(x) = -sum_i [x_i log p_i + (1 - x_i) log(1 - p_i)] with 0 log 0 = 0. Infinite, as is its
    gradient, where p excludes what happened (p_i = 0 < x_i or p_i = 1 > x_i). Train on
    `bernoulli_nll`, which stays finite: in float32 a sigmoid is exactly 1 from logits of 17 on.

    Parameters
    ----------
    x, p : tf.Tensor of shape (batch, features)

    Returns
    -------
    tf.Tensor, a scalar
        Nats per example.

    Examples
    --------
    >>> import tensorflow as tf
    >>> x, p = tf.constant([[1.0, 0.0]]), tf.constant([[0.5, 0.0]])
    >>> round(bernoulli_nll_from_probabilities(x, p).numpy().item(), 6)  # log 2
    0.693147
    """
    p = floating(p)
    x = tf.cast(x, p.dtype)
    return per_example(-tf.math.xlogy(x, p) - tf.math.xlog1py(1 - x, -p))  # 0 log 0 = 0, gradient included


def gaussian_nll(x, mu, log_var):
    """Return the Gaussian negative log-likelihood with a mean and a log-variance per feature.

    -log p(x) = 1/2 sum_i [log(2 pi) + log_var_i + (x_i - mu_i)^2 exp(-log_var_i)].

    Parameters
    ----------
    x, mu, log_var : tf.Tensor of shape (batch, features)

    Returns
    -------
    tf.Tensor, a scalar
        Nats per example; a density, so it may be negative.

    References
    ----------
    Kingma and Welling (2014), appendix C.2.

    Examples
    --------
    >>> import tensorflow as tf
    >>> zero = tf.zeros((1, 1))
    >>> round(gaussian_nll(zero, zero, zero).numpy().item(), 6)  # log(2 pi) / 2
    0.918939
    """
    mu, log_var = floating(mu), floating(log_var)
    error = tf.cast(x, mu.dtype) - mu
    # no 0 * inf: where the error is 0 its variance does not matter, however small
    standardized = error * tf.exp(-0.5 * tf.where(error == 0, tf.zeros_like(log_var), log_var))
    return per_example(0.5 * (math.log(2 * math.pi) + log_var + standardized**2))
