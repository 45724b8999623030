"""A run that was interrupted goes on from its checkpoint and ends as if nothing had happened, bit for bit."""
import os
import pathlib
import signal
import subprocess
import sys
import warnings

import numpy as np
import pytest
from helpers import TWINS, digits_like

from aebook.errors import CheckpointError, CheckpointWarning, InterruptedWarning
from aebook.specs import MLP, Training

X = digits_like(150, 16)
SPEC = MLP(16, (12,), 4, activation="tanh")
BUDGET = Training(epochs=6, batch_size=32)  # 150 = 4 * 32 + 22
each_twin = pytest.mark.parametrize("twin", TWINS)


class Interrupted:
    """X in two batches; a pass over them is cut short by a signal, or by the end of the process."""

    def __init__(self, at_pass, send):
        self.at_pass, self.send, self.passes = at_pass, send, 0

    def __iter__(self):
        self.passes += 1
        yield X[:100]
        if self.passes == self.at_pass:
            self.send()
        yield X[100:]


def run(twin, training=BUDGET, x=X, cls="VariationalAutoencoder", seed=0, **options):
    model = getattr(TWINS[twin], cls)(SPEC, seed=seed)
    history = TWINS[twin].fit(model, x, training, **options)
    return TWINS[twin].get_weights(model), history


def assert_same(a, b):
    (weights_a, history_a), (weights_b, history_b) = a, b
    assert all(np.array_equal(weights_a[n], weights_b[n]) for n in weights_a)
    assert np.array_equal(history_a.step_loss, history_b.step_loss)
    for name in ("loss", "val_loss", "best_epoch", "interrupted"):
        assert getattr(history_a, name) == getattr(history_b, name), name


def interrupt():
    signal.raise_signal(signal.SIGINT)


@pytest.fixture(autouse=True)
def ctrl_c_is_heeded():
    """A suite that a shell started in the background inherits a Ctrl-C that is ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@each_twin
@pytest.mark.parametrize("choices", [
    {}, {"optimizer": "adamw", "weight_decay": 0.1}, {"optimizer": "rmsprop"}, {"optimizer": "momentum"},
    {"optimizer": "sgd", "epochs": None, "steps": 23}, {"schedule": "cosine", "kl_warmup": 17, "patience": 50},
], ids=str)
def test_a_resumed_run_ends_like_an_uninterrupted_one(choices, twin, tmp_path):
    """The first pass over an iterable counts its rows, so that the fifth is epoch 4."""
    training = Training(**{"epochs": 6, "batch_size": 32, "learning_rate": 2**-8} | choices)
    x_val = X[:40] if training.patience else None
    whole = run(twin, training, Interrupted(0, None), x_val=x_val)
    with pytest.warns(InterruptedWarning, match="3 finished epochs"):
        _, part = run(twin, training, Interrupted(5, interrupt), x_val=x_val, checkpoint=tmp_path / "c")
    assert part.interrupted and len(part.loss) == len(part.seconds) == 3
    assert np.array_equal(part.step_loss, whole[1].step_loss[:15])
    resumed = run(twin, training, Interrupted(0, None), seed=9, x_val=x_val, checkpoint=tmp_path / "c")
    assert_same(resumed, whole)
    x = Interrupted(0, None)
    assert_same(run(twin, training, x, seed=8, x_val=x_val, checkpoint=tmp_path / "c"), whole)
    assert x.passes == 1, "a finished run is not run again"


@each_twin
def test_early_stopping_counts_across_an_interruption(twin, tmp_path):
    """The run stops by itself, after epochs before and after the interruption."""
    training = Training(epochs=60, batch_size=10, learning_rate=0.03, patience=3)
    x_val = X[100:]
    whole = run(twin, training, Interrupted(0, None), cls="Autoencoder", x_val=x_val)
    end = len(whole[1].loss)
    assert 4 < end < 60 and whole[1].best_epoch == end - 3
    with pytest.warns(InterruptedWarning):
        run(twin, training, Interrupted(end, interrupt), cls="Autoencoder", x_val=x_val, checkpoint=tmp_path / "c")
    for _ in range(2):
        assert_same(run(twin, training, Interrupted(0, None), cls="Autoencoder", x_val=x_val,
                        checkpoint=tmp_path / "c"), whole)


@each_twin
def test_killed_at_random_moments(twin):
    """Three kills here; `python benchmarks/kill_and_resume.py` makes 20."""
    script = pathlib.Path(__file__).parents[1] / "benchmarks" / "kill_and_resume.py"
    done = subprocess.run([sys.executable, script, "--twin", twin, "--kills", "3", "--seed", "2"], capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr
    print(done.stdout)
    assert "all equal to the undisturbed one" in done.stdout


@pytest.fixture(params=TWINS)
def finished(request, tmp_path):
    """A twin, its finished run, and the path of its checkpoint."""
    return request.param, run(request.param, checkpoint=tmp_path / "c"), tmp_path / "c"


def damage(path, how):
    payload = bytearray(path.read_bytes())
    if how == "truncated":
        del payload[len(payload) // 2:]
    elif how == "empty":
        payload.clear()
    elif how == "a bit flipped in the tensors":
        payload[-5] ^= 1
    else:
        payload[payload.index(b"batch_size") + 14] ^= 1
    path.write_bytes(payload)


@pytest.mark.parametrize("how", ["truncated", "empty", "a bit flipped in the tensors", "a bit flipped in the header"])
def test_a_damaged_checkpoint_gives_way_to_the_one_before(finished, how):
    twin, whole, path = finished
    damage(path, how)
    with pytest.warns(CheckpointWarning, match="goes on from the one before it"):
        assert_same(run(twin, checkpoint=path), whole)
    assert_same(run(twin, checkpoint=path), whole)  # sound again
    damage(path, how)
    with pytest.warns(CheckpointWarning, match="goes on from the one before it"):
        assert_same(run(twin, checkpoint=path), whole)  # the damaged file has not taken the place of the one before
    damage(path, how)
    damage(pathlib.Path(f"{path}.previous"), how)
    with pytest.raises(CheckpointError, match="delete both files"):
        run(twin, checkpoint=path)


def test_a_run_goes_on_when_only_the_last_checkpoint_is_gone_bad(finished):
    """The one before is an epoch younger: exactly one epoch is trained again."""
    twin, whole, path = finished
    damage(path, "truncated")
    x = Interrupted(0, None)
    with pytest.raises(CheckpointError, match=r"x.crc32 is \d+ there and None here"), warnings.catch_warnings():
        warnings.simplefilter("ignore", CheckpointWarning)
        run(twin, x=x, checkpoint=path)
    with pytest.warns(CheckpointWarning):
        _, history = run(twin, checkpoint=path)
    assert history.seconds[:5] == whole[1].seconds[:5] and history.seconds[5] != whole[1].seconds[5]


@pytest.mark.parametrize("change, told", [
    ({"training": Training(epochs=6, batch_size=16)}, "training.batch_size is 32 there and 16 here"),
    ({"x": X[::-1]}, "x.crc32 is"), ({"x": X[:100]}, "x.shape is"), ({"x_val": X[:9]}, "x_val is None there"),
    ({"cls": "Autoencoder"}, "model is 'VariationalAutoencoder' there"),
])
def test_a_checkpoint_of_another_run_is_refused(finished, change, told):
    twin, _, path = finished
    before = path.read_bytes()
    with pytest.raises(CheckpointError, match="belongs to another run") as error:
        run(twin, **change, checkpoint=path)
    assert told in str(error.value) and "Choose another path, or delete" in str(error.value)
    assert path.read_bytes() == before


def test_a_checkpoint_of_the_other_framework_is_refused(finished):
    twin, _, path = finished
    (other,) = set(TWINS) - {twin}
    with pytest.raises(CheckpointError, match="framework is '(PyTorch|TensorFlow)' there and '(PyTorch|TensorFlow)'"):
        run(other, checkpoint=path)


@each_twin
def test_another_file_is_not_overwritten(twin, tmp_path):
    model = TWINS[twin].Autoencoder(SPEC)
    TWINS[twin].save(model, tmp_path / "m")
    before = (tmp_path / "m").read_bytes()
    with pytest.raises(CheckpointError, match="no checkpoint of aebook"):
        TWINS[twin].fit(model, X, BUDGET, checkpoint=tmp_path / "m")
    assert (tmp_path / "m").read_bytes() == before
    with pytest.raises(CheckpointError, match="cannot be written"):
        TWINS[twin].fit(model, X, BUDGET, checkpoint=tmp_path / "no folder" / "c")


@each_twin
def test_ctrl_c_without_a_checkpoint(twin):
    """Interrupted in epoch 3, in its first block: the model is as it was after epoch 2, and the KL at full weight."""
    training = Training(epochs=6, batch_size=32, kl_warmup=1000)
    model = TWINS[twin].VariationalAutoencoder(SPEC)
    with pytest.warns(InterruptedWarning, match="2 finished epochs"):
        history = TWINS[twin].fit(model, Interrupted(4, interrupt), training)
    assert history.interrupted and len(history.loss) == 2 and len(history.step_loss) == 10
    assert float(model.kl_weight) == 1
    assert np.isfinite(TWINS[twin].evaluate(model, X)["loss"])
    assert not run(twin)[1].interrupted


@each_twin
def test_ctrl_c_with_patience_returns_to_the_best_epoch(twin):
    training = Training(epochs=60, batch_size=10, learning_rate=0.03, patience=9)
    model = TWINS[twin].Autoencoder(SPEC)
    with pytest.warns(InterruptedWarning):
        history = TWINS[twin].fit(model, Interrupted(12, interrupt), training, x_val=X[100:])
    assert history.best_epoch == 1 + int(np.argmin(history.val_loss))
    assert TWINS[twin].evaluate(model, X[100:])["loss"] == pytest.approx(min(history.val_loss), rel=1e-6)


@each_twin
def test_a_checkpoint_changes_nothing(twin, tmp_path):
    assert_same(run(twin, x_val=X[:30]), run(twin, x_val=X[:30], checkpoint=os.fsencode(tmp_path / "c")))
    assert sorted(os.listdir(tmp_path)) == ["c", "c.previous"]
