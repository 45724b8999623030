"""Normalization over the batch."""
import torch

from aebook.torch.arrays import floating

__all__ = ["batch_norm"]


def batch_norm(x, gamma, beta, epsilon=1e-5):
    """Return gamma (x - m) / sqrt(v + epsilon) + beta, m and v the mean and variance over the batch.

    v is divided by the number of values, not by one less: a batch of one gives beta.

    Parameters
    ----------
    x : torch.Tensor of shape (batch, ..., channels)
        Mean and variance are those of a channel over all other axes.
    gamma, beta : torch.Tensor of shape (channels,)
        Scale and shift.
    epsilon : float
        Guard against division by zero, in squared units of x.

    Returns
    -------
    torch.Tensor of the shape of x

    References
    ----------
    Ioffe and Szegedy (2015), Algorithm 1.

    Examples
    --------
    >>> import torch
    >>> x, gamma, beta = torch.tensor([[1.0], [3.0]]), torch.tensor([2.0]), torch.tensor([5.0])
    >>> batch_norm(x, gamma, beta, epsilon=0).tolist()
    [[3.0], [7.0]]
    """
    x = floating(x)
    variance, mean = torch.var_mean(x, tuple(range(x.ndim - 1)), correction=0)
    return gamma * ((x - mean) * torch.rsqrt(variance + epsilon)) + beta
