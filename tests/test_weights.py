"""Weights: out of one model, into another, or a message that names the tensor."""
import numpy as np
import pytest
from helpers import TWINS, digits_like, relative

from aebook.errors import WeightsError
from aebook.random import initial_weights
from aebook.specs import MLP, Conv, Recurrent
from aebook.weights import weight_shapes

KINDS = [MLP(64, (32, 16), 8, batch_norm=True), MLP(64, (32, 16), 8, tied=True, batch_norm=True, dtype="float64"),
         MLP(9, (), 1), Conv((8, 4, 2), (3, 5), 6), Conv((8, 8, 1), (3,), 6, batch_norm=True, dropout=0.5),
         Recurrent((8, 8), (7, 6), 5, dropout=0.5)]
each_kind = pytest.mark.parametrize("spec", KINDS, ids=str)
SPEC = MLP(64, (32, 16), 8)
PAIRS = [(a, b) for a in TWINS for b in TWINS]


@pytest.mark.parametrize("source, target", PAIRS)
def test_weights_travel(source, target):
    a, b = TWINS[source].Autoencoder(SPEC, seed=1), TWINS[target].Autoencoder(SPEC, seed=2)
    weights = TWINS[source].get_weights(a)
    TWINS[target].set_weights(b, weights)
    back = TWINS[target].get_weights(b)
    assert list(back) == list(weights) and all(np.array_equal(back[n], weights[n]) for n in weights)
    x = digits_like(20)
    assert relative(TWINS[target].reconstruct(b, x), TWINS[source].reconstruct(a, x)) < 1e-6


@pytest.mark.parametrize("twin", TWINS)
@each_kind
def test_a_model_has_the_weights_that_its_spec_announces(spec, twin):
    """Names, order, shapes and values, drawn without touching any global random state."""
    import random

    import torch
    states = random.getstate(), torch.get_rng_state().numpy(), np.random.get_state()[1].copy()
    weights = TWINS[twin].get_weights(TWINS[twin].Autoencoder(spec, seed=3))
    after = random.getstate(), torch.get_rng_state().numpy(), np.random.get_state()[1]
    assert states[0] == after[0] and all(np.array_equal(a, b) for a, b in zip(states[1:], after[1:]))
    expected = initial_weights(spec, 3)
    assert list(weights) == list(expected)
    assert {n: a.shape for n, a in weights.items()} == weight_shapes(spec)
    assert all(a.dtype == spec.dtype and np.array_equal(a, expected[n]) for n, a in weights.items())


@pytest.mark.parametrize("source, target", PAIRS)
@each_kind
def test_weights_of_every_kind_travel(spec, source, target):
    rng = np.random.default_rng(1)
    weights = {n: np.abs(a + rng.normal(0, 0.1, a.shape)).astype(spec.dtype)
               for n, a in initial_weights(spec, 0).items()}
    a, b = TWINS[source].Autoencoder(spec), TWINS[target].Autoencoder(spec, seed=2)
    TWINS[source].set_weights(a, weights)
    TWINS[target].set_weights(b, TWINS[source].get_weights(a))
    back = TWINS[target].get_weights(b)
    assert list(back) == list(weights) and all(np.array_equal(back[n], weights[n]) for n in weights)
    x = digits_like(20, spec.input_dim)
    assert relative(TWINS[target].reconstruct(b, x), TWINS[source].reconstruct(a, x)) < 1e-5


def test_initial_gates_are_glorot_and_orthogonal():
    weights = initial_weights(Recurrent((5, 3), (40,), 2), 0)
    for gate in np.split(weights["encoder.0.recurrent_weight"], 3, axis=1):
        np.testing.assert_allclose(gate.T @ gate, np.eye(40), atol=1e-6)
    bound = np.sqrt(6 / 43)
    assert 0.95 * bound < np.abs(weights["encoder.0.weight"]).max() <= bound
    kernel = initial_weights(Conv((8, 8, 3), (20,), 2), 0)["encoder.0.weight"]
    assert 0.95 * np.sqrt(6 / (16 * 23)) < np.abs(kernel).max() <= np.sqrt(6 / (16 * 23))


@pytest.mark.parametrize("twin", TWINS)
def test_a_negative_variance_is_no_weight(twin):
    model = TWINS[twin].Autoencoder(KINDS[0])
    weights = TWINS[twin].get_weights(model)
    weights["encoder.0.running_var"][3] = -1
    with pytest.raises(WeightsError, match="encoder.0.running_var holds a negative variance"):
        TWINS[twin].set_weights(model, weights)


@pytest.mark.parametrize("twin", TWINS)
def test_layout_is_in_out_and_a_copy(twin):
    model = TWINS[twin].Autoencoder(SPEC)
    weights = TWINS[twin].get_weights(model)
    assert weights["encoder.0.weight"].shape == (64, 32) and weights["decoder.2.bias"].shape == (64,)
    weights["encoder.0.weight"][:] = 0
    assert TWINS[twin].get_weights(model)["encoder.0.weight"].any()


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("change, word", [
    (lambda w: w.pop("encoder.1.bias"), "missing encoder.1.bias"),
    (lambda w: w.update({"encoder.9.bias": np.zeros(3)}), "unknown encoder.9.bias"),
    (lambda w: w.update({"decoder.0.weight": w["decoder.0.weight"].T}), r"decoder.0.weight has shape \(16, 8\)"),
    (lambda w: w.update({"decoder.2.bias": np.full(64, np.nan)}), "decoder.2.bias.*finite"),
])
def test_weights_that_do_not_fit_change_nothing(twin, change, word):
    model = TWINS[twin].Autoencoder(SPEC, seed=0)
    before = TWINS[twin].get_weights(model)
    wrong = TWINS[twin].get_weights(TWINS[twin].Autoencoder(SPEC, seed=1))
    change(wrong)
    with pytest.raises(WeightsError, match=word):
        TWINS[twin].set_weights(model, wrong)
    after = TWINS[twin].get_weights(model)
    assert all(np.array_equal(before[n], after[n]) for n in before)
