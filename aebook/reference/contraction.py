"""The contractive penalty: how strongly a one-layer code reacts to small changes of its input."""
import numpy as np

from aebook.reference.activations import activation_grad, activation_grad_grad
from aebook.reference.losses import per_example

__all__ = ["contractive_penalty", "contractive_penalty_grad"]


def contractive_penalty(w, a, activation="sigmoid"):
    """Return the squared Frobenius norm of the Jacobian of z = f(a), a = xW + b, mean over examples.

    For one layer dz_j / dx_i = f'(a_j) W_ij, so the norm is sum_j f'(a_j)^2 sum_i W_ij^2: no
    Jacobian needs to be formed.

    Parameters
    ----------
    w : array_like of shape (features, units)
        Canonical layout, the transpose of PyTorch's `Linear.weight`.
    a : array_like of shape (batch, units)
        Pre-activations.
    activation : str
        f, one of `aebook.specs.ACTIVATIONS`.

    Returns
    -------
    float
        Squared units of the code per squared unit of the data.

    References
    ----------
    Rifai et al. (2011), for the sigmoid.

    Examples
    --------
    >>> contractive_penalty([[4.0], [4.0]], [[0.0]])
    2.0
    """
    slopes = activation_grad(activation, a) ** 2
    return per_example(slopes * _norms(w, slopes))


def contractive_penalty_grad(w, a, activation="sigmoid"):
    """Return the gradients of `contractive_penalty` with respect to w and a.

    They are 2 W_ij times the mean over examples of f'(a_j)^2, and 2 f'(a_j) f''(a_j) sum_i W_ij^2 / batch.

    Parameters
    ----------
    w : array_like of shape (features, units)
    a : array_like of shape (batch, units)
    activation : str

    Returns
    -------
    tuple of two ndarrays, of the shapes of w and a

    Examples
    --------
    >>> [g.tolist() for g in contractive_penalty_grad([[4.0], [4.0]], [[0.0]])]
    [[[0.5], [0.5]], [[0.0]]]
    """
    w, n = np.asarray(w, np.float64), max(len(a), 1)
    first, second = activation_grad(activation, a), activation_grad_grad(activation, a)
    slopes = first * second
    return 2 * w * np.sum(first**2, axis=0) / n, 2 * slopes * _norms(w, slopes) / n


def _norms(w, slopes):
    """sum_i W_ij^2 for each slope; 0 where it overflows and the slope is 0, so that their product is 0."""
    with np.errstate(over="ignore"):
        norms = np.sum(np.square(w, dtype=np.float64), axis=0)
    return np.where((slopes == 0) & np.isinf(norms), 0, norms)
