"""Reconstruction losses: summed over features, averaged over the batch."""
import torch.nn.functional as F

__all__ = ["squared_error", "bernoulli_nll"]


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
    return F.mse_loss(x_hat, x, reduction="sum") / len(x)


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
    return F.binary_cross_entropy_with_logits(logits, x, reduction="sum") / len(x)
