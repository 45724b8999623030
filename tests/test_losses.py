"""Losses: value and gradient of both twins against the oracle, and the oracle against finite differences."""
import numpy as np
import pytest
from helpers import (
    TWINS,
    assert_oracle_gradients,
    assert_twin_equals_oracle,
    finite_differences,
    floats32,
    relative,
    value_and_gradients,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aebook import reference

LOSSES = ["squared_error", "bernoulli_nll"]
# float32: a sum of 300 terms of size up to 100 rounds by a few 1e-7 relative; float64 likewise 1e-15.
TOLERANCE = {"float32": 2e-6, "float64": 1e-14}
shapes = st.tuples(st.integers(1, 5), st.integers(1, 60))


@pytest.mark.parametrize("loss", LOSSES)
@given(st.data())
@settings(max_examples=30, deadline=None)
def test_oracle_gradient_equals_finite_differences(loss, data):
    shape = data.draw(shapes)
    x = data.draw(arrays(np.float64, shape, elements=st.floats(0, 1)))
    a = data.draw(arrays(np.float64, shape, elements=st.floats(-5, 5)))
    gradient = getattr(reference, f"{loss}_grad")(x, a)
    numeric = finite_differences(lambda a: getattr(reference, loss)(x, a), a)
    np.testing.assert_allclose(gradient, numeric, rtol=1e-5, atol=1e-6)  # rounding / h = 1e-16 * 500 / 1e-6


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("dtype", TOLERANCE)
@pytest.mark.parametrize("loss", LOSSES)
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_twins_equal_the_oracle(loss, dtype, twin, data):
    shape = data.draw(shapes)
    x = data.draw(arrays(dtype, shape, elements=floats32(0, 1)))
    a = data.draw(arrays(dtype, shape, elements=floats32(-100, 100)))
    value, (_, gradient) = value_and_gradients(twin, getattr(TWINS[twin], loss), x, a, dtype=dtype)
    assert value.dtype == dtype
    term = max(1.0, np.abs(a).max()) ** (2 if loss == "squared_error" else 1)  # terms cancel in a - a x
    expected = getattr(reference, loss)(x, a)
    assert abs(value - expected) <= TOLERANCE[dtype] * shape[1] * term
    np.testing.assert_allclose(gradient, getattr(reference, f"{loss}_grad")(x, a),
                               rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype] * max(1.0, np.abs(a).max()))


@pytest.mark.parametrize("twin", TWINS)
def test_extreme_logits_stay_exact(twin):
    """-log sigmoid(100) for x = 0 is 100, and 0 (to 1e-40) for x = 1: no clipping at 1e-7 or at -100."""
    from_numpy, loss = TWINS[twin].from_numpy, TWINS[twin].bernoulli_nll
    for x, a, nats in ((0.0, 200.0, 200.0), (1.0, 200.0, 0.0), (1.0, -200.0, 200.0), (0.0, -200.0, 0.0)):
        assert float(loss(from_numpy([[x]]), from_numpy([[a]]))) == pytest.approx(nats, abs=1e-30)


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("loss", LOSSES)
def test_nan_in_nan_out(loss, twin):
    from_numpy = TWINS[twin].from_numpy
    assert np.isnan(float(getattr(TWINS[twin], loss)(from_numpy([[0.5]]), from_numpy([[np.nan]]))))


@pytest.mark.parametrize("loss", LOSSES)
def test_twins_equal_each_other(loss):
    rng = np.random.default_rng(0)
    x, a = rng.uniform(size=(128, 784)), rng.normal(size=(128, 784))
    values = [value_and_gradients(twin, getattr(TWINS[twin], loss), x, a, dtype="float32") for twin in TWINS]
    assert relative(values[0][0], values[1][0]) < 1e-6
    assert relative(values[0][1][1], values[1][1][1]) < 1e-6


# Probabilities: the gradient -x / p is steep near 0, so finite differences stay 0.05 away from both ends.
@given(st.data())
@settings(max_examples=30, deadline=None)
def test_oracle_gradient_from_probabilities(data):
    shape = data.draw(shapes)
    x = data.draw(arrays(np.float64, shape, elements=st.sampled_from([0.0, 1.0]) | st.floats(0, 1)))
    p = data.draw(arrays(np.float64, shape, elements=st.floats(0.05, 0.95)))
    assert_oracle_gradients("bernoulli_nll_from_probabilities", [x], [p])


# float32: 60 terms of up to 100 nats, each right to 1e-7; 1 - p is rounded by nobody (log1p).
@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("dtype", TOLERANCE)
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_twins_equal_the_oracle_from_probabilities(dtype, twin, data):
    shape = data.draw(shapes)
    x = data.draw(arrays(dtype, shape, elements=st.sampled_from([0.0, 1.0]) | floats32(0, 1)))
    p = data.draw(arrays(dtype, shape, elements=st.sampled_from([0.0, 1.0]) | floats32(2**-20, 1)))
    assert_twin_equals_oracle(twin, "bernoulli_nll_from_probabilities", [x], [p], dtype=dtype,
                              rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype])


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("dtype", TOLERANCE)
def test_probabilities_that_exclude_what_happened(dtype, twin):
    """-log 0 is infinite with an infinite gradient; 0 log 0 is 0 with gradient 1, not NaN."""
    for x, p, nats, slope in ((1, 0, np.inf, -np.inf), (0, 1, np.inf, np.inf), (0, 0, 0, 1), (1, 1, 0, -1)):
        x, p = np.full((1, 1), x, dtype), np.full((1, 1), p, dtype)
        loss = TWINS[twin].bernoulli_nll_from_probabilities
        value, (_, gradient) = value_and_gradients(twin, loss, x, p, dtype=dtype)
        assert (float(value), float(gradient[0, 0])) == (nats, slope)


@given(st.data())
@settings(max_examples=30, deadline=None)
def test_oracle_gradient_of_gaussian_nll(data):
    shape = data.draw(shapes)
    x, mu, log_var = (data.draw(arrays(np.float64, shape, elements=st.floats(-2, 2))) for _ in range(3))
    assert_oracle_gradients("gaussian_nll", [x], [mu, log_var])  # rounding / h = 1e-16 * 3000 / 1e-6 < atol


# float32: an exponent of 10 is rounded by 5e-7, so exp of it is off by 5e-7 relative; squared, 1e-6.
@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("dtype", TOLERANCE)
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_twins_equal_the_oracle_of_gaussian_nll(dtype, twin, data):
    shape = data.draw(shapes)
    x, mu = (data.draw(arrays(dtype, shape, elements=floats32(0, 1))) for _ in range(2))
    log_var = data.draw(arrays(dtype, shape, elements=floats32(-20, 20)))
    rounding = 2 * TOLERANCE[dtype]
    # sums of up to 60 terms of both signs: the error is relative to their largest
    largest = max(10, np.exp(-log_var.min().astype(float)) * np.abs(x - mu).max() ** 2)
    value, (gradient_mu, gradient_log_var) = value_and_gradients(
        twin, lambda m, v: TWINS[twin].gaussian_nll(TWINS[twin].from_numpy(x, dtype), m, v), mu, log_var, dtype=dtype)
    assert abs(value - reference.gaussian_nll(x, mu, log_var)) <= rounding * shape[1] * largest
    expected = reference.gaussian_nll_grad(x, mu, log_var)
    np.testing.assert_allclose(gradient_mu, expected[0], rtol=rounding, atol=rounding)
    np.testing.assert_allclose(gradient_log_var, expected[1], rtol=rounding, atol=rounding)


def test_gaussian_nll_is_minus_the_log_density():
    from scipy.stats import norm
    rng = np.random.default_rng(0)
    x, mu, log_var = rng.normal(size=(3, 7, 5))
    expected = -norm.logpdf(x, mu, np.exp(log_var / 2)).sum(1).mean()
    assert reference.gaussian_nll(x, mu, log_var) == pytest.approx(expected, rel=1e-13)


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("log_var", [-200.0, -100.0, 100.0, 200.0])
def test_a_perfect_prediction_is_not_nan(log_var, twin):
    """0 * exp(200) is 0 * inf in float32; a black border pixel, predicted exactly, gets there."""
    zero, log_var = np.zeros((1, 1)), np.full((1, 1), log_var)
    value, (_, gradient_mu, gradient_log_var) = value_and_gradients(twin, TWINS[twin].gaussian_nll, zero, zero, log_var,
                                                                    dtype="float32")
    assert float(value) == pytest.approx(0.5 * (np.log(2 * np.pi) + log_var.item()), rel=1e-6)
    assert (gradient_mu.item(), gradient_log_var.item()) == (0.0, 0.5)


def test_bernoulli_nll_from_probabilities_agrees_with_logits():
    rng = np.random.default_rng(0)
    x, a = rng.uniform(size=(5, 7)), rng.normal(size=(5, 7))
    p = reference.activation("sigmoid", a)
    assert reference.bernoulli_nll_from_probabilities(x, p) == pytest.approx(reference.bernoulli_nll(x, a), rel=1e-13)
