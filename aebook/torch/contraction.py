"""The contractive penalty: how strongly a one-layer code reacts to small changes of its input."""
import torch

from aebook.torch.activations import activation_grad
from aebook.torch.arrays import floating

__all__ = ["contractive_penalty"]


def contractive_penalty(w, a, activation="sigmoid"):
    """Return the squared Frobenius norm of the Jacobian of z = f(a), a = xW + b, mean over examples.

    For one layer dz_j / dx_i = f'(a_j) W_ij, so the norm is sum_j f'(a_j)^2 sum_i W_ij^2: no
    Jacobian needs to be formed.

    Parameters
    ----------
    w : torch.Tensor of shape (features, units)
        Canonical layout, the transpose of PyTorch's `Linear.weight`.
    a : torch.Tensor of shape (batch, units)
        Pre-activations.
    activation : str
        f, one of `aebook.specs.ACTIVATIONS`.

    Returns
    -------
    torch.Tensor, a scalar
        Squared units of the code per squared unit of the data.

    References
    ----------
    Rifai et al. (2011), for the sigmoid.

    Examples
    --------
    >>> import torch
    >>> contractive_penalty(torch.tensor([[4.0], [4.0]]), torch.zeros(1, 1)).item()
    2.0
    """
    w, a = floating(w), floating(a)
    norms = torch.square(w).sum(0)
    slopes = torch.square(activation_grad(activation, a))
    # no 0 * inf: where the slope is 0 the weights do not matter, however large
    norms = torch.where((slopes == 0) & torch.isinf(norms), 0, norms)
    return (slopes * norms).sum() / max(len(a), 1)
