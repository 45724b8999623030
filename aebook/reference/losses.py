"""Reconstruction losses: summed over features, averaged over the batch.

The mean over an empty batch is 0, not 0/0. The data x may be of any dtype, uint8 pixels included:
they are converted to float64 first, where arithmetic does not wrap around.
"""
import numpy as np
from scipy.special import expit, xlog1py, xlogy

__all__ = ["squared_error", "squared_error_grad", "bernoulli_nll", "bernoulli_nll_grad",
           "bernoulli_nll_from_probabilities", "bernoulli_nll_from_probabilities_grad",
           "gaussian_nll", "gaussian_nll_grad"]


def per_example(values):
    """The sum over everything but the batch, averaged over the batch; 0 for an empty one."""
    return float(np.sum(values) / max(len(values), 1))


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
    return per_example((x - x_hat) ** 2)


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
    return 2 * (x_hat - x) / max(len(x), 1)


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
    return per_example(np.maximum(a, 0) - a * x + np.log1p(np.exp(-np.abs(a))))


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
    return (expit(a) - x) / max(len(x), 1)


def bernoulli_nll_from_probabilities(x, p):
    """Return the Bernoulli negative log-likelihood of data in [0, 1] from probabilities p.

    -log p(x) = -sum_i [x_i log p_i + (1 - x_i) log(1 - p_i)] with 0 log 0 = 0. Infinite, as is its
    gradient, where p excludes what happened (p_i = 0 < x_i or p_i = 1 > x_i). Train on
    `bernoulli_nll`, which stays finite: in float32 a sigmoid is exactly 1 from logits of 17 on.

    Parameters
    ----------
    x, p : array_like of shape (batch, features)

    Returns
    -------
    float
        Nats per example.

    Examples
    --------
    >>> round(bernoulli_nll_from_probabilities([[1.0, 0.0]], [[0.5, 0.0]]), 6)  # log 2
    0.693147
    """
    x, p = np.asarray(x, np.float64), np.asarray(p, np.float64)
    return per_example(-xlogy(x, p) - xlog1py(1 - x, -p))


def bernoulli_nll_from_probabilities_grad(x, p):
    """Return the gradient with respect to p: [(1 - x) / (1 - p) - x / p] / batch, with 0/0 = 0.

    Parameters
    ----------
    x, p : array_like of shape (batch, features)

    Returns
    -------
    ndarray of shape (batch, features)

    Examples
    --------
    >>> bernoulli_nll_from_probabilities_grad([[1.0, 0.0]], [[0.5, 0.0]]).tolist()
    [[-2.0, 1.0]]
    """
    x, p = np.asarray(x, np.float64), np.asarray(p, np.float64)
    with np.errstate(divide="ignore"):
        did_not = (1 - x) / (1 - np.where(x == 1, 0, p))
        return (did_not - x / np.where(x == 0, 1, p)) / max(len(x), 1)


def gaussian_nll(x, mu, log_var):
    """Return the Gaussian negative log-likelihood with a mean and a log-variance per feature.

    -log p(x) = 1/2 sum_i [log(2 pi) + log_var_i + (x_i - mu_i)^2 exp(-log_var_i)].

    Parameters
    ----------
    x, mu, log_var : array_like of shape (batch, features)

    Returns
    -------
    float
        Nats per example; a density, so it may be negative.

    References
    ----------
    Kingma and Welling (2014), appendix C.2.

    Examples
    --------
    >>> round(gaussian_nll([[0.0]], [[0.0]], [[0.0]]), 6)  # log(2 pi) / 2
    0.918939
    """
    x, mu, log_var = (np.asarray(t, np.float64) for t in (x, mu, log_var))
    error = x - mu
    with np.errstate(over="ignore"):
        standardized = error * np.exp(-0.5 * np.where(error == 0, 0, log_var))
        return per_example(0.5 * (np.log(2 * np.pi) + log_var + standardized**2))


def gaussian_nll_grad(x, mu, log_var):
    """Return the gradients of `gaussian_nll` with respect to mu and log_var.

    With s = exp(-log_var): (mu - x) s / batch and [1 - (x - mu)^2 s] / (2 batch).

    Parameters
    ----------
    x, mu, log_var : array_like of shape (batch, features)

    Returns
    -------
    tuple of two ndarrays of shape (batch, features)

    Examples
    --------
    >>> [g.tolist() for g in gaussian_nll_grad([[2.0]], [[0.0]], [[0.0]])]
    [[[-2.0]], [[-1.5]]]
    """
    x, mu, log_var = (np.asarray(t, np.float64) for t in (x, mu, log_var))
    error, n = x - mu, max(len(x), 1)
    with np.errstate(over="ignore"):
        precision = np.exp(-np.where(error == 0, 0, log_var))
        return -error * precision / n, 0.5 * (1 - error**2 * precision) / n
