"""Gaussian codes: sampling them, their divergence from the prior, and bounds on the log-likelihood."""
import math

import torch

from aebook.torch.arrays import floating, standard_normal

__all__ = ["gaussian_kl", "reparameterize", "elbo", "iwae_bound"]


def gaussian_kl(mu, log_var):
    """Return the divergence of Gaussian codes from the prior: KL(N(mu, exp(log_var)) || N(0, 1)).

    Equals 1/2 sum_j [exp(log_var_j) - 1 - log_var_j + mu_j^2], averaged over the batch. Near the
    prior exp(v) - 1 - v is about v^2 / 2, which float32 rounds away. It is computed in float64 in any
    case: the relative error is 2e-16 / |v|.

    Parameters
    ----------
    mu, log_var : torch.Tensor of shape (batch, latent)
        Means and logarithms of the variances, diagonal covariance.

    Returns
    -------
    torch.Tensor, a scalar
        Nats per example.

    References
    ----------
    Kingma and Welling (2014), appendix B.

    Examples
    --------
    >>> import torch
    >>> gaussian_kl(torch.tensor([[1.0, 0.0]]), torch.zeros(1, 2)).item()
    0.5
    """
    dtype = floating(mu).dtype
    mu, log_var = mu.double(), log_var.double()
    nats = 0.5 * (torch.expm1(log_var) - log_var + mu**2)
    return (nats.sum() / max(len(mu), 1)).to(dtype)


def reparameterize(mu, log_var, eps=None, rng=None):
    """Return codes drawn from N(mu, exp(log_var)) as z = mu + exp(log_var / 2) eps, eps from N(0, 1).

    Where eps is 0, z is mu, even if exp(log_var / 2) overflows.

    Parameters
    ----------
    mu, log_var : torch.Tensor of shape (batch, latent)
    eps : torch.Tensor of shape (batch, latent), optional
        Standard normal noise; drawn in NumPy if absent, alike in both frameworks.
    rng : int or numpy.random.Generator, optional
        Where to draw eps from.

    Returns
    -------
    torch.Tensor of shape (batch, latent)

    References
    ----------
    Kingma and Welling (2014), section 2.4.

    Examples
    --------
    >>> import torch
    >>> mu, log_var = torch.tensor([[1.0, 0.0]]), torch.zeros(1, 2)
    >>> reparameterize(mu, log_var, eps=torch.tensor([[2.0, 3.0]])).tolist()
    [[3.0, 3.0]]
    """
    mu, log_var = floating(mu), floating(log_var)
    eps = standard_normal(mu, rng) if eps is None else eps.to(mu.dtype)
    no_noise = (eps == 0) & torch.isinf(torch.exp(0.5 * log_var))  # no inf * 0, in the gradient neither
    return mu + torch.exp(0.5 * torch.where(no_noise, 0, log_var)) * eps


def elbo(nll, kl, beta=1.0):
    """Return the evidence lower bound from its two parts: ELBO = -nll - beta KL.

    With beta = 1 it is a lower bound on log p(x). nll is the negative log-likelihood of x given z,
    any of the losses in nats (averaged over draws of z); KL is the divergence of the code from the
    prior. A bound is to be maximized: the loss of a variational autoencoder is -ELBO.

    Parameters
    ----------
    nll, kl : torch.Tensor
        Nats per example, of the same shape.
    beta : float
        Weight of the divergence; not 1 in a beta-VAE and while it warms up.

    Returns
    -------
    torch.Tensor of that shape
        Nats per example.

    References
    ----------
    Kingma and Welling (2014), equation 3; Higgins et al. (2017) for beta.

    Examples
    --------
    >>> import torch
    >>> elbo(torch.tensor(80.0), torch.tensor(20.0)).item()
    -100.0
    """
    return -floating(nll) - beta * floating(kl)


def iwae_bound(log_w):
    """Return the importance-weighted bound on log p(x): log(1/k sum_k w_k), averaged over the batch.

    w_k = p(x, z_k) / q(z_k | x) for k draws of the code from the encoder's q. With k = 1 it is the
    ELBO; it grows with k toward log p(x). The sum is taken by logsumexp, since the weights
    themselves underflow. Where all of them are zero it is -infinity, and its gradient 0.

    Parameters
    ----------
    log_w : torch.Tensor of shape (k, batch)
        Logarithms of the weights, nats.

    Returns
    -------
    torch.Tensor, a scalar
        Nats per example.

    References
    ----------
    Burda, Grosse and Salakhutdinov (2016).

    Examples
    --------
    >>> import torch
    >>> round(iwae_bound(torch.tensor([[-1000.0], [-1000.0]])).item(), 3)
    -1000.0
    """
    log_w = floating(log_w)
    impossible = (log_w == -math.inf).all(0)
    bounds = torch.logsumexp(torch.where(impossible, 0, log_w), 0) - math.log(len(log_w))
    bounds = torch.where(impossible, -math.inf, bounds)
    return bounds.sum() / max(len(bounds), 1)
