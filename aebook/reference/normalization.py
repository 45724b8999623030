"""Normalization over the batch."""
import numpy as np

__all__ = ["batch_norm", "batch_norm_grad"]


def batch_norm(x, gamma, beta, epsilon=1e-5):
    """Return gamma (x - m) / sqrt(v + epsilon) + beta, m and v the mean and variance over the batch.

    v is divided by the number of values, not by one less: a batch of one gives beta.

    Parameters
    ----------
    x : array_like of shape (batch, ..., channels)
        Mean and variance are those of a channel over all other axes.
    gamma, beta : array_like of shape (channels,)
        Scale and shift.
    epsilon : float
        Guard against division by zero, in squared units of x.

    Returns
    -------
    ndarray of the shape of x

    References
    ----------
    Ioffe and Szegedy (2015), Algorithm 1.

    Examples
    --------
    >>> batch_norm([[1.0], [3.0]], [2.0], [5.0], epsilon=0).tolist()
    [[3.0], [7.0]]
    """
    return np.asarray(gamma, np.float64) * _standardized(x, epsilon)[0] + np.asarray(beta, np.float64)


def batch_norm_grad(x, gamma, beta, epsilon=1e-5, g=1.0):
    """Return the gradients of the sum of g * `batch_norm` with respect to its x, gamma and beta.

    With h = (x - m) / sqrt(v + epsilon), the gradient of x is gamma / sqrt(v + epsilon) times
    g - mean(g) - h mean(g h): the means over the batch are what the statistics contribute.

    Parameters
    ----------
    x : array_like of shape (batch, ..., channels)
    gamma, beta : array_like of shape (channels,)
    epsilon : float
    g : array_like of the shape of x, or a number
        Gradient of what follows; with 1 the gradient of x is 0, as the sum does not depend on x.

    Returns
    -------
    tuple of three ndarrays, of the shapes of x, gamma and beta

    Examples
    --------
    >>> batch_norm_grad([[1.0], [3.0]], [2.0], [5.0], epsilon=0)[2].tolist()
    [2.0]
    """
    h, deviation = _standardized(x, epsilon)
    g = np.broadcast_to(np.asarray(g, np.float64), h.shape)
    axes = tuple(range(h.ndim - 1))
    d_gamma, d_beta = (g * h).sum(axes), g.sum(axes)
    n = max(1, h.size // max(1, h.shape[-1]))
    d_x = np.asarray(gamma, np.float64) / deviation * (g - d_beta / n - h * d_gamma / n)
    return d_x, d_gamma.reshape(np.shape(gamma)), d_beta.reshape(np.shape(beta))


def _standardized(x, epsilon):
    x = np.asarray(x, np.float64)
    axes = tuple(range(x.ndim - 1))
    if x.size == 0:
        return x, np.ones(x.shape[-1])
    deviation = np.sqrt(x.var(axes) + epsilon)
    return (x - x.mean(axes)) / deviation, deviation
