"""Sparsity: the Bernoulli KL at and near its ends, and which values are kept on a tie."""
import numpy as np
import pytest
from helpers import TWINS, assert_oracle_gradients, assert_twin_equals_oracle, floats32, value_and_gradients
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aebook import reference

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
each_twin = pytest.mark.parametrize("twin", TWINS)
EPSILON = 2.0**-23


@given(arrays(np.float64, st.integers(1, 20), elements=st.floats(0.02, 0.98)), st.floats(0.01, 0.99))
@settings(max_examples=30, deadline=None)
def test_oracle_gradient_equals_finite_differences(rho_hat, rho):
    assert_oracle_gradients("bernoulli_kl", [], [rho_hat], {"rho": rho})


@pytest.mark.parametrize("ends", [[-0.5, 0.0, EPSILON / 2], [1 - EPSILON / 2, 1.0, 1.5]])
def test_oracle_gradient_beyond_the_ends(ends):
    """On the tangents, h = 1e-9 stays on them; rounding / h = 1e7 * 2e-16 / 1e-9 = 2, slopes are 4e5 and more."""
    assert_oracle_gradients("bernoulli_kl", [], [np.array(ends)], {"rho": 0.05}, rtol=1e-4, h=1e-9)


def test_oracle_is_the_divergence_itself_where_that_is_finite():
    from scipy.stats import entropy
    for rho, rho_hat in ((0.05, 0.2), (0.5, 1e-5), (0.9, 0.999)):
        expected = entropy([rho, 1 - rho], [rho_hat, 1 - rho_hat])
        assert reference.bernoulli_kl([rho_hat], rho) == pytest.approx(expected, rel=1e-10)


# float32: a slope next to an end, (r - rho) / (r (1 - r)), carries the rounding of 1 - r; a value near
# rho is the small difference of terms of size 1 (each 20 units: 20 * 6e-8 absolute).
@each_twin
@pytest.mark.parametrize("dtype, rtol, atol", [("float32", 2e-6, 4e-6), ("float64", 1e-14, 1e-14)])
@given(st.data())
@settings(max_examples=30, deadline=None)
def test_twins_equal_the_oracle(dtype, rtol, atol, twin, data):
    rho = data.draw(st.floats(0.01, 0.99))
    ends = st.sampled_from([0.0, EPSILON, 1 - EPSILON, 1.0])
    rho_hat = data.draw(arrays(dtype, st.integers(1, 20), elements=ends | floats32(2**-20, 1)))
    assert_twin_equals_oracle(twin, "bernoulli_kl", [], [rho_hat], {"rho": rho}, dtype=dtype, rtol=rtol,
                              atol=atol * max(1, np.abs(reference.bernoulli_kl_grad(rho_hat, rho)).min()))


@each_twin
@DTYPES
@pytest.mark.parametrize("logit", [-200.0, -17.0, 17.0, 200.0, 800.0, -800.0])
def test_the_gradient_passes_a_saturated_unit(logit, dtype, twin):
    """0 (slope of a saturated sigmoid) times an infinite slope would be NaN."""
    ae = TWINS[twin]

    def loss(a):
        return ae.bernoulli_kl(ae.mean_activity(ae.activation("sigmoid", a)), 0.05)
    value, (gradient,) = value_and_gradients(twin, loss, np.full((4, 2), logit), dtype=dtype)
    assert np.isfinite(value) and value > 1e-3 and np.isfinite(gradient).all()
    assert (gradient * np.sign(logit) >= 0).all()  # descending it brings the unit back


@each_twin
def test_slopes_at_the_ends_point_inward(twin):
    value, (gradient,) = value_and_gradients(twin, lambda r: TWINS[twin].bernoulli_kl(r, 0.05), np.array([0.0, 1.0]))
    assert value == pytest.approx(0.05 * np.log(0.05 / EPSILON) + 0.95 * np.log(0.95 / EPSILON) + 2 * 0.5
                                  + 0.95 * np.log(0.95) + 0.05 * np.log(0.05), rel=1e-6)
    np.testing.assert_allclose(gradient, [-0.05 / EPSILON, 0.95 / EPSILON], rtol=1e-5)


@given(arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 20)), elements=st.floats(-3, 3)))
@settings(max_examples=20, deadline=None)
def test_mean_activity_is_numpys_mean(z):
    np.testing.assert_allclose(reference.mean_activity(z), z.mean(0), rtol=1e-14, atol=1e-15)
    for twin in TWINS:
        assert_twin_equals_oracle(twin, "mean_activity", [], [z], dtype="float64", rtol=1e-14, atol=1e-15)


@each_twin
@DTYPES
@given(st.data())
@settings(max_examples=30, deadline=None)
def test_the_same_values_are_kept(dtype, twin, data):
    """Exactly: values are copied, not computed. Few distinct values, so that ties are the rule."""
    shape = data.draw(st.tuples(st.integers(1, 4), st.integers(1, 12)))
    z = data.draw(arrays(dtype, shape, elements=st.sampled_from([-2.0, -1.0, -0.0, 0.0, 1.0, 2.0, np.inf])))
    k = data.draw(st.integers(0, 14))
    assert_twin_equals_oracle(twin, "keep_largest", [], [z], {"k": k}, dtype=dtype, rtol=0, atol=0)


@given(st.data())
@settings(max_examples=50, deadline=None)
def test_oracle_keeps_the_k_largest_and_the_first_of_equals(data):
    """By another way: pick the maximum k times; argmax returns the first of equals."""
    z = data.draw(arrays(np.float64, st.integers(1, 12), elements=st.sampled_from([-2.0, -1.0, 0.0, 1.0, 2.0])))
    k = data.draw(st.integers(0, z.size))
    left, kept = z.copy(), np.zeros(z.size)
    for _ in range(k):
        kept[left.argmax()] = 1
        left[left.argmax()] = -np.inf
    np.testing.assert_array_equal(reference.keep_largest_grad(z[None], k)[0], kept)
    np.testing.assert_array_equal(reference.keep_largest(z[None], k)[0], z * kept)


@each_twin
def test_many_ties(twin):
    """torch.topk keeps others here; the first ten is what everybody is held to."""
    z = np.zeros((3, 1000))
    _, (gradient,) = value_and_gradients(twin, lambda z: TWINS[twin].keep_largest(z, 10), z)
    assert (gradient == (np.arange(1000) < 10)).all()


@each_twin
def test_nan_counts_as_largest(twin):
    z = TWINS[twin].from_numpy([[1.0, np.nan, 3.0, 2.0]])
    np.testing.assert_array_equal(TWINS[twin].to_numpy(TWINS[twin].keep_largest(z, 2)), [[0, np.nan, 3, 0]])
    np.testing.assert_array_equal(reference.keep_largest([[1.0, np.nan, 3.0, 2.0]], 2), [[0, np.nan, 3, 0]])
