"""Corruption of the input, which a denoising autoencoder learns to undo."""
import tensorflow as tf

from aebook.tensorflow.arrays import floating, standard_normal, uniform

__all__ = ["gaussian_noise", "masking_noise", "salt_and_pepper"]


def gaussian_noise(x, scale, eps=None, rng=None):
    """Return x with Gaussian noise added: x + scale eps, eps from N(0, 1).

    Parameters
    ----------
    x : tf.Tensor of shape (batch, features)
    scale : float
        Standard deviation of the noise, units of the data.
    eps : tf.Tensor of shape (batch, features), optional
        Standard normal noise; drawn in NumPy if absent, alike in both frameworks.
    rng : int or numpy.random.Generator, optional
        Where to draw eps from.

    Returns
    -------
    tf.Tensor of shape (batch, features)

    References
    ----------
    Vincent et al. (2008, 2010).

    Examples
    --------
    >>> import tensorflow as tf
    >>> gaussian_noise(tf.constant([[0.5, 0.5]]), 0.25, eps=tf.constant([[1.0, -2.0]])).numpy().tolist()
    [[0.75, 0.0]]
    """
    x = floating(x)
    eps = standard_normal(x, rng) if eps is None else tf.cast(eps, x.dtype)
    return x + scale * eps


def masking_noise(x, rate, u=None, rng=None):
    """Return x with about a fraction `rate` of its entries set to 0: those with u < rate.

    Parameters
    ----------
    x : tf.Tensor of shape (batch, features)
    rate : float
        Probability of an entry being masked, in [0, 1].
    u : tf.Tensor of shape (batch, features), optional
        Uniform in [0, 1); drawn in NumPy if absent, alike in both frameworks.
    rng : int or numpy.random.Generator, optional
        Where to draw u from.

    Returns
    -------
    tf.Tensor of shape (batch, features)

    References
    ----------
    Vincent et al. (2008, 2010).

    Examples
    --------
    >>> import tensorflow as tf
    >>> masking_noise(tf.constant([[0.5, 0.5]]), 0.25, u=tf.constant([[0.2, 0.9]])).numpy().tolist()
    [[0.0, 0.5]]
    """
    x = floating(x)
    u = uniform(x, rng) if u is None else tf.cast(u, tf.float64)  # float64: u < rate as NumPy decides it
    return tf.where(u < rate, tf.zeros_like(x), x)


def salt_and_pepper(x, rate, u=None, rng=None):
    """Return x with about a fraction `rate` of its entries set to 0 or 1, the ends of their range.

    Entries with u < rate / 2 become 0, those with rate / 2 <= u < rate become 1.

    Parameters
    ----------
    x : tf.Tensor of shape (batch, features)
        In [0, 1].
    rate : float
        Probability of an entry being replaced, in [0, 1].
    u : tf.Tensor of shape (batch, features), optional
        Uniform in [0, 1); drawn in NumPy if absent, alike in both frameworks.
    rng : int or numpy.random.Generator, optional
        Where to draw u from.

    Returns
    -------
    tf.Tensor of shape (batch, features)

    References
    ----------
    Vincent et al. (2008, 2010).

    Examples
    --------
    >>> import tensorflow as tf
    >>> salt_and_pepper(tf.constant([[0.5, 0.5, 0.5]]), 0.5, u=tf.constant([[0.2, 0.4, 0.9]])).numpy().tolist()
    [[0.0, 1.0, 0.5]]
    """
    x = floating(x)
    u = uniform(x, rng) if u is None else tf.cast(u, tf.float64)  # float64: u < rate as NumPy decides it
    return tf.where(u < rate / 2, tf.zeros_like(x), tf.where(u < rate, tf.ones_like(x), x))
