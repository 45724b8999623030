"""Penalties on weights or codes: plain sums, to be scaled by whoever adds them to a loss."""
import tensorflow as tf

from aebook.tensorflow.arrays import floating

__all__ = ["l1_penalty", "l2_penalty"]


def l1_penalty(w):
    """Return the L1 penalty of weights or codes: sum |w|.

    Its derivative at 0 is 0, so that a weight that is exactly 0 stays there.

    Parameters
    ----------
    w : tf.Tensor of any shape

    Returns
    -------
    tf.Tensor, a scalar
        Units of w.

    References
    ----------
    Goodfellow, Bengio and Courville (2016), section 7.1.2.

    Examples
    --------
    >>> import tensorflow as tf
    >>> l1_penalty(tf.constant([3.0, -4.0])).numpy().item()
    7.0
    """
    return tf.reduce_sum(tf.abs(floating(w)))


def l2_penalty(w):
    """Return the L2 penalty of weights: sum w^2, without a factor 1/2 and without a mean.

    Its gradient is 2 w. So `keras.regularizers.L2(c)` adds c times this penalty to the loss, and
    PyTorch's SGD with `weight_decay=c` descends c / 2 times this penalty.

    Parameters
    ----------
    w : tf.Tensor of any shape

    Returns
    -------
    tf.Tensor, a scalar
        Squared units of w.

    References
    ----------
    Goodfellow, Bengio and Courville (2016), section 7.1.1.

    Examples
    --------
    >>> import tensorflow as tf
    >>> l2_penalty(tf.constant([3.0, -4.0])).numpy().item()
    25.0
    """
    return tf.reduce_sum(tf.square(floating(w)))
