"""Normalization over the batch."""
import tensorflow as tf

from aebook.tensorflow.arrays import floating

__all__ = ["batch_norm"]


def batch_norm(x, gamma, beta, epsilon=1e-5):
    """Return gamma (x - m) / sqrt(v + epsilon) + beta, m and v the mean and variance over the batch.

    v is divided by the number of values, not by one less: a batch of one gives beta.

    Parameters
    ----------
    x : tf.Tensor of shape (batch, ..., channels)
        Mean and variance are those of a channel over all other axes.
    gamma, beta : tf.Tensor of shape (channels,)
        Scale and shift.
    epsilon : float
        Guard against division by zero, in squared units of x.

    Returns
    -------
    tf.Tensor of the shape of x

    References
    ----------
    Ioffe and Szegedy (2015), Algorithm 1.

    Examples
    --------
    >>> import tensorflow as tf
    >>> x, gamma, beta = tf.constant([[1.0], [3.0]]), tf.constant([2.0]), tf.constant([5.0])
    >>> batch_norm(x, gamma, beta, epsilon=0).numpy().tolist()
    [[3.0], [7.0]]
    """
    x = floating(x)
    mean, variance = tf.nn.moments(x, axes=list(range(x.shape.rank - 1)))
    return gamma * ((x - mean) * tf.math.rsqrt(variance + epsilon)) + beta
