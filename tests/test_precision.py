"""Mixed precision: every model trains in bfloat16 nearly as in float32, and nothing of it remains afterwards."""
import importlib

import numpy as np
import pytest
from helpers import TWINS, digits_like
from test_models import build, each_model, each_twin

import aebook
from aebook.errors import SpecError
from aebook.specs import MLP, Training

X = digits_like(96)


def train(twin, name, mixed):
    model = build(twin, name)
    training = Training(steps=24, batch_size=32, learning_rate=1e-3, mixed_precision=mixed)
    return model, TWINS[twin].fit(model, X, training, x_val=X)


@each_twin
@each_model
def test_every_model_trains_in_mixed_precision(name, twin):
    """The losses differ, since products are rounded to 8 bits, and by no more than a per cent."""
    (_, exact), (model, mixed) = (train(twin, name, flag) for flag in (False, True))
    assert (mixed.step_loss != exact.step_loss).any()
    np.testing.assert_allclose(mixed.step_loss, exact.step_loss, rtol=0.01)
    np.testing.assert_allclose(mixed.val_loss, exact.val_loss, rtol=0.01)
    weights = TWINS[twin].get_weights(model)
    assert {w.dtype for w in weights.values()} == {np.dtype("float32")}
    fresh = build(twin, name, seed=2)
    TWINS[twin].set_weights(fresh, weights)
    assert TWINS[twin].evaluate(fresh, X) == TWINS[twin].evaluate(model, X)
    np.testing.assert_array_equal(TWINS[twin].reconstruct(fresh, X), TWINS[twin].reconstruct(model, X))


@each_twin
def test_layers_compute_in_bfloat16_and_the_loss_does_not(twin, monkeypatch):
    seen = set()
    module = importlib.import_module(f"aebook.{twin}.dense")
    parts = importlib.import_module(f"aebook.{twin}.autoencoder")
    error = parts.RECONSTRUCTION["gaussian"]
    if twin == "torch":
        product = module.nn.functional.linear
        monkeypatch.setattr(module.nn.functional, "linear", lambda x, w, b=None: watched("layer", product(x, w, b)))
    else:
        product = module.tf.matmul
        monkeypatch.setattr(module.tf, "matmul", lambda x, w, **how: watched("layer", product(x, w, **how)))
    monkeypatch.setitem(parts.RECONSTRUCTION, "gaussian", lambda x, out: error(x, watched("loss", out)))

    def watched(what, tensor):
        seen.add((what, str(tensor.dtype).replace("torch.", "").split("'")[-2 if "'" in str(tensor.dtype) else 0]))
        return tensor

    model = TWINS[twin].Autoencoder(MLP(64, (), 8, tied=True))  # tied: its product is made in our own code
    TWINS[twin].fit(model, X, Training(steps=2, batch_size=32, mixed_precision=True))
    assert ("layer", "bfloat16") in seen and {d for what, d in seen if what == "loss"} == {"float32"}


@each_twin
def test_a_failing_step_leaves_no_trace(twin):
    """An error in the middle of a step: afterwards the model computes in float32 as before."""
    ae = TWINS[twin]
    model = ae.Autoencoder(MLP(64, (16,), 8))
    before = ae.reconstruct(model, X)

    def broken(x, out):
        raise RuntimeError("stop here")
    model.reconstruction_loss = broken
    with pytest.raises(RuntimeError, match="stop here"):
        ae.fit(model, X, Training(steps=1, mixed_precision=True))
    np.testing.assert_array_equal(ae.reconstruct(model, X), before)


@each_twin
def test_float64_is_refused(twin):
    model = TWINS[twin].Autoencoder(MLP(64, (16,), 8, dtype="float64"))
    with pytest.raises(SpecError, match="mixed_precision computes in bfloat16 and float32, and the spec says float64"):
        TWINS[twin].fit(model, X, Training(steps=1, mixed_precision=True))


def test_the_field_is_a_flag():
    with pytest.raises(SpecError, match="mixed_precision must be True or False, not 'bf16'"):
        Training(mixed_precision="bf16")
    assert not aebook.specs.Training().mixed_precision
