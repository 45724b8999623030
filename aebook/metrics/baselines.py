"""The lines to compare with: what simpler answers reach, and what nothing can beat."""
import numpy as np

from aebook.errors import DataError
from aebook.metrics import checks
from aebook.metrics.reconstruction import bernoulli_nlls, loss_ledger

__all__ = ["pca_error", "mean_image_error", "entropy_floor"]


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

    Raises
    ------
    DataError
        If the shapes do not fit, a value is not finite, x_train holds one example, or n_components
        is out of range.

    References
    ----------
    Baldi and Hornik (1989); on MNIST, Hinton and Salakhutdinov (2006) report 13.87 for 30.

    Examples
    --------
    >>> round(pca_error([[0.0, 0.0], [2.0, 2.0]], [[1.0, 3.0]], 1), 6)
    2.0
    """
    from sklearn.decomposition import PCA
    x_train, x_test = _train_and_test(x_train, x_test)
    if len(x_train) < 2:
        raise DataError("x_train holds one example; a covariance needs two or more.")
    wanted = np.atleast_1d(n_components)
    if not wanted.size or wanted.dtype.kind not in "iu" or wanted.min() < 1 or wanted.max() > min(x_train.shape):
        raise DataError(f"n_components must be whole, between 1 and {min(x_train.shape)}, not {n_components!r}.")
    top = int(wanted.max())
    pca = PCA(top, svd_solver="covariance_eigh").fit(x_train)
    centered = x_test - pca.mean_.astype(np.float64)
    total = np.mean(np.sum(centered**2, axis=1))
    explained = np.cumsum(np.mean((centered @ pca.components_.T) ** 2, axis=0))
    errors = np.maximum(total - explained[wanted - 1], 0)  # of all components, rounding leaves less than 0
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

    Raises
    ------
    DataError
        If the shapes do not fit or a value is not finite.

    Examples
    --------
    >>> mean_image_error([[0.0], [1.0]], [[1.0]])["mse"]
    0.25
    """
    x_train, x_test = _train_and_test(x_train, x_test)
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

    Raises
    ------
    DataError
        If a value is not finite or lies outside [0, 1].

    Examples
    --------
    >>> round(entropy_floor([[0.5, 1.0]]), 6)  # log 2
    0.693147
    """
    return float(bernoulli_nlls(x, x).mean())


def _train_and_test(x_train, x_test):
    x_train, x_test = checks.matrix(x_train, "x_train"), checks.matrix(x_test, "x_test")
    checks.same_features(x_train, x_test, ("x_train", "x_test"))
    return x_train, x_test
