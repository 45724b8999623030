"""Penalties: twins against the oracle, and what the frameworks' own weight decay amounts to."""
import numpy as np
import pytest
from helpers import TWINS, assert_oracle_gradients, assert_twin_equals_oracle, floats32
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from aebook import reference

NAMES = ["l1_penalty", "l2_penalty"]


@pytest.mark.parametrize("name", NAMES)
@given(arrays(np.float64, array_shapes(max_dims=3, max_side=5), elements=st.floats(0.01, 3) | st.floats(-3, -0.01)))
@settings(max_examples=25, deadline=None)
def test_oracle_gradient_equals_finite_differences(name, w):
    assert_oracle_gradients(name, [], [w])  # 0.01 away from the kink of |w|


# float32: all terms are positive, so each sum of at most 125 is right to a few roundings
@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("dtype, tolerance", [("float32", 1e-6), ("float64", 1e-15)])
@pytest.mark.parametrize("name", NAMES)
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_twins_equal_the_oracle(name, dtype, tolerance, twin, data):
    w = data.draw(arrays(dtype, array_shapes(max_dims=3, max_side=5), elements=floats32(-100, 100)))
    assert_twin_equals_oracle(twin, name, [], [w], dtype=dtype, rtol=tolerance, atol=1e-30)


def test_keras_regularizer_is_c_times_the_penalty():
    import keras
    w = np.array([[1.0, -2.0], [0.5, 0.0]], np.float32)
    assert float(keras.regularizers.L2(0.01)(w)) == pytest.approx(0.01 * reference.l2_penalty(w), rel=1e-6)
    assert float(keras.regularizers.L1(0.01)(w)) == pytest.approx(0.01 * reference.l1_penalty(w), rel=1e-6)


def test_torch_weight_decay_descends_half_the_penalty():
    import torch
    w = torch.tensor([[1.0, -2.0], [0.5, 0.0]], dtype=torch.float64, requires_grad=True)
    w.grad = torch.zeros_like(w)
    before = w.detach().numpy().copy()
    torch.optim.SGD([w], lr=0.5, weight_decay=0.01).step()
    step = 0.5 * 0.01 / 2 * reference.l2_penalty_grad(before)
    np.testing.assert_allclose(w.detach().numpy(), before - step, rtol=1e-15)
