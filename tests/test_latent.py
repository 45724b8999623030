"""Gaussian codes: the divergence near and far from the prior, sampling, and bounds on the log-likelihood."""
import numpy as np
import pytest
from helpers import TWINS, assert_oracle_gradients, assert_twin_equals_oracle, floats32, value_and_gradients
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from aebook import reference

DTYPES = pytest.mark.parametrize("dtype", ["float32", "float64"])
# float32: the value is rounded once; an exponent of 10 costs exp 1e-6 relative. float64: 1e-15 likewise.
TOLERANCE = {"float32": 2e-6, "float64": 1e-14}
each_twin = pytest.mark.parametrize("twin", TWINS)
shapes = st.tuples(st.integers(1, 5), st.integers(1, 10))


def draw(data, shape, low, high, dtype="float64"):
    return data.draw(arrays(dtype, shape, elements=floats32(low, high)))


@pytest.mark.parametrize("name, limit", [("gaussian_kl", 3), ("reparameterize", 3), ("elbo", 100)])
@given(st.data())
@settings(max_examples=20, deadline=None)
def test_oracle_gradients_equal_finite_differences(name, limit, data):
    shape = data.draw(shapes)
    variables = [draw(data, shape, -limit, limit) for _ in range(2)]
    options = {"gaussian_kl": {}, "reparameterize": {"eps": draw(data, shape, -3, 3)}, "elbo": {"beta": 0.25}}
    assert_oracle_gradients(name, [], variables, options[name])


@given(st.data())
@settings(max_examples=20, deadline=None)
def test_oracle_gradient_of_the_importance_weighted_bound(data):
    assert_oracle_gradients("iwae_bound", [], [draw(data, data.draw(shapes), -20, 20)])


@each_twin
@DTYPES
@pytest.mark.parametrize("name", ["gaussian_kl", "reparameterize", "elbo"])
@given(st.data())
@settings(max_examples=20, deadline=None)
def test_twins_equal_the_oracle(name, dtype, twin, data):
    shape = data.draw(shapes)
    variables = [draw(data, shape, -20, 20, dtype) for _ in range(2)]
    options = {"gaussian_kl": {}, "reparameterize": {"eps": draw(data, shape, -4, 4, dtype)}, "elbo": {"beta": 0.25}}
    # mu + std * eps may cancel: the error is relative to the larger of the two, up to 4 exp(10) = 9e4
    cancels = 1e5 if name == "reparameterize" else 20
    assert_twin_equals_oracle(twin, name, [], variables, options[name], dtype=dtype,
                              rtol=TOLERANCE[dtype], atol=TOLERANCE[dtype] * 1e-1 * cancels)


@each_twin
@DTYPES
@given(st.data())
@settings(max_examples=20, deadline=None)
def test_twins_equal_the_oracle_of_the_importance_weighted_bound(dtype, twin, data):
    log_w = draw(data, data.draw(shapes), -1000, 1000, dtype)
    assert_twin_equals_oracle(twin, "iwae_bound", [], [log_w], dtype=dtype, rtol=TOLERANCE[dtype],
                              atol=TOLERANCE[dtype] * 100)  # log-weights of 1000 are themselves rounded by 6e-5


@each_twin
@DTYPES
@pytest.mark.parametrize("v", [1e-2, 1e-3, 1e-4, 1e-5, 1e-6, -1e-6, -1e-4, -1e-2])
def test_divergence_next_to_the_prior(v, dtype, twin):
    """exp(v) - 1 - v = v^2/2 + v^3/6 + ...: 5e-9 at 1e-4, where float32's own arithmetic returns 0."""
    log_var = np.full((1, 1), v, dtype)
    exact = float(log_var[0, 0])
    nats = 0.5 * (exact**2 / 2 * (1 + exact / 3 * (1 + exact / 4 * (1 + exact / 5 * (1 + exact / 6)))))
    value, (_, gradient) = value_and_gradients(twin, TWINS[twin].gaussian_kl, np.zeros((1, 1)), log_var, dtype=dtype)
    # float64's rounding of v, twice 1e-16 relative to v, is 4e-16 / |v| of v^2 / 2; float32 rounds the result by 6e-8
    assert float(value) == pytest.approx(nats, rel=1e-15 / abs(exact) + (1e-7 if dtype == "float32" else 0))
    assert float(gradient[0, 0]) == pytest.approx(0.5 * np.expm1(exact), rel=1e-15 / abs(exact) + 1e-7)
    assert reference.gaussian_kl([[0.0]], [[exact]]) == pytest.approx(nats, rel=1e-12)


def test_oracle_series_meets_the_closed_form():
    """Both sides of the switch at |v| = 0.01, against 50 digits."""
    from decimal import Decimal, getcontext
    getcontext().prec = 50
    for v in (0.0099999, 0.0100001, -0.0099999, -0.0100001, 0.001):
        exact = float((Decimal(v).exp() - 1 - Decimal(v)) / 2)
        assert reference.gaussian_kl([[0.0]], [[v]]) == pytest.approx(exact, rel=5e-14)


@each_twin
def test_overflow_is_infinite(twin):
    """exp(89) overflows float32: infinite value, infinite gradient, not NaN."""
    value, (_, gradient) = value_and_gradients(twin, TWINS[twin].gaussian_kl, np.zeros((1, 1)), np.full((1, 1), 90.0),
                                               dtype="float32")
    assert value == np.inf and gradient[0, 0] == np.inf


def test_divergence_equals_monte_carlo():
    """E[log q - log p] over 200000 draws, within 4 standard errors."""
    rng = np.random.default_rng(0)
    mu, log_var = np.array([[0.7, -1.2, 0.1]]), np.array([[0.5, -1.0, 0.0]])
    z = reference.reparameterize(*(np.repeat(a, 200_000, 0) for a in (mu, log_var)), rng=rng)
    log_q = -0.5 * (np.log(2 * np.pi) + log_var + (z - mu) ** 2 / np.exp(log_var)).sum(1)
    log_p = -0.5 * (np.log(2 * np.pi) + z**2).sum(1)
    ratio = log_q - log_p
    standard_error = ratio.std(ddof=1) / np.sqrt(len(ratio))
    assert standard_error < 0.005  # so that being within four of them means something beside 1.2 nats
    assert abs(ratio.mean() - reference.gaussian_kl(mu, log_var)) < 4 * standard_error


@DTYPES
def test_noise_is_the_same_in_every_room(dtype):
    mu, log_var = np.zeros((3, 2)), np.full((3, 2), -1.0)
    expected = reference.reparameterize(mu, log_var, rng=7)
    for ae in TWINS.values():
        z = ae.reparameterize(ae.from_numpy(mu, dtype), ae.from_numpy(log_var, dtype), rng=7)
        np.testing.assert_allclose(ae.to_numpy(z), expected, rtol=TOLERANCE[dtype])


@each_twin
def test_a_generator_moves_on(twin):
    ae, rng = TWINS[twin], np.random.default_rng(0)
    zero = ae.from_numpy(np.zeros((2, 2)))
    first, second = (ae.to_numpy(ae.reparameterize(zero, zero, rng=rng)) for _ in range(2))
    assert (first != second).all()
    assert (ae.to_numpy(ae.reparameterize(zero, zero)) != ae.to_numpy(ae.reparameterize(zero, zero))).all()


def test_a_tf_function_draws_anew_in_each_call():
    """NumPy called while tracing would freeze the noise into the graph."""
    import tensorflow as tf
    ae, rng = TWINS["tensorflow"], np.random.default_rng(7)

    @tf.function(input_signature=[tf.TensorSpec([None, 2])])
    def sample(mu):
        return ae.reparameterize(mu, tf.zeros_like(mu), rng=rng)
    first, second, third = sample(tf.zeros((3, 2))), sample(tf.zeros((3, 2))), sample(tf.zeros((1, 2)))
    assert third.shape == (1, 2)
    expected = np.random.default_rng(7).standard_normal((7, 2))
    np.testing.assert_allclose(np.concatenate([first, second, third]), expected, rtol=1e-7)


def test_the_bound_grows_with_the_number_of_draws():
    """x = z + noise, z and noise standard normal: log p(x) = log N(x; 0, 2) is known."""
    from scipy.stats import norm
    rng = np.random.default_rng(0)
    x = rng.normal(0, np.sqrt(2), 2000)
    exact = norm.logpdf(x, 0, np.sqrt(2)).mean()
    z = x / 2 + rng.standard_normal((200, 2000))  # an encoder that is too wide: the posterior's variance is 1/2
    log_w = norm.logpdf(z) + norm.logpdf(x - z) - norm.logpdf(z, x / 2)
    bounds = [reference.iwae_bound(log_w[:k]) for k in (1, 5, 50, 200)]
    assert bounds == sorted(bounds) and bounds[-1] < exact + 0.01
    assert exact - bounds[0] > 0.1 > 0.01 > exact - bounds[-1]


@each_twin
@DTYPES
def test_no_noise_leaves_the_mean_however_large_the_variance(dtype, twin):
    """exp(log_var / 2) overflows from 177.5 on in float32, from 1419.6 on in float64."""
    mu, log_var, eps = np.array([[1.0, 2.0, 3.0]]), np.full((1, 3), 3000.0), np.array([[0.0, -1.0, 1.0]])
    z, gradients = value_and_gradients(
        twin, lambda m, v: TWINS[twin].reparameterize(m, v, eps=TWINS[twin].from_numpy(eps, dtype)), mu, log_var,
        dtype=dtype)
    assert z.tolist() == reference.reparameterize(mu, log_var, eps).tolist() == [[1, -np.inf, np.inf]]
    assert [g.tolist() for g in gradients] == [[[1, 1, 1]], [[0, -np.inf, np.inf]]]
    assert gradients[1].tolist() == reference.reparameterize_grad(mu, log_var, eps)[1].tolist()


@each_twin
@DTYPES
def test_an_example_of_no_weight_leaves_the_gradient_of_the_others(dtype, twin):
    log_w = np.array([[-np.inf, 0.0, -np.inf], [-np.inf, np.log(3), 1.0]])
    value, (gradient,) = value_and_gradients(twin, TWINS[twin].iwae_bound, log_w, dtype=dtype)
    assert value == reference.iwae_bound(log_w) == -np.inf
    np.testing.assert_allclose(gradient, np.array([[0, 0.25, 0], [0, 0.75, 1]]) / 3, rtol=TOLERANCE[dtype])
    np.testing.assert_allclose(gradient, reference.iwae_bound_grad(log_w), rtol=TOLERANCE[dtype])


@each_twin
def test_weights_that_underflow(twin):
    """exp(-1000) is 0 and log(mean(exp)) -inf; logsumexp is right."""
    log_w = TWINS[twin].from_numpy([[-1000.0], [-1000.0 + np.log(3)]])
    assert float(TWINS[twin].iwae_bound(log_w)) == pytest.approx(-1000 + np.log(2), abs=2e-4)  # rounding of 1000
