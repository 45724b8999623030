"""Penalties on weights or codes: plain sums, to be scaled by whoever adds them to a loss."""
import numpy as np

__all__ = ["l1_penalty", "l1_penalty_grad", "l2_penalty", "l2_penalty_grad"]


def l1_penalty(w):
    """Return the L1 penalty of weights or codes: sum |w|.

    Its derivative at 0 is 0, so that a weight that is exactly 0 stays there.

    Parameters
    ----------
    w : array_like of any shape

    Returns
    -------
    float
        Units of w.

    References
    ----------
    Goodfellow, Bengio and Courville (2016), section 7.1.2.

    Examples
    --------
    >>> l1_penalty([3.0, -4.0])
    7.0
    """
    return float(np.sum(np.abs(np.asarray(w, np.float64))))


def l1_penalty_grad(w):
    """Return the gradient of `l1_penalty`: sign(w), 0 at 0.

    Parameters
    ----------
    w : array_like

    Returns
    -------
    ndarray of the same shape

    Examples
    --------
    >>> l1_penalty_grad([3.0, 0.0, -4.0]).tolist()
    [1.0, 0.0, -1.0]
    """
    return np.sign(np.asarray(w, np.float64))


def l2_penalty(w):
    """Return the L2 penalty of weights: sum w^2, without a factor 1/2 and without a mean.

    Its gradient is 2 w. So `keras.regularizers.L2(c)` adds c times this penalty to the loss, and
    PyTorch's SGD with `weight_decay=c` descends c / 2 times this penalty.

    Parameters
    ----------
    w : array_like of any shape

    Returns
    -------
    float
        Squared units of w.

    References
    ----------
    Goodfellow, Bengio and Courville (2016), section 7.1.1.

    Examples
    --------
    >>> l2_penalty([3.0, -4.0])
    25.0
    """
    return float(np.sum(np.asarray(w, np.float64) ** 2))


def l2_penalty_grad(w):
    """Return the gradient of `l2_penalty`: 2 w.

    Parameters
    ----------
    w : array_like

    Returns
    -------
    ndarray of the same shape

    Examples
    --------
    >>> l2_penalty_grad([3.0, -4.0]).tolist()
    [6.0, -8.0]
    """
    return 2 * np.asarray(w, np.float64)
