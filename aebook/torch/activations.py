"""Activation functions by name, with one convention for both frameworks."""
import math

import torch
import torch.nn.functional as F

from aebook.torch.arrays import floating

__all__ = ["activation", "activation_grad"]

FUNCTIONS = {
    "linear": lambda a: a,
    "relu": F.relu,
    "leaky_relu": lambda a: F.leaky_relu(a, 0.01),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "elu": F.elu,
    "gelu": F.gelu,
}


def step(a, below):
    """1 above zero, `below` at and below it, NaN at NaN."""
    return torch.where(a > 0, 1, torch.where(a <= 0, below, a))


def gelu_grad(a):
    b = torch.clamp(a, -40, 40)  # beyond, exp(-b^2 / 2) is 0 even in float64, and a^2 may overflow
    return 0.5 * (1 + torch.erf(a / math.sqrt(2))) + b * torch.exp(-0.5 * b**2) / math.sqrt(2 * math.pi)


DERIVATIVES = {
    "linear": lambda a: torch.where(torch.isnan(a), a, 1),
    "relu": lambda a: step(a, 0.0),
    "leaky_relu": lambda a: step(a, 0.01),
    "sigmoid": lambda a: torch.sigmoid(a) * torch.sigmoid(-a),
    "tanh": lambda a: 4 * torch.sigmoid(2 * a) * torch.sigmoid(-2 * a),  # 1 - tanh^2 without cancellation
    "elu": lambda a: torch.exp(-F.relu(-a)),
    "gelu": gelu_grad,
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
    return FUNCTIONS[name](floating(a))


def activation_grad(name, a):
    """Return the derivative f'(a) for the activation function of that name.

    At the kink at 0, relu has derivative 0 and leaky_relu 0.01.

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
    >>> activation_grad("sigmoid", torch.tensor([0.0])).tolist()
    [0.25]
    """
    return DERIVATIVES[name](floating(a))
