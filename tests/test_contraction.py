"""The contractive penalty: closed form against the Jacobian that autodiff forms, and against the oracle."""
import numpy as np
import pytest
from helpers import TWINS, assert_oracle_gradients, assert_twin_equals_oracle, floats32, oracle
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aebook import reference
from aebook.specs import ACTIVATIONS

each_activation = pytest.mark.parametrize("activation", ACTIVATIONS)
DTYPES = pytest.mark.parametrize("dtype, tolerance", [("float32", 4e-6), ("float64", 1e-14)])
rng = np.random.default_rng(0)
X, W, B = rng.normal(size=(5, 4)), rng.normal(size=(4, 3)), rng.normal(size=3)


def torch_jacobians(activation):
    import torch
    ae = TWINS["torch"]
    w, b = ae.from_numpy(W, "float64"), ae.from_numpy(B, "float64")
    return np.stack([torch.autograd.functional.jacobian(lambda x: ae.activation(activation, x @ w + b), x).cpu().numpy()
                     for x in ae.from_numpy(X, "float64")])


def tensorflow_jacobians(activation):
    import tensorflow as tf
    x = tf.constant(X)
    with tf.GradientTape() as tape:
        tape.watch(x)
        z = TWINS["tensorflow"].activation(activation, x @ W + B)
    return tape.batch_jacobian(z, x).numpy()


@pytest.mark.parametrize("twin, jacobians", [("torch", torch_jacobians), ("tensorflow", tensorflow_jacobians)])
@each_activation
def test_closed_form_equals_the_jacobian_of_autodiff(activation, twin, jacobians):
    ae = TWINS[twin]
    penalty = ae.contractive_penalty(ae.from_numpy(W, "float64"), ae.from_numpy(X @ W + B, "float64"), activation)
    assert float(penalty) == pytest.approx((jacobians(activation) ** 2).sum((1, 2)).mean(), rel=1e-13)


def away_from_kinks(low, high, dtype=np.float64):
    parts = floats32(0.015625, high) | st.floats(low, -0.015625, width=32)
    return arrays(dtype, (3, 2), elements=parts)


@each_activation
@given(st.data())
@settings(max_examples=15, deadline=None)
def test_oracle_gradients_equal_finite_differences(activation, data):
    w = data.draw(arrays(np.float64, (4, 2), elements=st.floats(-2, 2)))
    assert_oracle_gradients("contractive_penalty", [], [w, data.draw(away_from_kinks(-5, 5))],
                            {"activation": activation})


# float32: twice the relative error of f' (sigmoid 1e-6 at its tails), and absolutely that of its largest
@pytest.mark.parametrize("twin", TWINS)
@DTYPES
@each_activation
@given(st.data())
@settings(max_examples=10, deadline=None)
def test_twins_equal_the_oracle(activation, dtype, tolerance, twin, data):
    w = data.draw(arrays(dtype, (4, 2), elements=floats32(-2, 2)))
    assert_twin_equals_oracle(twin, "contractive_penalty", [], [w, data.draw(away_from_kinks(-100, 100, dtype))],
                              {"activation": activation}, dtype=dtype, rtol=tolerance, atol=4 * tolerance)


@each_activation
def test_second_derivatives_equal_finite_differences(activation):
    a, h = np.linspace(-6, 6, 96), 1e-6  # without 0
    numeric = (reference.activation_grad(activation, a + h) - reference.activation_grad(activation, a - h)) / (2 * h)
    np.testing.assert_allclose(reference.activation_grad_grad(activation, a), numeric, atol=1e-9)


@pytest.mark.parametrize("twin", TWINS)
def test_a_saturated_tanh_keeps_its_slope(twin):
    """1 - tanh(10)^2 is 0 in float32; 8e-9 is right."""
    a = TWINS[twin].from_numpy([10.0])
    assert float(TWINS[twin].activation_grad("tanh", a)[0]) == pytest.approx(1 / np.cosh(10) ** 2, rel=2e-6)


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("dtype, huge", [("float32", 1e22), ("float64", 1e200)])
@each_activation
def test_a_unit_without_slope_costs_nothing_however_large_its_weights(activation, dtype, huge, twin):
    """Their squares overflow. The other unit counts as ever, and where there is a slope the penalty is infinite."""
    w, a = np.array([[huge, 1.0], [-huge, 2.0]], dtype), np.array([[-1e4, 0.5]], dtype)
    assert_twin_equals_oracle(twin, "contractive_penalty", [], [w, a], {"activation": activation}, dtype=dtype,
                              rtol=4e-6, atol=0)
    value, gradients = oracle("contractive_penalty", [], [w, a], {"activation": activation})
    assert all(np.isfinite(g).all() for g in gradients)
    if activation not in ("linear", "leaky_relu"):
        assert 0 < value <= 5 and not gradients[0][:, 0].any()
