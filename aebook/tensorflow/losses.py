"""Reconstruction losses: summed over features, averaged over the batch."""
import tensorflow as tf

__all__ = ["squared_error", "bernoulli_nll"]


def squared_error(x, x_hat):
    """Return the squared error of a reconstruction: mean over examples of sum_i (x_i - x_hat_i)^2.

    Parameters
    ----------
    x, x_hat : tf.Tensor of shape (batch, features)

    Returns
    -------
    tf.Tensor, a scalar
        Squared units of the data, per example.

    Examples
    --------
    >>> import tensorflow as tf
    >>> squared_error(tf.constant([[1.0, 2.0]]), tf.zeros((1, 2))).numpy().item()
    5.0
    """
    return tf.reduce_sum(tf.math.squared_difference(x_hat, x)) / tf.cast(tf.shape(x)[0], x.dtype)


def bernoulli_nll(x, logits):
    """Return the Bernoulli negative log-likelihood of data in [0, 1] from logits a.

    With p = sigmoid(a), -log p(x) = sum_i [max(a_i, 0) - a_i x_i + log(1 + exp(-|a_i|))]. For x
    strictly between 0 and 1 this is the cross-entropy of x relative to p.

    Parameters
    ----------
    x, logits : tf.Tensor of shape (batch, features)

    Returns
    -------
    tf.Tensor, a scalar
        Nats per example.

    Examples
    --------
    >>> import tensorflow as tf
    >>> round(bernoulli_nll(tf.ones((1, 1)), tf.zeros((1, 1))).numpy().item(), 6)  # log 2
    0.693147
    """
    nats = tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=logits)
    return tf.reduce_sum(nats) / tf.cast(tf.shape(x)[0], x.dtype)
