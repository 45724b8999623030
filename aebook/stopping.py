"""Early stopping: remember the best epoch, and when to give up."""
import math

__all__ = ["EarlyStopping"]


class EarlyStopping:
    """Watch the validation loss and keep the weights of its best epoch.

    Parameters
    ----------
    patience : int
        Epochs without a better loss after which to stop.

    Attributes
    ----------
    best_epoch : int
        Counted from 1.
    best_weights : dict of str to ndarray

    References
    ----------
    Goodfellow, Bengio and Courville (2016), Algorithm 7.1.

    Examples
    --------
    >>> watch = EarlyStopping(patience=2)
    >>> [watch.seen(loss, weights={}) for loss in (3.0, 2.0, 2.5, 2.1)], watch.best_epoch
    ([False, False, False, True], 2)
    """

    def __init__(self, patience):
        self.patience = patience
        self.epoch, self.best_epoch = 0, 0
        self.best_loss, self.best_weights = math.inf, None

    def seen(self, loss, weights):
        """Take note of an epoch's loss and weights; return whether to stop."""
        self.epoch += 1
        if loss < self.best_loss:
            self.best_loss, self.best_epoch, self.best_weights = loss, self.epoch, weights
        return self.epoch - self.best_epoch >= self.patience
