"""Sparse codes: how active units are on average, how far that is from a target, and the k largest."""
import numpy as np
from scipy.special import xlogy

__all__ = ["mean_activity", "mean_activity_grad", "bernoulli_kl", "bernoulli_kl_grad",
           "keep_largest", "keep_largest_grad"]

EPSILON = 2.0**-23  # 1 - EPSILON is a float32


def mean_activity(z):
    """Return the mean activity of each unit over the batch: rho_hat_j = mean over examples of z_j.

    The mean over an empty batch is 0.

    Parameters
    ----------
    z : array_like of shape (batch, units)

    Returns
    -------
    ndarray of shape (units,)
        Units of z.

    References
    ----------
    Ng (2011).

    Examples
    --------
    >>> mean_activity([[1.0, 0.0], [0.0, 0.0]]).tolist()
    [0.5, 0.0]
    """
    z = np.asarray(z, np.float64)
    return z.sum(0) / max(len(z), 1)


def mean_activity_grad(z):
    """Return the derivative of each unit's mean activity with respect to its own z: 1 / batch.

    Parameters
    ----------
    z : array_like of shape (batch, units)

    Returns
    -------
    ndarray of shape (batch, units)

    Examples
    --------
    >>> mean_activity_grad([[1.0, 0.0], [0.0, 0.0]]).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    return np.full(np.shape(z), 1 / max(len(z), 1))


def bernoulli_kl(rho_hat, rho):
    """Return the divergence of mean activities from their target: sum_j KL(rho || rho_hat_j).

    KL(rho || r) = rho log(rho / r) + (1 - rho) log((1 - rho) / (1 - r)) between Bernoulli
    distributions. At r = 0 and 1 it is infinite with infinite slope, which times the slope 0 of a
    saturated unit would make the gradient NaN. So within 2^-23 of 0 and 1 (and beyond) it goes on
    along its tangent: large, finite, and pushing inward.

    Parameters
    ----------
    rho_hat : array_like of shape (units,)
        Mean activity of each unit, in [0, 1].
    rho : float
        Target activity, in (0, 1).

    Returns
    -------
    float
        Nats.

    References
    ----------
    Ng (2011).

    Examples
    --------
    >>> round(bernoulli_kl([0.5], 0.1), 6)
    0.368064
    """
    rho_hat = np.asarray(rho_hat, np.float64)
    r = np.clip(rho_hat, EPSILON, 1 - EPSILON)
    nats = xlogy(rho, rho / r) + xlogy(1 - rho, (1 - rho) / (1 - r))
    return float(np.sum(nats + bernoulli_kl_grad(rho_hat, rho) * (rho_hat - r)))


def bernoulli_kl_grad(rho_hat, rho):
    """Return the gradient of `bernoulli_kl` with respect to rho_hat: (r - rho) / (r (1 - r)).

    Parameters
    ----------
    rho_hat : array_like of shape (units,)
        r is rho_hat, kept within [2^-23, 1 - 2^-23].
    rho : float

    Returns
    -------
    ndarray of shape (units,)

    Examples
    --------
    >>> bernoulli_kl_grad([0.5], 0.25).tolist()
    [1.0]
    """
    r = np.clip(np.asarray(rho_hat, np.float64), EPSILON, 1 - EPSILON)
    return (r - rho) / (r * (1 - r))


def keep_largest(z, k):
    """Return codes with all but the k largest values of each row set to 0.

    Of equal values the one with the lowest index is kept; NaN counts as largest. The gradient
    passes through what is kept.

    Parameters
    ----------
    z : array_like of shape (batch, units)
    k : int
        How many values to keep; all of them if there are no more than k.

    Returns
    -------
    ndarray of shape (batch, units)

    References
    ----------
    Makhzani and Frey (2013).

    Examples
    --------
    >>> keep_largest([[1.0, 3.0, 3.0, 3.0]], k=2).tolist()
    [[0.0, 3.0, 3.0, 0.0]]
    """
    z = np.asarray(z, np.float64)
    return np.where(keep_largest_grad(z, k) == 1, z, 0)


def keep_largest_grad(z, k):
    """Return the derivative of each entry of `keep_largest`: 1 where it is kept, else 0.

    Parameters
    ----------
    z : array_like of shape (batch, units)
    k : int

    Returns
    -------
    ndarray of shape (batch, units)

    Examples
    --------
    >>> keep_largest_grad([[1.0, 3.0, 3.0, 3.0]], k=2).tolist()
    [[0.0, 1.0, 1.0, 0.0]]
    """
    z = np.asarray(z, np.float64)
    order = np.argsort(-np.where(np.isnan(z), np.inf, z), axis=-1, kind="stable")
    kept = np.zeros_like(z)
    np.put_along_axis(kept, order[..., :k], 1, axis=-1)
    return kept
