"""Corruption: what is given is obeyed exactly, what is drawn has the right law and is alike everywhere."""
import numpy as np
import pytest
from helpers import TWINS, assert_oracle_gradients, assert_twin_equals_oracle, floats32
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aebook import reference

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
each_twin = pytest.mark.parametrize("twin", TWINS)
shapes = st.tuples(st.integers(1, 5), st.integers(1, 20))
CALLS = {"gaussian_noise": {"scale": 0.5}, "masking_noise": {"rate": 0.3}, "salt_and_pepper": {"rate": 0.3}}


@pytest.mark.parametrize("name", CALLS)
@given(st.data())
@settings(max_examples=20, deadline=None)
def test_oracle_gradient_equals_finite_differences(name, data):
    shape = data.draw(shapes)
    x, noise = (data.draw(arrays(np.float64, shape, elements=st.floats(0, 1, exclude_max=True))) for _ in range(2))
    assert_oracle_gradients(name, [], [x], CALLS[name] | {"eps" if name == "gaussian_noise" else "u": noise})


@each_twin
@DTYPES
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_gaussian_noise(dtype, twin, data):
    shape, scale = data.draw(shapes), data.draw(st.sampled_from([0.0, 0.1, 1.0]))
    x = data.draw(arrays(dtype, shape, elements=floats32(0, 1)))
    eps = data.draw(arrays(dtype, shape, elements=floats32(-4, 4)))
    tolerance = 5e-7 if dtype == "float32" else 1e-15  # a product and a sum, each rounded; at most 5
    assert_twin_equals_oracle(twin, "gaussian_noise", [], [x], {"scale": scale, "eps": eps}, dtype=dtype, rtol=0,
                              atol=tolerance)


@each_twin
@DTYPES
@pytest.mark.parametrize("name", ["masking_noise", "salt_and_pepper"])
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_what_is_hit_is_decided_alike(name, dtype, twin, data):
    """Exactly, at float32's neighbors of the rate too: 0.7 is not a float32."""
    shape, rate = data.draw(shapes), data.draw(st.sampled_from([0.0, 0.25, 0.3, 0.7, 1.0]))
    x = data.draw(arrays(dtype, shape, elements=floats32(0, 1)))
    at = np.float32(rate)
    near = [float(v) for v in (at, np.nextafter(at, np.float32(0)), np.float32(rate / 2)) if v < 1]
    u = data.draw(arrays(dtype, shape, elements=st.sampled_from(near) | floats32(0, 1, exclude_max=True)))
    assert_twin_equals_oracle(twin, name, [], [x], {"rate": rate, "u": u}, dtype=dtype, rtol=0, atol=0)


@each_twin
@pytest.mark.parametrize("name", CALLS)
def test_noise_is_the_same_in_every_room(name, twin):
    x, ae = np.full((50, 40), 0.5), TWINS[twin]
    mine = ae.to_numpy(getattr(ae, name)(ae.from_numpy(x), *CALLS[name].values(), rng=3))
    np.testing.assert_allclose(mine, getattr(reference, name)(x, *CALLS[name].values(), rng=3), rtol=1e-6, atol=1e-7)
    other = ae.to_numpy(getattr(ae, name)(ae.from_numpy(x), *CALLS[name].values(), rng=4))
    assert (mine != other).any()


def test_rates_and_scale():
    """Fractions of a million entries, within 5 standard deviations."""
    x = np.full((1000, 1000), 0.5)
    deviation = np.sqrt(0.25 / x.size)
    assert abs((reference.masking_noise(x, 0.3, rng=0) == 0).mean() - 0.3) < 5 * deviation
    noisy = reference.salt_and_pepper(x, 0.3, rng=0)
    assert [abs((noisy == v).mean() - p) < 5 * deviation for v, p in ((0, 0.15), (1, 0.15), (0.5, 0.7))] == [True] * 3
    noise = reference.gaussian_noise(x, 0.2, rng=0) - x
    assert abs(noise.mean()) < 5 * 0.2e-3 and abs(noise.std() - 0.2) < 5 * 0.2e-3 / np.sqrt(2)


@each_twin
@pytest.mark.parametrize("name", CALLS)
def test_the_input_is_left_alone(name, twin):
    x, ae = np.full((4, 3), 0.5, np.float32), TWINS[twin]
    getattr(ae, name)(ae.from_numpy(x), 0.9, rng=0)
    assert (x == 0.5).all()
