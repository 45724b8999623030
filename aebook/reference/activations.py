"""Activation functions and their derivatives, one entry per name that a spec may use.

Conventions: leaky_relu has slope 0.01 below zero (Keras's own default differs), elu has
alpha = 1, gelu is the exact one (not the tanh approximation). At the kink at zero relu has
derivative 0, leaky_relu 0.01; second derivatives there are 0.
"""
import numpy as np
from scipy.special import erf, expit

__all__ = ["activation", "activation_grad", "activation_grad_grad"]


def _step(a, below):
    """1 above zero, `below` at and below it, NaN at NaN."""
    return np.where(a > 0, 1.0, np.where(a <= 0, below, a))


def _zero(a):
    return np.where(np.isnan(a), a, 0.0)


def _sech(a):
    return 1 / np.cosh(np.clip(a, -350, 350))


def _density(a):
    return np.exp(-np.clip(a, -40, 40)**2 / 2) / np.sqrt(2 * np.pi)


# f, f', f''
_FUNCTIONS = {
    "linear": (lambda a: a, lambda a: _zero(a) + 1, _zero),
    "relu": (lambda a: np.maximum(a, 0), lambda a: _step(a, 0.0), _zero),
    "leaky_relu": (lambda a: np.where(a > 0, a, 0.01 * a), lambda a: _step(a, 0.01), _zero),
    "sigmoid": (expit, lambda a: expit(a) * expit(-a), lambda a: expit(a) * expit(-a) * (expit(-a) - expit(a))),
    "tanh": (np.tanh, lambda a: _sech(a) ** 2, lambda a: -2 * np.tanh(a) * _sech(a) ** 2),
    "elu": (lambda a: np.where(a > 0, a, np.expm1(np.minimum(a, 0))), lambda a: np.exp(np.minimum(a, 0)),
            lambda a: np.where(a >= 0, 0.0, np.exp(np.minimum(a, 0)))),
    "gelu": (lambda a: a * 0.5 * (1 + erf(a / np.sqrt(2))), lambda a: 0.5 * (1 + erf(a / np.sqrt(2))) + a * _density(a),
             lambda a: (2 - np.clip(a, -40, 40)**2) * _density(a)),
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


def activation_grad_grad(name, a):
    """Return the second derivative f''(a) for the activation function of that name, 0 at kinks.

    Parameters
    ----------
    name : str
    a : array_like

    Returns
    -------
    ndarray of the same shape

    Examples
    --------
    >>> activation_grad_grad("sigmoid", [0.0]).tolist()
    [0.0]
    """
    return _FUNCTIONS[name][2](np.asarray(a, np.float64))
