"""Sparse codes: how active units are on average, how far that is from a target, and the k largest."""
import math

import torch

from aebook.torch.arrays import floating

__all__ = ["mean_activity", "bernoulli_kl", "keep_largest"]

EPSILON = 2.0**-23  # 1 - EPSILON is a float32


def mean_activity(z):
    """Return the mean activity of each unit over the batch: rho_hat_j = mean over examples of z_j.

    The mean over an empty batch is 0.

    Parameters
    ----------
    z : torch.Tensor of shape (batch, units)

    Returns
    -------
    torch.Tensor of shape (units,)
        Units of z.

    References
    ----------
    Ng (2011).

    Examples
    --------
    >>> import torch
    >>> mean_activity(torch.tensor([[1.0, 0.0], [0.0, 0.0]])).tolist()
    [0.5, 0.0]
    """
    return floating(z).sum(0) / max(len(z), 1)


def bernoulli_kl(rho_hat, rho):
    """Return the divergence of mean activities from their target: sum_j KL(rho || rho_hat_j).

    KL(rho || r) = rho log(rho / r) + (1 - rho) log((1 - rho) / (1 - r)) between Bernoulli
    distributions. At r = 0 and 1 it is infinite with infinite slope, which times the slope 0 of a
    saturated unit would make the gradient NaN. So within 2^-23 of 0 and 1 (and beyond) it goes on
    along its tangent: large, finite, and pushing inward.

    Parameters
    ----------
    rho_hat : torch.Tensor of shape (units,)
        Mean activity of each unit, in [0, 1].
    rho : float
        Target activity, in (0, 1).

    Returns
    -------
    torch.Tensor, a scalar
        Nats.

    References
    ----------
    Ng (2011).

    Examples
    --------
    >>> import torch
    >>> round(bernoulli_kl(torch.tensor([0.5]), 0.1).item(), 6)
    0.368064
    """
    rho_hat = floating(rho_hat)
    r = torch.clamp(rho_hat, EPSILON, 1 - EPSILON)
    nats = rho * (math.log(rho) - torch.log(r)) + (1 - rho) * (math.log1p(-rho) - torch.log1p(-r))
    slope = (r - rho) / (r * (1 - r))
    return torch.sum(nats + slope * (rho_hat - r))


def keep_largest(z, k):
    """Return codes with all but the k largest values of each row set to 0.

    Of equal values the one with the lowest index is kept; NaN counts as largest. The gradient
    passes through what is kept.

    Parameters
    ----------
    z : torch.Tensor of shape (batch, units)
    k : int
        How many values to keep; all of them if there are no more than k.

    Returns
    -------
    torch.Tensor of shape (batch, units)

    References
    ----------
    Makhzani and Frey (2013).

    Examples
    --------
    >>> import torch
    >>> keep_largest(torch.tensor([[1.0, 3.0, 3.0, 3.0]]), k=2).tolist()
    [[0.0, 3.0, 3.0, 0.0]]
    """
    z = floating(z)
    # torch.topk breaks ties arbitrarily; a stable sort does not
    nan_first = torch.where(torch.isnan(z), math.inf, z)
    order = torch.sort(nan_first, dim=-1, descending=True, stable=True).indices
    keep = torch.zeros_like(z, dtype=torch.bool).scatter(-1, order[..., :k], True)
    return torch.where(keep, z, 0)
