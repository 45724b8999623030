"""What `fit` returns: how the loss went."""
import contextlib
import warnings
from dataclasses import dataclass, field

import numpy as np

from aebook.errors import InterruptedWarning, NonFiniteLossError

__all__ = ["History"]


@dataclass
class History:
    """The course of a training run.

    Attributes
    ----------
    loss : list of float
        Training loss of each epoch, averaged over its examples while the weights moved.
    val_loss : list of float
        Loss on the validation data at the end of each epoch; empty without such data.
    seconds : list of float
        Seconds each epoch took, validation not counted. In TensorFlow the first epoch includes
        the compilation of its graph.
    step_loss : ndarray of shape (steps,)
        Training loss of every single step.
    best_epoch : int or None
        With early stopping: the epoch, counted from 1, whose weights the model has.
    interrupted : bool
        Whether Ctrl-C ended the run; the lists then cover the finished epochs.

    Examples
    --------
    >>> History(loss=[3.0, 2.0]).loss[-1]
    2.0
    """

    loss: list = field(default_factory=list)
    val_loss: list = field(default_factory=list)
    seconds: list = field(default_factory=list)
    step_loss: np.ndarray = field(default_factory=lambda: np.empty(0))
    best_epoch: int | None = None
    interrupted: bool = False

    def add_epoch(self, losses, sizes, seconds, val_loss=None):
        """Append an epoch from the losses and batch sizes of its steps.

        Raises
        ------
        NonFiniteLossError
            If a loss is NaN or infinite; names the epoch and the step. What came before is kept, in its `history`.
            Where only the validation loss is, it was the epoch's last step that diverged.
        """
        epoch = len(self.loss) + 1
        self.step_loss = np.concatenate([self.step_loss, losses])
        bad = np.flatnonzero(~np.isfinite(losses))
        if len(bad):
            what = f"The loss became {losses[bad[0]]} in epoch {epoch}, step {bad[0] + 1} of {len(losses)}."
        elif val_loss is not None and not np.isfinite(val_loss):
            what = f"The validation loss became {val_loss} after the last step of epoch {epoch}."
        else:
            what = None
        if what:
            error = NonFiniteLossError(f"{what} A smaller learning rate or standardized data is the usual cure.")
            error.history = self
            raise error
        self.loss.append(float(np.average(np.asarray(losses, np.float64), weights=sizes)))
        self.seconds.append(seconds)
        if val_loss is not None:
            self.val_loss.append(val_loss)

    @contextlib.contextmanager
    def until_interrupted(self):
        """Let Ctrl-C end the block, note it, and warn."""
        try:
            yield
        except KeyboardInterrupt:
            self.interrupted = True
            warnings.warn(f"Training was interrupted after {len(self.loss)} finished epochs; the history covers these.",
                          InterruptedWarning, stacklevel=4)

    def __repr__(self):
        if not self.loss:
            return "History(no epoch yet)"
        val = f", val_loss={self.val_loss[-1]:.4g}" if self.val_loss else ""
        return f"History({len(self.loss)} epochs, loss={self.loss[-1]:.4g}{val}, {sum(self.seconds):.1f} s)"
