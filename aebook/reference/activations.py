"""Activation functions and their derivatives, one entry per name that a spec may use.

Conventions: leaky_relu has slope 0.01 below zero (Keras's own default differs), elu has
alpha = 1, gelu is the exact one (not the tanh approximation), relu has derivative 0 at zero.
"""
import numpy as np
from scipy.special import erf, expit

__all__ = ["activation", "activation_grad"]

_FUNCTIONS = {
    "linear": (lambda a: a, np.ones_like),
    "relu": (lambda a: np.maximum(a, 0), lambda a: (a > 0) * 1.0),
    "leaky_relu": (lambda a: np.where(a > 0, a, 0.01 * a), lambda a: np.where(a > 0, 1.0, 0.01)),
    "sigmoid": (expit, lambda a: expit(a) * expit(-a)),
    "tanh": (np.tanh, lambda a: 1 / np.cosh(np.clip(a, -350, 350)) ** 2),
    "elu": (lambda a: np.where(a > 0, a, np.expm1(np.minimum(a, 0))),
            lambda a: np.where(a > 0, 1.0, np.exp(np.minimum(a, 0)))),
    "gelu": (lambda a: a * 0.5 * (1 + erf(a / np.sqrt(2))),
             lambda a: 0.5 * (1 + erf(a / np.sqrt(2))) + a * np.exp(-a**2 / 2) / np.sqrt(2 * np.pi)),
}


def activation(name, a):
    """Return f(a) for the activation function of that name.

    Parameters
    ----------
    name : str
        One of `aebook.specs.ACTIVATIONS`.
    a : array_like
        Pre-activations Wx + b.

    Returns
    -------
    ndarray of the same shape

    Examples
    --------
    >>> activation("leaky_relu", [-1.0, 2.0]).tolist()
    [-0.01, 2.0]
    """
    return _FUNCTIONS[name][0](np.asarray(a, np.float64))


def activation_grad(name, a):
    """Return the derivative f'(a) for the activation function of that name.

    Parameters
    ----------
    name : str
    a : array_like

    Returns
    -------
    ndarray of the same shape

    Examples
    --------
    >>> activation_grad("sigmoid", [0.0]).tolist()
    [0.25]
    """
    return _FUNCTIONS[name][1](np.asarray(a, np.float64))
