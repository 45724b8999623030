"""Weights: out of one model, into another, or a message that names the tensor."""
import numpy as np
import pytest
from helpers import TWINS, digits_like, relative

from aebook.errors import WeightsError
from aebook.specs import MLP

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
