"""Reconstruction losses: summed over features, averaged over the batch.

The mean over an empty batch is 0, not 0/0. The data x may be of any dtype, uint8 pixels included:
they are converted to that of the other arguments first, where arithmetic does not wrap around.
"""
import math

import torch
import torch.nn.functional as F

from aebook.torch.arrays import floating

__all__ = ["squared_error", "bernoulli_nll", "bernoulli_nll_from_probabilities", "gaussian_nll"]


def squared_error(x, x_hat):
    """Return the squared error of a reconstruction: mean over examples of sum_i (x_i - x_hat_i)^2.

    Parameters
    ----------
    x, x_hat : torch.Tensor of shape (batch, features)

    Returns
    -------
    torch.Tensor, a scalar
        Squared units of the data, per example.

    Examples
    --------
    >>> import torch
    >>> squared_error(torch.tensor([[1.0, 2.0]]), torch.zeros(1, 2)).item()
    5.0
    """
    x_hat = floating(x_hat)
    return F.mse_loss(x_hat, x.to(x_hat.dtype), reduction="sum") / max(len(x), 1)


def bernoulli_nll(x, logits):
    """Return the Bernoulli negative log-likelihood of data in [0, 1] from logits a.

    With p = sigmoid(a), -log p(x) = sum_i [max(a_i, 0) - a_i x_i + log(1 + exp(-|a_i|))]. For x
    strictly between 0 and 1 this is the cross-entropy of x relative to p.

    Parameters
    ----------
    x, logits : torch.Tensor of shape (batch, features)

    Returns
    -------
    torch.Tensor, a scalar
        Nats per example.

    Examples
    --------
    >>> import torch
    >>> round(bernoulli_nll(torch.ones(1, 1), torch.zeros(1, 1)).item(), 6)  # log 2
    0.693147
    """
    logits = floating(logits)
    return F.binary_cross_entropy_with_logits(logits, x.to(logits.dtype), reduction="sum") / max(len(x), 1)


def bernoulli_nll_from_probabilities(x, p):
    """Return the Bernoulli negative log-likelihood of data in [0, 1] from probabilities p.

    -log p(x) = -sum_i [x_i log p_i + (1 - x_i) log(1 - p_i)] with 0 log 0 = 0. Infinite, as is its
    gradient, where p excludes what happened (p_i = 0 < x_i or p_i = 1 > x_i). Train on
    `bernoulli_nll`, which stays finite: in float32 a sigmoid is exactly 1 from logits of 17 on.

    Parameters
    ----------
    x, p : torch.Tensor of shape (batch, features)

    Returns
    -------
    torch.Tensor, a scalar
        Nats per example.

    Examples
    --------
    >>> import torch
    >>> x, p = torch.tensor([[1.0, 0.0]]), torch.tensor([[0.5, 0.0]])
    >>> round(bernoulli_nll_from_probabilities(x, p).item(), 6)  # log 2
    0.693147
    """
    p = floating(p)
    x = x.to(p.dtype)
    # 0 log 0: the logarithm never sees the zero, so that its gradient 0/0 does not arise either
    happened, did_not = torch.where(x == 0, 1, p), torch.where(x == 1, 0, p)
    return -(x * torch.log(happened) + (1 - x) * torch.log1p(-did_not)).sum() / max(len(x), 1)


def gaussian_nll(x, mu, log_var):
    """Return the Gaussian negative log-likelihood with a mean and a log-variance per feature.

    -log p(x) = 1/2 sum_i [log(2 pi) + log_var_i + (x_i - mu_i)^2 exp(-log_var_i)].

    Parameters
    ----------
    x, mu, log_var : torch.Tensor of shape (batch, features)

    Returns
    -------
    torch.Tensor, a scalar
        Nats per example; a density, so it may be negative.

    References
    ----------
    Kingma and Welling (2014), appendix C.2.

    Examples
    --------
    >>> import torch
    >>> zero = torch.zeros(1, 1)
    >>> round(gaussian_nll(zero, zero, zero).item(), 6)  # log(2 pi) / 2
    0.918939
    """
    mu, log_var = floating(mu), floating(log_var)
    error = x.to(mu.dtype) - mu
    # no 0 * inf: where the error is 0 its variance does not matter, however small
    standardized = error * torch.exp(-0.5 * torch.where(error == 0, 0, log_var))
    return 0.5 * (math.log(2 * math.pi) + log_var + standardized**2).sum() / max(len(x), 1)
