"""Activations: value and derivative of both twins against the oracle, the oracle against finite differences."""
import numpy as np
import pytest
from helpers import TWINS, value_and_gradients

from aebook import reference
from aebook.specs import ACTIVATIONS

GRID = np.concatenate([np.linspace(-6, 6, 97), [-100.0, -30.0, 30.0, 100.0]])
AWAY_FROM_KINKS = GRID[np.abs(GRID) > 1e-3]


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_oracle_derivative_equals_finite_differences(name):
    a, h = AWAY_FROM_KINKS, 1e-6
    numeric = (reference.activation(name, a + h) - reference.activation(name, a - h)) / (2 * h)
    np.testing.assert_allclose(reference.activation_grad(name, a), numeric, rtol=1e-7, atol=1e-8)


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("dtype, tolerance", [("float32", 2e-6), ("float64", 1e-12)])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_twins_equal_the_oracle(name, dtype, tolerance, twin):
    value, (gradient,) = value_and_gradients(twin, lambda a: TWINS[twin].activation(name, a), AWAY_FROM_KINKS,
                                             dtype=dtype)
    at = AWAY_FROM_KINKS.astype(dtype)
    np.testing.assert_allclose(value, reference.activation(name, at), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(gradient, reference.activation_grad(name, at), rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("twin", TWINS)
def test_relu_has_derivative_zero_at_zero(twin):
    _, (gradient,) = value_and_gradients(twin, lambda a: TWINS[twin].activation("relu", a), np.zeros(1))
    assert gradient.tolist() == [0.0]


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("dtype, tolerance", [("float32", 2e-6), ("float64", 1e-12)])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_derivatives_equal_the_oracle(name, dtype, tolerance, twin):
    """At the kinks, too, where they are a convention."""
    at = np.append(GRID, 0).astype(dtype)
    value, (gradient,) = value_and_gradients(twin, lambda a: TWINS[twin].activation_grad(name, a), at, dtype=dtype)
    np.testing.assert_allclose(value, reference.activation_grad(name, at), rtol=tolerance, atol=tolerance)
    np.testing.assert_allclose(gradient, reference.activation_grad_grad(name, at), rtol=tolerance, atol=tolerance)
