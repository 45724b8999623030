"""Losses: value and gradient of both twins against the oracle, and the oracle against finite differences."""
import numpy as np
import pytest
from helpers import TWINS, relative, value_and_gradients
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aebook import reference

LOSSES = ["squared_error", "bernoulli_nll"]
# float32: a sum of 300 terms of size up to 100 rounds by a few 1e-7 relative; float64 likewise 1e-15.
TOLERANCE = {"float32": 2e-6, "float64": 1e-14}
shapes = st.tuples(st.integers(1, 5), st.integers(1, 60))


def finite_differences(function, at, h=1e-6):
    gradient = np.empty_like(at)
    for i in np.ndindex(at.shape):
        step = np.zeros_like(at)
        step[i] = h
        gradient[i] = (function(at + step) - function(at - step)) / (2 * h)
    return gradient


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
    x = data.draw(arrays(dtype, shape, elements=st.floats(0, 1, width=32)))
    a = data.draw(arrays(dtype, shape, elements=st.floats(-100, 100, width=32)))
    value, (_, gradient) = value_and_gradients(twin, getattr(TWINS[twin], loss), x, a, dtype=dtype)
    assert value.dtype == dtype
    scale = max(1.0, np.abs(a).max() ** 2)
    expected = getattr(reference, loss)(x, a)
    assert abs(value - expected) <= TOLERANCE[dtype] * max(abs(expected), 1e-3 * scale)
    np.testing.assert_allclose(gradient, getattr(reference, f"{loss}_grad")(x, a),
                               rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype] * np.sqrt(scale))


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
