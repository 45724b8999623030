"""Gaussian codes: sampling them, their divergence from the prior, and bounds on the log-likelihood."""
import math

import tensorflow as tf

from aebook.tensorflow.arrays import floating, standard_normal
from aebook.tensorflow.losses import per_example

__all__ = ["gaussian_kl", "reparameterize", "elbo", "iwae_bound"]


def gaussian_kl(mu, log_var):
    """Return the divergence of Gaussian codes from the prior: KL(N(mu, exp(log_var)) || N(0, 1)).

    Equals 1/2 sum_j [exp(log_var_j) - 1 - log_var_j + mu_j^2], averaged over the batch. Near the
    prior exp(v) - 1 - v is about v^2 / 2, which float32 rounds away. It is computed in float64 in any
    case: the relative error is 2e-16 / |v|.

    Parameters
    ----------
    mu, log_var : tf.Tensor of shape (batch, latent)
        Means and logarithms of the variances, diagonal covariance.

    Returns
    -------
    tf.Tensor, a scalar
        Nats per example.

    References
    ----------
    Kingma and Welling (2014), appendix B.

    Examples
    --------
    >>> import tensorflow as tf
    >>> gaussian_kl(tf.constant([[1.0, 0.0]]), tf.zeros((1, 2))).numpy().item()
    0.5
    """
    dtype = floating(mu).dtype
    mu, log_var = tf.cast(mu, tf.float64), tf.cast(log_var, tf.float64)
    nats = 0.5 * (tf.math.expm1(log_var) - log_var + mu**2)
    return tf.cast(per_example(nats), dtype)


def reparameterize(mu, log_var, eps=None, rng=None):
    """Return codes drawn from N(mu, exp(log_var)) as z = mu + exp(log_var / 2) eps, eps from N(0, 1).

    Where eps is 0, z is mu, even if exp(log_var / 2) overflows.

    Parameters
    ----------
    mu, log_var : tf.Tensor of shape (batch, latent)
    eps : tf.Tensor of shape (batch, latent), optional
        Standard normal noise; drawn in NumPy if absent, alike in both frameworks.
    rng : int or numpy.random.Generator, optional
        Where to draw eps from.

    Returns
    -------
    tf.Tensor of shape (batch, latent)

    References
    ----------
    Kingma and Welling (2014), section 2.4.

    Examples
    --------
    >>> import tensorflow as tf
    >>> mu, log_var = tf.constant([[1.0, 0.0]]), tf.zeros((1, 2))
    >>> reparameterize(mu, log_var, eps=tf.constant([[2.0, 3.0]])).numpy().tolist()
    [[3.0, 3.0]]
    """
    mu, log_var = floating(mu), floating(log_var)
    eps = standard_normal(mu, rng) if eps is None else tf.cast(eps, mu.dtype)
    no_noise = (eps == 0) & tf.math.is_inf(tf.exp(0.5 * log_var))  # no inf * 0, in the gradient neither
    return mu + tf.exp(0.5 * tf.where(no_noise, tf.zeros_like(log_var), log_var)) * eps


def elbo(nll, kl, beta=1.0):
    """Return the evidence lower bound from its two parts: ELBO = -nll - beta KL.

    With beta = 1 it is a lower bound on log p(x). nll is the negative log-likelihood of x given z,
    any of the losses in nats (averaged over draws of z); KL is the divergence of the code from the
    prior. A bound is to be maximized: the loss of a variational autoencoder is -ELBO.

    Parameters
    ----------
    nll, kl : tf.Tensor
        Nats per example, of the same shape.
    beta : float
        Weight of the divergence; not 1 in a beta-VAE and while it warms up.

    Returns
    -------
    tf.Tensor of that shape
        Nats per example.

    References
    ----------
    Kingma and Welling (2014), equation 3; Higgins et al. (2017) for beta.

    Examples
    --------
    >>> import tensorflow as tf
    >>> elbo(tf.constant(80.0), tf.constant(20.0)).numpy().item()
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
    log_w : tf.Tensor of shape (k, batch)
        Logarithms of the weights, nats.

    Returns
    -------
    tf.Tensor, a scalar
        Nats per example.

    References
    ----------
    Burda, Grosse and Salakhutdinov (2016).

    Examples
    --------
    >>> import tensorflow as tf
    >>> round(iwae_bound(tf.constant([[-1000.0], [-1000.0]])).numpy().item(), 3)
    -1000.0
    """
    log_w = floating(log_w)
    impossible = tf.reduce_all(log_w == -math.inf, axis=0)
    bounds = tf.reduce_logsumexp(tf.where(impossible, tf.zeros_like(log_w), log_w), axis=0) - math.log(log_w.shape[0])
    return per_example(tf.where(impossible, tf.constant(-math.inf, bounds.dtype), bounds))
