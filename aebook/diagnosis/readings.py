"""What a twin reads from a model at work on examples, for the rules to judge."""
from dataclasses import dataclass, field

import numpy as np

from aebook.errors import DataError
from aebook.history import History
from aebook.validation import check_data

__all__ = ["Layer", "Norm", "Readings", "rows_to_read"]

ROWS = 1000    # examples that are read
FLAT = 0.05    # a slope of 1/20 of the steepest: sigmoid beyond 4.4, tanh beyond 2.2
ALWAYS = 0.95  # of the examples; units of a sparse code are flat on most, by intention


@dataclass
class Layer:
    """What the units of a layer answered.

    Attributes
    ----------
    name : str
        As in the names of its weights, such as "encoder.0", or "code".
    activation : str
    h : ndarray of shape (rows, units)
        After the activation; of maps and sequences each position is a row.
    limited : bool
        Whether a rule sets all but a few units to zero.

    Examples
    --------
    >>> Layer("encoder.0", "relu", np.zeros((2, 3))).stuck()
    ('dead', 1.0)
    """

    name: str
    activation: str
    h: np.ndarray
    limited: bool = False

    def stuck(self):
        """Return in which way units of this kind get stuck, and the share that is; None if they do not."""
        h = np.asarray(self.h, np.float64)
        if self.activation == "relu" or self.limited:
            return "dead", float(np.mean(np.abs(h).max(axis=0) == 0))
        if self.activation == "elu":    # -1 is its floor
            return "dead", float(np.mean(h.max(axis=0) < FLAT - 1))
        if self.activation == "gelu":   # 0 from below
            return "dead", float(np.mean(np.abs(h).max(axis=0) < 1e-3))
        if self.activation in ("sigmoid", "tanh"):
            slope = 4 * h * (1 - h) if self.activation == "sigmoid" else 1 - h**2
            return "saturated", float(np.mean(np.mean(slope < FLAT, axis=0) >= ALWAYS))
        return None


@dataclass
class Norm:
    """The running statistics of a batch normalization and those of the data.

    Attributes
    ----------
    name : str
    mean, var, running_mean, running_var : ndarray of shape (units,)

    Examples
    --------
    >>> one = np.ones(3)
    >>> round(Norm("encoder.0", mean=0 * one, var=one, running_mean=one, running_var=one).off(), 3)
    1.0
    """

    name: str
    mean: np.ndarray
    var: np.ndarray
    running_mean: np.ndarray
    running_var: np.ndarray

    def off(self):
        """Return how far the running statistics are from the data's, in standard deviations and in log-variance."""
        mean, var, running_mean, running_var = (
            np.asarray(a, np.float64) for a in (self.mean, self.var, self.running_mean, self.running_var))
        var, running_var = var + 1e-5, running_var + 1e-5
        return float(np.mean(np.abs(running_mean - mean) / np.sqrt(var) + np.abs(np.log(running_var / var))))


@dataclass
class Readings:
    """What a twin reads from a model at work on examples.

    Attributes
    ----------
    x, x_hat : ndarray of shape (rows, features)
        Examples and their reconstructions.
    likelihood : str
    bounded : bool
        Whether reconstructions lie in [0, 1] by construction.
    layers : list of Layer
    norms : list of Norm
    posterior : None or tuple of ndarray
        mu and log sigma^2 of a variational encoder.
    terms : dict of str to float
        The reconstruction loss of x as the model takes it, and of a variational one its `kl`.
    beta : float
        Weight of the divergence.
    left_out : dict of str to str
        Checks for which nothing could be read, each with the reason.

    Examples
    --------
    >>> Readings(np.eye(2), np.eye(2)).likelihood
    'gaussian'
    """

    x: np.ndarray
    x_hat: np.ndarray
    likelihood: str = "gaussian"
    bounded: bool = False
    layers: list = field(default_factory=list)
    norms: list = field(default_factory=list)
    posterior: tuple | None = None
    terms: dict = field(default_factory=dict)
    beta: float = 1.0
    left_out: dict = field(default_factory=dict)


def rows_to_read(history, spec, x):
    """Return at most 1000 evenly spaced examples of checked data.

    Parameters
    ----------
    history : History
        Checked to be one.
    spec : MLP, Conv, Recurrent or Custom
    x : array_like of shape (examples, input_dim)

    Returns
    -------
    ndarray of shape (rows, input_dim)

    Raises
    ------
    DataError
        If the history is none, there is a single example, or x has the wrong shape, is not finite,
        or is out of range under the Bernoulli likelihood.

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> rows_to_read(History(), MLP(3, (), 1), np.zeros((5000, 3))).shape
    (1000, 3)
    """
    if not isinstance(history, History):
        raise DataError(f"history must be the History that fit returns, not {type(history).__name__}. "
                        "Of a run that ended in NonFiniteLossError it is the error's `history`.")
    x = check_data(x, spec.input_dim, dtype=spec.dtype, unit_interval=spec.likelihood == "bernoulli")
    if len(x) < 2:
        raise DataError("x holds one example; whether reconstructions vary takes two or more.")
    return x[np.linspace(0, len(x) - 1, min(len(x), ROWS)).astype(int)]
