"""Activation functions by name, with one convention for both frameworks."""
import torch
import torch.nn.functional as F

__all__ = ["activation"]

FUNCTIONS = {
    "linear": lambda a: a,
    "relu": F.relu,
    "leaky_relu": lambda a: F.leaky_relu(a, 0.01),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "elu": F.elu,
    "gelu": F.gelu,
}


def activation(name, a):
    """Return f(a) for the activation function of that name.

    Conventions: leaky_relu has slope 0.01 below zero, elu has alpha = 1, gelu is the exact one.

    Parameters
    ----------
    name : str
        One of `aebook.specs.ACTIVATIONS`.
    a : torch.Tensor
        Pre-activations Wx + b.

    Returns
    -------
    torch.Tensor of the same shape

    Examples
    --------
    >>> import torch
    >>> activation("relu", torch.tensor([-1.0, 2.0])).tolist()
    [0.0, 2.0]
    """
    return FUNCTIONS[name](a)
