"""Do two models span the same subspace?"""
import numpy as np

from aebook.errors import DataError
from aebook.metrics import checks

__all__ = ["principal_angles"]


def principal_angles(a, b):
    """Return the angles between the column spaces of two matrices, the largest first.

    With orthonormal bases Q_a and Q_b the cosines are the singular values of Q_a^T Q_b. All
    angles are zero exactly if one space contains the other, so the first says how far a linear
    autoencoder is from the components of PCA, whatever basis either has chosen.

    Parameters
    ----------
    a, b : array_like of shape (features, k_a) and (features, k_b)
        One basis vector a column, such as the weights of a linear encoder, or the transpose of
        `components_` of scikit-learn's PCA. Columns need not be orthogonal, but independent.

    Returns
    -------
    ndarray of shape (min(k_a, k_b),), float64
        Radians in [0, pi / 2], descending.

    Raises
    ------
    DataError
        If the shapes do not fit, a value is not finite, or the columns of a matrix are
        dependent: it then spans less than it seems to.

    References
    ----------
    Björck and Golub (1973); the algorithm of Knyazev and Argentati (2002) in SciPy, accurate for
    small angles too.

    Examples
    --------
    >>> np.rad2deg(principal_angles([[1.0], [0.0]], [[1.0], [1.0]])).round(6).tolist()
    [45.0]
    """
    from scipy.linalg import subspace_angles
    a, b = (checks.matrix(m, name, f"(features, k_{name})").astype(np.float64) for m, name in ((a, "a"), (b, "b")))
    if len(a) != len(b):
        raise DataError(f"a and b need as many features (rows), not {len(a)} and {len(b)}.")
    for m, name in ((a, "a"), (b, "b")):
        rank = np.linalg.matrix_rank(m)
        if rank < m.shape[1]:
            raise DataError(f"{name} has {m.shape[1]} columns but rank {rank}; independent columns are needed.")
    return subspace_angles(a, b)
