"""Sparse codes: how active units are on average, how far that is from a target, and the k largest."""
import math

import tensorflow as tf

from aebook.tensorflow.arrays import floating

__all__ = ["mean_activity", "bernoulli_kl", "keep_largest"]

EPSILON = 2.0**-23  # 1 - EPSILON is a float32


def mean_activity(z):
    """Return the mean activity of each unit over the batch: rho_hat_j = mean over examples of z_j.

    The mean over an empty batch is 0.

    Parameters
    ----------
    z : tf.Tensor of shape (batch, units)

    Returns
    -------
    tf.Tensor of shape (units,)
        Units of z.

    References
    ----------
    Ng (2011).

    Examples
    --------
    >>> import tensorflow as tf
    >>> mean_activity(tf.constant([[1.0, 0.0], [0.0, 0.0]])).numpy().tolist()
    [0.5, 0.0]
    """
    z = floating(z)
    return tf.reduce_sum(z, axis=0) / tf.cast(tf.maximum(tf.shape(z)[0], 1), z.dtype)


def bernoulli_kl(rho_hat, rho):
    """Return the divergence of mean activities from their target: sum_j KL(rho || rho_hat_j).

    KL(rho || r) = rho log(rho / r) + (1 - rho) log((1 - rho) / (1 - r)) between Bernoulli
    distributions. At r = 0 and 1 it is infinite with infinite slope, which times the slope 0 of a
    saturated unit would make the gradient NaN. So within 2^-23 of 0 and 1 (and beyond) it goes on
    along its tangent: large, finite, and pushing inward.

    Parameters
    ----------
    rho_hat : tf.Tensor of shape (units,)
        Mean activity of each unit, in [0, 1].
    rho : float
        Target activity, in (0, 1).

    Returns
    -------
    tf.Tensor, a scalar
        Nats.

    References
    ----------
    Ng (2011).

    Examples
    --------
    >>> import tensorflow as tf
    >>> round(bernoulli_kl(tf.constant([0.5]), 0.1).numpy().item(), 6)
    0.368064
    """
    rho_hat = floating(rho_hat)
    r = tf.clip_by_value(rho_hat, EPSILON, 1 - EPSILON)
    nats = rho * (math.log(rho) - tf.math.log(r)) + (1 - rho) * (math.log1p(-rho) - tf.math.log1p(-r))
    slope = (r - rho) / (r * (1 - r))
    return tf.reduce_sum(nats + slope * (rho_hat - r))


def keep_largest(z, k):
    """Return codes with all but the k largest values of each row set to 0.

    Of equal values the one with the lowest index is kept; NaN counts as largest. The gradient
    passes through what is kept.

    Parameters
    ----------
    z : tf.Tensor of shape (batch, units)
    k : int
        How many values to keep; all of them if there are no more than k.

    Returns
    -------
    tf.Tensor of shape (batch, units)

    References
    ----------
    Makhzani and Frey (2013).

    Examples
    --------
    >>> import tensorflow as tf
    >>> keep_largest(tf.constant([[1.0, 3.0, 3.0, 3.0]]), k=2).numpy().tolist()
    [[0.0, 3.0, 3.0, 0.0]]
    """
    z = floating(z)
    nan_first = tf.where(tf.math.is_nan(z), tf.constant(math.inf, z.dtype), z)
    order = tf.argsort(nan_first, direction="DESCENDING", stable=True)
    rank = tf.argsort(order)  # the place of each entry in its row's order
    return tf.where(rank < k, z, tf.zeros_like(z))
