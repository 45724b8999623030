"""How many units of a code are used, and how much?"""
import numpy as np

from aebook.errors import DataError
from aebook.metrics import checks

__all__ = ["active_units", "dead_units", "sparsity"]


def active_units(mu, threshold=0.01):
    """Return the number of units whose code varies with the data: Var_x(mu_j(x)) > threshold.

    A unit whose posterior mean is the same for every example carries no information; a
    variational autoencoder with too many units leaves the rest in this state.

    Parameters
    ----------
    mu : array_like of shape (examples, units)
        The mean of the posterior q(z|x), or the code of a deterministic autoencoder. Not samples:
        their noise varies without the data.
    threshold : float
        Squared units of the code. The default suits codes of variance about one.

    Returns
    -------
    int

    Raises
    ------
    DataError
        If there are fewer than two examples, a value is not finite, or the threshold is negative.

    References
    ----------
    Burda, Grosse and Salakhutdinov (2016): A_u = Cov_x(E_q(u|x)[u]) > 0.01.

    Examples
    --------
    >>> active_units([[0.0, 5.0, 1.0], [0.1, 5.0, -1.0]])
    1
    """
    mu = checks.matrix(mu, "mu", "(examples, units)")
    checks.threshold(threshold)
    if len(mu) < 2:
        raise DataError("mu holds one example; a variance needs two or more.")
    mu = mu.astype(np.float64)
    return int(np.sum((mu - mu[0]).var(axis=0) > threshold))  # less the first row: a constant has variance 0 exactly


def dead_units(z, threshold=0.0):
    """Return the units that no example switches on: max_x |z_j(x)| <= threshold.

    Parameters
    ----------
    z : array_like of shape (examples, units)
        Activities. Of a sigmoid layer, which never answers exactly zero, pass a small threshold.
    threshold : float
        Units of the code.

    Returns
    -------
    ndarray of int
        Indices, ascending; `len` gives their number.

    Raises
    ------
    DataError
        If the shape does not fit, a value is not finite, or the threshold is negative.

    Examples
    --------
    >>> dead_units([[0.0, 3.0, 0.0], [0.0, 0.0, -1.0]]).tolist()
    [0]
    """
    z = checks.matrix(z, "z", "(examples, units)")
    checks.threshold(threshold)
    return np.flatnonzero(np.abs(z).max(axis=0) <= threshold)


def sparsity(z, threshold=0.0):
    """Return how sparse a code is: the number of units in use, mean_x sum_j [|z_j| > threshold], and mean |z_j|.

    Parameters
    ----------
    z : array_like of shape (examples, units)
        Activities.
    threshold : float
        A unit is in use above it. Of a sigmoid layer pass a small one.

    Returns
    -------
    dict
        `l0`, mean number of units in use per example; `active_share`, the same divided by the
        number of units; `mean_activity`, mean of |z| over examples and units;
        `unit_activity`, mean of |z| over the examples, an ndarray of shape (units,): the
        rho_hat of a code in [0, 1].

    Raises
    ------
    DataError
        If the shape does not fit, a value is not finite, or the threshold is negative.

    References
    ----------
    Hurley and Rickard (2009), "Comparing measures of sparsity".

    Examples
    --------
    >>> figures = sparsity([[0.0, 3.0], [0.0, -1.0]])
    >>> figures["l0"], figures["active_share"], figures["mean_activity"], figures["unit_activity"].tolist()
    (1.0, 0.5, 1.0, [0.0, 2.0])
    """
    z = np.abs(checks.matrix(z, "z", "(examples, units)"))
    checks.threshold(threshold)
    share = float(np.mean(z > threshold))
    unit_activity = z.mean(axis=0, dtype=np.float64)
    return {"l0": share * z.shape[1], "active_share": share, "mean_activity": float(unit_activity.mean()),
            "unit_activity": unit_activity}
