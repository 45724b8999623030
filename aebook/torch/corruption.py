"""Corruption of the input, which a denoising autoencoder learns to undo."""
import torch

from aebook.torch.arrays import floating, standard_normal, uniform

__all__ = ["gaussian_noise", "masking_noise", "salt_and_pepper"]


def gaussian_noise(x, scale, eps=None, rng=None):
    """Return x with Gaussian noise added: x + scale eps, eps from N(0, 1).

    Parameters
    ----------
    x : torch.Tensor of shape (batch, features)
    scale : float
        Standard deviation of the noise, units of the data.
    eps : torch.Tensor of shape (batch, features), optional
        Standard normal noise; drawn in NumPy if absent, alike in both frameworks.
    rng : int or numpy.random.Generator, optional
        Where to draw eps from.

    Returns
    -------
    torch.Tensor of shape (batch, features)

    References
    ----------
    Vincent et al. (2008, 2010).

    Examples
    --------
    >>> import torch
    >>> gaussian_noise(torch.tensor([[0.5, 0.5]]), 0.25, eps=torch.tensor([[1.0, -2.0]])).tolist()
    [[0.75, 0.0]]
    """
    x = floating(x)
    eps = standard_normal(x, rng) if eps is None else eps.to(x.dtype)
    return x + scale * eps


def masking_noise(x, rate, u=None, rng=None):
    """Return x with about a fraction `rate` of its entries set to 0: those with u < rate.

    Parameters
    ----------
    x : torch.Tensor of shape (batch, features)
    rate : float
        Probability of an entry being masked, in [0, 1].
    u : torch.Tensor of shape (batch, features), optional
        Uniform in [0, 1); drawn in NumPy if absent, alike in both frameworks.
    rng : int or numpy.random.Generator, optional
        Where to draw u from.

    Returns
    -------
    torch.Tensor of shape (batch, features)

    References
    ----------
    Vincent et al. (2008, 2010).

    Examples
    --------
    >>> import torch
    >>> masking_noise(torch.tensor([[0.5, 0.5]]), 0.25, u=torch.tensor([[0.2, 0.9]])).tolist()
    [[0.0, 0.5]]
    """
    x = floating(x)
    u = uniform(x, rng) if u is None else u.double()  # float64: u < rate as NumPy decides it
    return torch.where(u < rate, 0, x)


def salt_and_pepper(x, rate, u=None, rng=None):
    """Return x with about a fraction `rate` of its entries set to 0 or 1, the ends of their range.

    Entries with u < rate / 2 become 0, those with rate / 2 <= u < rate become 1.

    Parameters
    ----------
    x : torch.Tensor of shape (batch, features)
        In [0, 1].
    rate : float
        Probability of an entry being replaced, in [0, 1].
    u : torch.Tensor of shape (batch, features), optional
        Uniform in [0, 1); drawn in NumPy if absent, alike in both frameworks.
    rng : int or numpy.random.Generator, optional
        Where to draw u from.

    Returns
    -------
    torch.Tensor of shape (batch, features)

    References
    ----------
    Vincent et al. (2008, 2010).

    Examples
    --------
    >>> import torch
    >>> salt_and_pepper(torch.tensor([[0.5, 0.5, 0.5]]), 0.5, u=torch.tensor([[0.2, 0.4, 0.9]])).tolist()
    [[0.0, 1.0, 0.5]]
    """
    x = floating(x)
    u = uniform(x, rng) if u is None else u.double()  # float64: u < rate as NumPy decides it
    return torch.where(u < rate / 2, 0, torch.where(u < rate, 1, x))
