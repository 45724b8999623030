"""Corruption of the input, which a denoising autoencoder learns to undo."""
import numpy as np

__all__ = ["gaussian_noise", "gaussian_noise_grad", "masking_noise", "masking_noise_grad",
           "salt_and_pepper", "salt_and_pepper_grad"]


def _uniform(x, u, rng):
    return np.random.default_rng(rng).random(np.shape(x)) if u is None else np.asarray(u, np.float64)


def gaussian_noise(x, scale, eps=None, rng=None):
    """Return x with Gaussian noise added: x + scale eps, eps from N(0, 1).

    Parameters
    ----------
    x : array_like of shape (batch, features)
    scale : float
        Standard deviation of the noise, units of the data.
    eps : array_like of shape (batch, features), optional
        Standard normal noise; drawn in NumPy if absent, alike in both frameworks.
    rng : int or numpy.random.Generator, optional
        Where to draw eps from.

    Returns
    -------
    ndarray of shape (batch, features)

    References
    ----------
    Vincent et al. (2008, 2010).

    Examples
    --------
    >>> gaussian_noise([[0.5, 0.5]], 0.25, eps=[[1.0, -2.0]]).tolist()
    [[0.75, 0.0]]
    """
    x = np.asarray(x, np.float64)
    eps = np.random.default_rng(rng).standard_normal(x.shape) if eps is None else np.asarray(eps, np.float64)
    return x + scale * eps


def gaussian_noise_grad(x, scale, eps=None, rng=None):
    """Return the derivative of each entry of `gaussian_noise` with respect to its x: 1.

    Parameters
    ----------
    x : array_like of shape (batch, features)
    scale : float
    eps : array_like of shape (batch, features), optional
    rng : int or numpy.random.Generator, optional

    Returns
    -------
    ndarray of shape (batch, features)

    Examples
    --------
    >>> gaussian_noise_grad([[0.5, 0.5]], 0.25).tolist()
    [[1.0, 1.0]]
    """
    return np.ones(np.shape(x))


def masking_noise(x, rate, u=None, rng=None):
    """Return x with about a fraction `rate` of its entries set to 0: those with u < rate.

    Parameters
    ----------
    x : array_like of shape (batch, features)
    rate : float
        Probability of an entry being masked, in [0, 1].
    u : array_like of shape (batch, features), optional
        Uniform in [0, 1); drawn in NumPy if absent, alike in both frameworks.
    rng : int or numpy.random.Generator, optional
        Where to draw u from.

    Returns
    -------
    ndarray of shape (batch, features)

    References
    ----------
    Vincent et al. (2008, 2010).

    Examples
    --------
    >>> masking_noise([[0.5, 0.5]], 0.25, u=[[0.2, 0.9]]).tolist()
    [[0.0, 0.5]]
    """
    return np.where(_uniform(x, u, rng) < rate, 0, np.asarray(x, np.float64))


def masking_noise_grad(x, rate, u=None, rng=None):
    """Return the derivative of each entry of `masking_noise` with respect to its x: 1 where u >= rate, else 0.

    Parameters
    ----------
    x : array_like of shape (batch, features)
    rate : float
    u : array_like of shape (batch, features), optional
    rng : int or numpy.random.Generator, optional

    Returns
    -------
    ndarray of shape (batch, features)

    Examples
    --------
    >>> masking_noise_grad([[0.5, 0.5]], 0.25, u=[[0.2, 0.9]]).tolist()
    [[0.0, 1.0]]
    """
    return (_uniform(x, u, rng) >= rate) * 1.0


def salt_and_pepper(x, rate, u=None, rng=None):
    """Return x with about a fraction `rate` of its entries set to 0 or 1, the ends of their range.

    Entries with u < rate / 2 become 0, those with rate / 2 <= u < rate become 1.

    Parameters
    ----------
    x : array_like of shape (batch, features)
        In [0, 1].
    rate : float
        Probability of an entry being replaced, in [0, 1].
    u : array_like of shape (batch, features), optional
        Uniform in [0, 1); drawn in NumPy if absent, alike in both frameworks.
    rng : int or numpy.random.Generator, optional
        Where to draw u from.

    Returns
    -------
    ndarray of shape (batch, features)

    References
    ----------
    Vincent et al. (2008, 2010).

    Examples
    --------
    >>> salt_and_pepper([[0.5, 0.5, 0.5]], 0.5, u=[[0.2, 0.4, 0.9]]).tolist()
    [[0.0, 1.0, 0.5]]
    """
    u = _uniform(x, u, rng)
    return np.where(u < rate / 2, 0, np.where(u < rate, 1, np.asarray(x, np.float64)))


def salt_and_pepper_grad(x, rate, u=None, rng=None):
    """Return the derivative of each entry of `salt_and_pepper` with respect to its x: 1 where u >= rate, else 0.

    Parameters
    ----------
    x : array_like of shape (batch, features)
    rate : float
    u : array_like of shape (batch, features), optional
    rng : int or numpy.random.Generator, optional

    Returns
    -------
    ndarray of shape (batch, features)

    Examples
    --------
    >>> salt_and_pepper_grad([[0.5, 0.5, 0.5]], 0.5, u=[[0.2, 0.4, 0.9]]).tolist()
    [[0.0, 0.0, 1.0]]
    """
    return (_uniform(x, u, rng) >= rate) * 1.0
