"""Reconstruction losses: summed over features, averaged over the batch."""
import numpy as np

__all__ = ["squared_error", "squared_error_grad", "bernoulli_nll", "bernoulli_nll_grad"]


def squared_error(x, x_hat):
    """Return the squared error of a reconstruction: mean over examples of sum_i (x_i - x_hat_i)^2.

    Parameters
    ----------
    x, x_hat : array_like of shape (batch, features)

    Returns
    -------
    float
        Squared units of the data, per example.

    Examples
    --------
    >>> squared_error([[1.0, 2.0]], [[0.0, 0.0]])
    5.0
    """
    x, x_hat = np.asarray(x, np.float64), np.asarray(x_hat, np.float64)
    return float(np.sum((x - x_hat) ** 2) / len(x))


def squared_error_grad(x, x_hat):
    """Return the gradient of `squared_error` with respect to x_hat: 2 (x_hat - x) / batch.

    Parameters
    ----------
    x, x_hat : array_like of shape (batch, features)

    Returns
    -------
    ndarray of shape (batch, features)

    Examples
    --------
    >>> squared_error_grad([[1.0, 2.0]], [[0.0, 0.0]]).tolist()
    [[-2.0, -4.0]]
    """
    x, x_hat = np.asarray(x, np.float64), np.asarray(x_hat, np.float64)
    return 2 * (x_hat - x) / len(x)


def bernoulli_nll(x, logits):
    """Return the Bernoulli negative log-likelihood of data in [0, 1] from logits a.

    With p = sigmoid(a), -log p(x) = sum_i [max(a_i, 0) - a_i x_i + log(1 + exp(-|a_i|))]. For x
    strictly between 0 and 1 this is the cross-entropy of x relative to p.

    Parameters
    ----------
    x, logits : array_like of shape (batch, features)

    Returns
    -------
    float
        Nats per example.

    Examples
    --------
    >>> round(bernoulli_nll([[1.0]], [[0.0]]), 6)  # log 2
    0.693147
    """
    x, a = np.asarray(x, np.float64), np.asarray(logits, np.float64)
    return float(np.sum(np.maximum(a, 0) - a * x + np.log1p(np.exp(-np.abs(a)))) / len(x))


def bernoulli_nll_grad(x, logits):
    """Return the gradient of `bernoulli_nll` with respect to the logits: (sigmoid(a) - x) / batch.

    Parameters
    ----------
    x, logits : array_like of shape (batch, features)

    Returns
    -------
    ndarray of shape (batch, features)

    Examples
    --------
    >>> bernoulli_nll_grad([[1.0]], [[0.0]]).tolist()
    [[-0.5]]
    """
    x, a = np.asarray(x, np.float64), np.asarray(logits, np.float64)
    return (0.5 * (1 + np.tanh(a / 2)) - x) / len(x)
