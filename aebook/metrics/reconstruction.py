"""How good is a reconstruction? One number per example, and the ledger of all units."""
import numpy as np

from aebook.errors import DataError
from aebook.metrics import checks
from aebook.metrics.images import psnr

__all__ = ["squared_errors", "bernoulli_nlls", "loss_ledger", "explained_variance"]


def squared_errors(x, x_hat):
    """Return the squared error of each example: sum_i (x_i - x_hat_i)^2.

    Parameters
    ----------
    x, x_hat : array_like of shape (examples, ...)

    Returns
    -------
    ndarray of shape (examples,), float64
        Squared units of the data, per example.

    Raises
    ------
    DataError
        If the shapes differ or a value is not finite.

    Examples
    --------
    >>> squared_errors([[1.0, 2.0]], [[0.0, 0.0]]).tolist()
    [5.0]
    """
    x, x_hat = checks.pair(x, x_hat)
    return np.sum(np.square(x - x_hat, dtype=np.float64), axis=1)


def bernoulli_nlls(x, p):
    """Return the cross-entropy of each example: -sum_i [x_i log p_i + (1 - x_i) log(1 - p_i)].

    Parameters
    ----------
    x : array_like of shape (examples, ...)
        Data in [0, 1].
    p : array_like of the same shape
        Probabilities in [0, 1], such as `reconstruct` returns under the Bernoulli likelihood.

    Returns
    -------
    ndarray of shape (examples,), float64
        Nats per example; infinite where p excludes what happened.

    Raises
    ------
    DataError
        If the shapes differ, a value is not finite or lies outside [0, 1].

    Examples
    --------
    >>> bernoulli_nlls([[1.0]], [[0.5]]).round(6).tolist()  # log 2
    [0.693147]
    """
    from scipy.special import xlog1py, xlogy
    x, p = checks.pair(x, p, ("x", "p"))
    for name, values, remedy in (
            ("x", x, "Scale the data (pixels: divide by 255)."),
            ("p", p, "Pass probabilities, such as `reconstruct` returns under the Bernoulli likelihood, not logits.")):
        if values.min() < 0 or values.max() > 1:
            raise DataError(f"{name} must lie in [0, 1] for a cross-entropy; it spans "
                            f"[{values.min():g}, {values.max():g}]. {remedy}")
    nats = -(xlogy(x, p, dtype=np.float64) + xlog1py(1 - x, -p, dtype=np.float64))
    return np.sum(nats, axis=1)


def loss_ledger(x, x_hat):
    """Return the error of a reconstruction in every unit that papers and tutorials quote.

    Parameters
    ----------
    x, x_hat : array_like of shape (examples, ...)

    Returns
    -------
    dict of str to float
        `squared_error` per example, `mse` and `rmse` per feature, `mae` per feature; if x lies in
        [0, 1] also `psnr` in decibels (mean over the examples); and if x_hat does, too, the
        cross-entropy: `nats` per example, `nats_per_feature`, `bits_per_feature`.

    Raises
    ------
    DataError
        If the shapes differ or a value is not finite.

    Examples
    --------
    >>> loss_ledger([[0.0, 1.0]], [[0.5, 0.5]])["mse"]
    0.25
    """
    x, x_hat = checks.pair(x, x_hat)
    features = x.shape[1]
    squared = float(squared_errors(x, x_hat).mean())
    ledger = {"squared_error": squared, "mse": squared / features, "rmse": float(np.sqrt(squared / features)),
              "mae": float(np.abs(x - x_hat).mean(dtype=np.float64))}
    pixels = x.min() >= 0 and x.max() <= 1
    if pixels:
        ledger["psnr"] = float(psnr(x, x_hat).mean())
    if pixels and x_hat.min() >= 0 and x_hat.max() <= 1:
        nats = float(bernoulli_nlls(x, x_hat).mean())
        ledger |= {"nats": nats, "nats_per_feature": nats / features,
                   "bits_per_feature": nats / features / float(np.log(2))}
    return ledger


def explained_variance(x, x_hat):
    """Return the share of the variance that a reconstruction keeps: 1 - sum |x - x_hat|^2 / sum |x - mean(x)|^2.

    The sums run over examples and features, the mean over the examples. The best linear
    reconstruction from k numbers, PCA fitted on x itself, keeps the k largest eigenvalues of the
    covariance divided by the sum of all: scikit-learn's `explained_variance_ratio_`, summed.

    Parameters
    ----------
    x, x_hat : array_like of shape (examples, ...)

    Returns
    -------
    float
        No unit. 1 for a perfect reconstruction, 0 for the mean of x, negative for worse.

    Raises
    ------
    DataError
        If the shapes differ, a value is not finite, or x has no variance to explain.

    Examples
    --------
    >>> explained_variance([[0.0], [2.0]], [[0.0], [1.0]])
    0.5
    """
    x, x_hat = checks.pair(x, x_hat)
    total = np.sum(np.square(x - x.mean(axis=0, dtype=np.float64)))
    if (x == x[0]).all() or not 0 < total < np.inf:
        raise DataError(f"x has no variance to explain: it is constant or out of range (total {total:g}).")
    return float(1 - squared_errors(x, x_hat).sum() / total)
