"""History: the epoch's mean counts examples, and a loss that is not finite stops the run."""
import numpy as np
import pytest

from aebook.errors import InterruptedWarning, NonFiniteLossError
from aebook.history import History


def test_epoch_loss_is_weighted_by_batch_size():
    history = History()
    history.add_epoch(np.array([1.0, 4.0]), [3, 1], seconds=0.5, val_loss=2.0)
    assert history.loss == [1.75] and history.val_loss == [2.0] and history.step_loss.tolist() == [1.0, 4.0]
    assert repr(history) == "History(1 epochs, loss=1.75, val_loss=2, 0.5 s)"


def test_non_finite_loss_names_epoch_and_step():
    history = History()
    history.add_epoch(np.ones(3), [1, 1, 1], 0.1)
    with pytest.raises(NonFiniteLossError, match="epoch 2, step 2 of 3"):
        history.add_epoch(np.array([1.0, np.nan, np.inf]), [1, 1, 1], 0.1)
    assert history.loss == [1.0] and len(history.step_loss) == 6


def test_ctrl_c_is_noted_and_other_errors_pass():
    history = History(loss=[1.0])
    with pytest.warns(InterruptedWarning, match="after 1 finished epochs"), history.until_interrupted():
        raise KeyboardInterrupt
    assert history.interrupted
    with pytest.raises(ZeroDivisionError), History().until_interrupted():
        raise ZeroDivisionError
