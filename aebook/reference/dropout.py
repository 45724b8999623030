"""Dropout: hidden units that are absent at random while the model trains."""
import numpy as np

__all__ = ["dropout", "dropout_grad"]


def dropout(x, rate, u=None, rng=None):
    """Return x with about a fraction `rate` of its entries set to 0, those with u < rate, the others x / (1 - rate).

    The division keeps the mean: nothing needs to be scaled when the model is used.

    Parameters
    ----------
    x : array_like of shape (batch, ...)
    rate : float
        Probability of an entry being dropped, in [0, 1).
    u : array_like that broadcasts to the shape of x, optional
        Uniform in [0, 1); drawn in NumPy if absent, alike in both frameworks.
    rng : int or numpy.random.Generator, optional
        Where to draw u from.

    Returns
    -------
    ndarray of the shape of x

    References
    ----------
    Srivastava et al. (2014), section 10, for the scaling during training.

    Examples
    --------
    >>> dropout([[1.0, 1.0]], 0.5, u=[[0.2, 0.9]]).tolist()
    [[0.0, 2.0]]
    """
    x = np.asarray(x, np.float64)
    return np.where(_uniform(x, u, rng) < rate, 0, x / (1 - rate))


def dropout_grad(x, rate, u=None, rng=None):
    """Return the derivative of each entry of `dropout` with respect to its x: 0 or 1 / (1 - rate).

    Parameters
    ----------
    x : array_like of shape (batch, ...)
    rate : float
    u : array_like that broadcasts to the shape of x, optional
    rng : int or numpy.random.Generator, optional

    Returns
    -------
    ndarray of the shape of x

    Examples
    --------
    >>> dropout_grad([[1.0, 1.0]], 0.5, u=[[0.2, 0.9]]).tolist()
    [[0.0, 2.0]]
    """
    x = np.asarray(x, np.float64)
    return np.where(_uniform(x, u, rng) < rate, 0, np.ones(x.shape) / (1 - rate))


def _uniform(x, u, rng):
    return np.random.default_rng(rng).random(np.shape(x)) if u is None else np.asarray(u, np.float64)
