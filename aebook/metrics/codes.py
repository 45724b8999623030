"""How much does a code tell about its example?"""
import numpy as np

from aebook.errors import DataError
from aebook.metrics import checks

__all__ = ["linear_probe_accuracy", "knn_precision", "trustworthiness"]


def linear_probe_accuracy(z_train, y_train, z_test, y_test):
    """Return the test accuracy of a linear classifier on the codes: mean_i [argmax_c (w_c . z_i + b_c) = y_i].

    Scikit-learn's logistic regression (C=1) on codes standardized by the training part.
    Deterministic: the same arrays give the same number.

    Parameters
    ----------
    z_train, z_test : array_like of shape (examples, units)
    y_train, y_test : array_like of shape (examples,)
        Labels, whole numbers or strings.

    Returns
    -------
    float
        Share of the test examples in [0, 1]. Chance is the share of the most frequent class.

    Raises
    ------
    DataError
        If the shapes do not fit, a value is not finite, or y_train holds a single class.

    References
    ----------
    Alain and Bengio (2016).

    Examples
    --------
    >>> linear_probe_accuracy([[0.0], [1.0], [4.0], [5.0]], [0, 0, 1, 1], [[-1.0], [6.0]], [0, 1])
    1.0
    """
    from sklearn.linear_model import LogisticRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import StandardScaler
    z_train, z_test = (checks.matrix(z, name, "(examples, units)").astype(np.float64)
                       for z, name in ((z_train, "z_train"), (z_test, "z_test")))
    checks.same_features(z_train, z_test, ("z_train", "z_test"))
    y_train, y_test = checks.labels(y_train, len(z_train), "y_train"), checks.labels(y_test, len(z_test), "y_test")
    if len(np.unique(y_train)) < 2:
        raise DataError("y_train holds a single class; a probe needs two or more.")
    if (y_train.dtype.kind == "U") != (y_test.dtype.kind == "U"):
        raise DataError(f"y_train and y_test need labels of one kind, not {y_train.dtype} and {y_test.dtype}.")
    probe = make_pipeline(StandardScaler(), LogisticRegression(max_iter=1000)).fit(z_train, y_train)
    return float(np.mean(probe.predict(z_test) == y_test))


def knn_precision(z, y, k=10):
    """Return the mean share of the k nearest neighbors with the same label: mean_i |{j in N_k(i): y_j = y_i}| / k.

    Euclidean distance; an example is no neighbor of itself. Ties are broken by a fixed shuffle, so
    that examples sorted by class win nothing.

    Parameters
    ----------
    z : array_like of shape (examples, units)
    y : array_like of shape (examples,)
        Labels, whole numbers or strings.
    k : int
        Between 1 and examples - 1.

    Returns
    -------
    float
        In [0, 1]. Chance, a code that knows nothing, is sum_c n_c (n_c - 1) / (n (n - 1)): about
        1 / C for C classes of one size.

    Raises
    ------
    DataError
        If the shapes do not fit, a value is not finite, or k is out of range.

    Examples
    --------
    >>> knn_precision([[0.0], [1.0], [10.0], [11.0]], [0, 0, 1, 1], k=1)
    1.0
    """
    from sklearn.neighbors import NearestNeighbors
    z = checks.matrix(z, "z", "(examples, units)").astype(np.float64)
    y = checks.labels(y, len(z))
    checks.between(k, 1, len(z) - 1, "k")
    order = _shuffle(len(z))
    z, y = z[order], y[order]
    neighbors = NearestNeighbors(n_neighbors=k).fit(z).kneighbors(return_distance=False)
    return float(np.mean(y[neighbors] == y[:, None]))


def trustworthiness(x, z, k=10):
    """Return how far neighbors in the code are neighbors in the data: 1 less the mean excess rank, scaled to [0, 1].

    1 - 2 / (n k (2n - 3k - 1)) sum_i sum_{j in N_k(i)} max(0, r(i, j) - k), where N_k(i) are the k
    nearest neighbors of example i in the code, and j is its r(i, j)-th nearest in the data. By
    scikit-learn; Euclidean distance, ties broken by a fixed shuffle.

    Parameters
    ----------
    x : array_like of shape (examples, ...)
        Data. Needs three matrices of examples x examples, 8 bytes a number: 10000 examples take
        2.4 GB. Pass a part of larger sets.
    z : array_like of shape (examples, units)
        Codes.
    k : int
        At least 1 and less than examples / 2.

    Returns
    -------
    float
        In [0, 1]; 1 if every neighbor in the code is one in the data, about 0.5 for random codes.

    Raises
    ------
    DataError
        If the shapes do not fit, a value is not finite, or k is out of range.

    References
    ----------
    Venna and Kaski (2001).

    Examples
    --------
    >>> trustworthiness([[0.0, 0.0], [1.0, 0.0], [5.0, 0.0], [7.0, 0.0]], [[0.0], [1.0], [5.0], [7.0]], k=1)
    1.0
    """
    from sklearn.manifold import trustworthiness
    x, z = (checks.matrix(m, name).astype(np.float64) for m, name in ((x, "x"), (z, "z")))
    if len(x) != len(z):
        raise DataError(f"x and z need as many examples, not {len(x)} and {len(z)}.")
    checks.between(k, 1, (len(x) - 1) // 2, "k")
    order = _shuffle(len(x))
    return float(trustworthiness(x[order], z[order], n_neighbors=int(k)))


def _shuffle(n):
    """A fixed order, so that examples sorted by class win nothing where distances are equal."""
    return np.random.default_rng(0).permutation(n)
