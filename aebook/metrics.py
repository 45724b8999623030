"""How good is a reconstruction? Every unit of the loss ledger, and the lines to compare with."""
import numpy as np

from aebook.errors import DataError

__all__ = ["squared_errors", "bernoulli_nlls", "psnr", "loss_ledger", "pca_error", "mean_image_error",
           "entropy_floor"]


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
        If the shapes differ.

    Examples
    --------
    >>> squared_errors([[1.0, 2.0]], [[0.0, 0.0]]).tolist()
    [5.0]
    """
    x, x_hat = _pair(x, x_hat)
    return np.sum(np.square(x - x_hat, dtype=np.float64).reshape(len(x), -1), axis=1)


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
        If the shapes differ or a value lies outside [0, 1].

    Examples
    --------
    >>> bernoulli_nlls([[1.0]], [[0.5]]).round(6).tolist()  # log 2
    [0.693147]
    """
    from scipy.special import xlog1py, xlogy
    x, p = _pair(x, p)
    for name, values in (("x", x), ("p", p)):
        if not (values.min() >= 0 and values.max() <= 1):
            raise DataError(f"{name} must lie in [0, 1] for a cross-entropy; it spans "
                            f"[{values.min():g}, {values.max():g}].")
    nats = -(xlogy(x, p, dtype=np.float64) + xlog1py(1 - x, -p, dtype=np.float64))
    return np.sum(nats.reshape(len(x), -1), axis=1)


def psnr(x, x_hat, data_range=1.0):
    """Return the peak signal-to-noise ratio of each example: 10 log10(range^2 / mean squared error).

    Parameters
    ----------
    x, x_hat : array_like of shape (examples, ...)
    data_range : float
        Distance between the least and the greatest possible value.

    Returns
    -------
    ndarray of shape (examples,), float64
        Decibels; infinite for a perfect reconstruction.

    Examples
    --------
    >>> psnr([[0.0, 1.0]], [[0.1, 0.9]]).round(6).tolist()
    [20.0]
    """
    mse = squared_errors(x, x_hat) / np.asarray(x)[0].size
    with np.errstate(divide="ignore"):
        return 10 * np.log10(data_range**2 / mse)


def loss_ledger(x, x_hat):
    """Return the error of a reconstruction in every unit that papers and tutorials quote.

    Parameters
    ----------
    x, x_hat : array_like of shape (examples, ...)

    Returns
    -------
    dict of str to float
        `squared_error` per example, `mse` and `rmse` per feature, `mae` per feature, `psnr` in
        decibels (mean over the examples); and if x and x_hat lie in [0, 1] also the cross-entropy: `nats` per
        example, `nats_per_feature`, `bits_per_feature`.

    Examples
    --------
    >>> loss_ledger([[0.0, 1.0]], [[0.5, 0.5]])["mse"]
    0.25
    """
    x, x_hat = _pair(x, x_hat)
    features = x[0].size
    squared = float(squared_errors(x, x_hat).mean())
    ledger = {"squared_error": squared, "mse": squared / features, "rmse": float(np.sqrt(squared / features)),
              "mae": float(np.abs(x - x_hat).mean(dtype=np.float64)), "psnr": float(psnr(x, x_hat).mean())}
    if min(x.min(), x_hat.min()) >= 0 and max(x.max(), x_hat.max()) <= 1:
        nats = float(bernoulli_nlls(x, x_hat).mean())
        ledger |= {"nats": nats, "nats_per_feature": nats / features,
                   "bits_per_feature": nats / features / float(np.log(2))}
    return ledger


def pca_error(x_train, x_test, n_components):
    """Return the squared error per test example of a principal component analysis.

    The components are fitted on `x_train`; the reconstruction is not clipped. This is the line
    that an autoencoder with as many numbers in its code should beat.

    Parameters
    ----------
    x_train, x_test : array_like of shape (examples, features)
    n_components : int or sequence of int

    Returns
    -------
    float, or ndarray of float for a sequence
        Squared units of the data, per example.

    References
    ----------
    Baldi and Hornik (1989); on MNIST, Hinton and Salakhutdinov (2006) report 13.87 for 30.

    Examples
    --------
    >>> round(pca_error([[0.0, 0.0], [2.0, 2.0]], [[1.0, 3.0]], 1), 6)
    2.0
    """
    from sklearn.decomposition import PCA
    wanted = np.atleast_1d(n_components)
    x_train, x_test = np.asarray(x_train), np.asarray(x_test)
    top = int(wanted.max())
    if not 1 <= wanted.min() or top > min(x_train.shape):
        raise DataError(f"n_components must lie between 1 and {min(x_train.shape)}, not {n_components!r}.")
    pca = PCA(top, svd_solver="covariance_eigh").fit(x_train)
    centered = x_test - pca.mean_.astype(np.float64)
    total = np.mean(np.sum(centered**2, axis=1))
    explained = np.cumsum(np.mean((centered @ pca.components_.T) ** 2, axis=0))
    errors = total - explained[wanted - 1]
    return errors if np.ndim(n_components) else float(errors[0])


def mean_image_error(x_train, x_test):
    """Return the ledger of the predictor that answers every example with the training mean.

    A network that has learned nothing ends here. For data in [0, 1] the mean counts one gray
    example of 0.5 more, (sum + 0.5) / (n + 1): a pixel that is black in all training images would
    otherwise have probability zero, and the first test image that uses it an infinite
    cross-entropy.

    Parameters
    ----------
    x_train, x_test : array_like of shape (examples, features)

    Returns
    -------
    dict of str to float
        As `loss_ledger`.

    Examples
    --------
    >>> mean_image_error([[0.0], [1.0]], [[1.0]])["mse"]
    0.25
    """
    x_train, x_test = np.asarray(x_train), np.asarray(x_test)
    mean = x_train.mean(axis=0, dtype=np.float64)
    if x_train.min() >= 0 and x_train.max() <= 1:
        mean = (mean * len(x_train) + 0.5) / (len(x_train) + 1)
    return loss_ledger(x_test, np.broadcast_to(mean, x_test.shape))


def entropy_floor(x):
    """Return the least possible cross-entropy of gray data: that of x with itself.

    The cross-entropy of pixels strictly between 0 and 1 cannot reach zero; this is what a perfect
    reconstruction scores.

    Parameters
    ----------
    x : array_like of shape (examples, ...)
        Data in [0, 1].

    Returns
    -------
    float
        Nats per example.

    Examples
    --------
    >>> round(entropy_floor([[0.5, 1.0]]), 6)  # log 2
    0.693147
    """
    return float(bernoulli_nlls(x, x).mean())


def _pair(x, x_hat):
    x, x_hat = np.asarray(x), np.asarray(x_hat)
    if x.shape != x_hat.shape or x.ndim < 2 or len(x) == 0:
        raise DataError(f"x and x_hat need one shape (examples, features), not {x.shape} and {x_hat.shape}.")
    return x, x_hat
