"""Dropout: hidden units that are absent at random while the model trains."""
import tensorflow as tf

from aebook.tensorflow.arrays import floating, uniform

__all__ = ["dropout"]


def dropout(x, rate, u=None, rng=None):
    """Return x with about a fraction `rate` of its entries set to 0, those with u < rate, the others x / (1 - rate).

    The division keeps the mean: nothing needs to be scaled when the model is used.

    Parameters
    ----------
    x : tf.Tensor of shape (batch, ...)
    rate : float
        Probability of an entry being dropped, in [0, 1).
    u : tf.Tensor that broadcasts to the shape of x, optional
        Uniform in [0, 1); drawn in NumPy if absent, alike in both frameworks.
    rng : int or numpy.random.Generator, optional
        Where to draw u from.

    Returns
    -------
    tf.Tensor of the shape of x

    References
    ----------
    Srivastava et al. (2014), section 10, for the scaling during training.

    Examples
    --------
    >>> import tensorflow as tf
    >>> dropout(tf.ones((1, 2)), 0.5, u=tf.constant([[0.2, 0.9]])).numpy().tolist()
    [[0.0, 2.0]]
    """
    x = floating(x)
    u = uniform(x, rng) if u is None else tf.cast(u, tf.float64)  # float64: u < rate as NumPy decides it
    return tf.where(u < rate, tf.zeros_like(x), x / (1 - rate))
