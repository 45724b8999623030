"""Gaussian codes: sampling them, their divergence from the prior, and bounds on the log-likelihood."""
import numpy as np
from scipy.special import logsumexp, softmax

from aebook.reference.losses import per_example

__all__ = ["gaussian_kl", "gaussian_kl_grad", "reparameterize", "reparameterize_grad", "elbo", "elbo_grad",
           "iwae_bound", "iwae_bound_grad"]


def gaussian_kl(mu, log_var):
    """Return the divergence of Gaussian codes from the prior: KL(N(mu, exp(log_var)) || N(0, 1)).

    Equals 1/2 sum_j [exp(log_var_j) - 1 - log_var_j + mu_j^2], averaged over the batch. Near the
    prior exp(v) - 1 - v is about v^2 / 2, which float32 rounds away. Here a
    series replaces it below |v| = 0.01.

    Parameters
    ----------
    mu, log_var : array_like of shape (batch, latent)
        Means and logarithms of the variances, diagonal covariance.

    Returns
    -------
    float
        Nats per example.

    References
    ----------
    Kingma and Welling (2014), appendix B.

    Examples
    --------
    >>> gaussian_kl([[1.0, 0.0]], [[0.0, 0.0]])
    0.5
    """
    mu, v = np.asarray(mu, np.float64), np.asarray(log_var, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        series = v**2 / 2 * (1 + v / 3 * (1 + v / 4 * (1 + v / 5 * (1 + v / 6))))
        return per_example(0.5 * (np.where(np.abs(v) < 0.01, series, np.expm1(v) - v) + mu**2))


def gaussian_kl_grad(mu, log_var):
    """Return the gradients of `gaussian_kl`: mu / batch and expm1(log_var) / (2 batch).

    Parameters
    ----------
    mu, log_var : array_like of shape (batch, latent)

    Returns
    -------
    tuple of two ndarrays of shape (batch, latent)

    Examples
    --------
    >>> [g.tolist() for g in gaussian_kl_grad([[1.0, 0.0]], [[0.0, 0.0]])]
    [[[1.0, 0.0]], [[0.0, 0.0]]]
    """
    mu, log_var = np.asarray(mu, np.float64), np.asarray(log_var, np.float64)
    n = max(len(mu), 1)
    with np.errstate(over="ignore"):
        return mu / n, 0.5 * np.expm1(log_var) / n


def reparameterize(mu, log_var, eps=None, rng=None):
    """Return codes drawn from N(mu, exp(log_var)) as z = mu + exp(log_var / 2) eps, eps from N(0, 1).

    Where eps is 0, z is mu, even if exp(log_var / 2) overflows.

    Parameters
    ----------
    mu, log_var : array_like of shape (batch, latent)
    eps : array_like of shape (batch, latent), optional
        Standard normal noise; drawn in NumPy if absent, alike in both frameworks.
    rng : int or numpy.random.Generator, optional
        Where to draw eps from.

    Returns
    -------
    ndarray of shape (batch, latent)

    References
    ----------
    Kingma and Welling (2014), section 2.4.

    Examples
    --------
    >>> reparameterize([[1.0, 0.0]], [[0.0, 0.0]], eps=[[2.0, 3.0]]).tolist()
    [[3.0, 3.0]]
    """
    mu, log_var = np.asarray(mu, np.float64), np.asarray(log_var, np.float64)
    eps = np.random.default_rng(rng).standard_normal(mu.shape) if eps is None else np.asarray(eps, np.float64)
    with np.errstate(over="ignore", invalid="ignore"):
        std = np.exp(log_var / 2)
        return mu + np.where((eps == 0) & np.isinf(std), 0, std * eps)


def reparameterize_grad(mu, log_var, eps=None, rng=None):
    """Return the derivatives of each z with respect to its mu and log_var: 1 and (z - mu) / 2.

    Parameters
    ----------
    mu, log_var : array_like of shape (batch, latent)
    eps : array_like of shape (batch, latent), optional
    rng : int or numpy.random.Generator, optional

    Returns
    -------
    tuple of two ndarrays of shape (batch, latent)

    Examples
    --------
    >>> [g.tolist() for g in reparameterize_grad([[1.0, 0.0]], [[0.0, 0.0]], eps=[[2.0, 3.0]])]
    [[[1.0, 1.0]], [[1.0, 1.5]]]
    """
    return np.ones(np.shape(mu)), reparameterize(np.zeros(np.shape(mu)), log_var, eps, rng) / 2


def elbo(nll, kl, beta=1.0):
    """Return the evidence lower bound from its two parts: ELBO = -nll - beta KL.

    With beta = 1 it is a lower bound on log p(x). nll is the negative log-likelihood of x given z,
    any of the losses in nats (averaged over draws of z); KL is the divergence of the code from the
    prior. A bound is to be maximized: the loss of a variational autoencoder is -ELBO.

    Parameters
    ----------
    nll, kl : array_like
        Nats per example, of the same shape.
    beta : float
        Weight of the divergence; not 1 in a beta-VAE and while it warms up.

    Returns
    -------
    ndarray of that shape
        Nats per example.

    References
    ----------
    Kingma and Welling (2014), equation 3; Higgins et al. (2017) for beta.

    Examples
    --------
    >>> float(elbo(80.0, 20.0))
    -100.0
    """
    return -np.asarray(nll, np.float64) - beta * np.asarray(kl, np.float64)


def elbo_grad(nll, kl, beta=1.0):
    """Return the derivatives of `elbo` with respect to nll and kl: -1 and -beta.

    Parameters
    ----------
    nll, kl : array_like
    beta : float

    Returns
    -------
    tuple of two ndarrays of that shape

    Examples
    --------
    >>> [float(g) for g in elbo_grad(80.0, 20.0, beta=0.5)]
    [-1.0, -0.5]
    """
    return np.full(np.shape(nll), -1.0), np.full(np.shape(kl), -float(beta))


def iwae_bound(log_w):
    """Return the importance-weighted bound on log p(x): log(1/k sum_k w_k), averaged over the batch.

    w_k = p(x, z_k) / q(z_k | x) for k draws of the code from the encoder's q. With k = 1 it is the
    ELBO; it grows with k toward log p(x). The sum is taken by logsumexp, since the weights
    themselves underflow. Where all of them are zero it is -infinity, and its gradient 0.

    Parameters
    ----------
    log_w : array_like of shape (k, batch)
        Logarithms of the weights, nats.

    Returns
    -------
    float
        Nats per example.

    References
    ----------
    Burda, Grosse and Salakhutdinov (2016).

    Examples
    --------
    >>> round(iwae_bound([[-1000.0], [-1000.0]]), 3)
    -1000.0
    """
    log_w = np.asarray(log_w, np.float64)
    return per_example(logsumexp(log_w, axis=0) - np.log(len(log_w)))


def iwae_bound_grad(log_w):
    """Return the gradient of `iwae_bound`: the normalized weights w_k / sum_k w_k, over the batch size.

    Parameters
    ----------
    log_w : array_like of shape (k, batch)

    Returns
    -------
    ndarray of shape (k, batch)

    Examples
    --------
    >>> iwae_bound_grad([[-1000.0], [-1000.0]]).tolist()
    [[0.5], [0.5]]
    """
    log_w = np.asarray(log_w, np.float64)
    impossible = np.all(log_w == -np.inf, axis=0)
    return np.where(impossible, 0, softmax(np.where(impossible, 0, log_w), axis=0)) / max(log_w.shape[1], 1)
