"""Batch normalization: the formula, the layer in training and in use, and what the running statistics follow."""
import numpy as np
import pytest
from helpers import TWINS, digits_like, finite_differences, relative, value_and_gradients

from aebook import reference
from aebook.specs import MLP, Conv, Training

each_twin = pytest.mark.parametrize("twin", TWINS)
rng = np.random.default_rng(0)
SHAPES = [(7, 3), (5, 4, 2, 3)]


def arrays(shape):
    return rng.normal(2, 3, shape), rng.normal(size=shape[-1]), rng.normal(size=shape[-1]), rng.normal(size=shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_oracle_gradients_equal_finite_differences(shape):
    """Of a weighted sum: that of the plain one does not depend on x."""
    x, gamma, beta, g = arrays(shape)
    for i, gradient in enumerate(reference.batch_norm_grad(x, gamma, beta, g=g)):
        def total(v, i=i):
            at = [x, gamma, beta]
            at[i] = v
            return np.sum(g * reference.batch_norm(*at))
        np.testing.assert_allclose(gradient, finite_differences(total, (x, gamma, beta)[i]), rtol=1e-6, atol=1e-7)


@each_twin
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("dtype, tolerance", [("float32", 1e-5), ("float64", 1e-13)])
def test_twins_equal_the_oracle(dtype, tolerance, shape, twin):
    x, gamma, beta, g = (a.astype(dtype) for a in arrays(shape))
    value, gradients = value_and_gradients(
        twin, lambda *v: TWINS[twin].batch_norm(*v) * TWINS[twin].from_numpy(g, dtype), x, gamma, beta, dtype=dtype)
    assert relative(value, g * reference.batch_norm(x, gamma, beta)) < tolerance
    for mine, expected in zip(gradients, reference.batch_norm_grad(x, gamma, beta, g=g)):
        assert relative(mine, expected) < tolerance


@each_twin
def test_training_normalizes_by_the_batch_and_use_by_running_statistics(twin):
    """One step: statistics 0.9 times the old plus 0.1 times those of the batch, the variance divided by n."""
    ae, x = TWINS[twin], digits_like(20, 6)
    spec = MLP(6, (5,), 2, batch_norm=True, activation="linear", dtype="float64")
    model = ae.Autoencoder(spec, seed=1)
    start = ae.get_weights(model)
    h = x.astype("float64") @ start["encoder.0.weight"]
    np.testing.assert_allclose(ae.encode(model, x), h / np.sqrt(1 + 1e-5) @ start["encoder.1.weight"], rtol=1e-12)
    ae.fit(model, x, Training(steps=1, batch_size=20, learning_rate=1e-12))
    after = ae.get_weights(model)
    np.testing.assert_allclose(after["encoder.0.running_mean"], 0.1 * h.mean(0), rtol=1e-9)
    np.testing.assert_allclose(after["encoder.0.running_var"], 0.9 + 0.1 * h.var(0), rtol=1e-9)


@each_twin
def test_evaluate_and_encode_leave_the_statistics_alone(twin):
    ae, x = TWINS[twin], digits_like(20)
    model = ae.Autoencoder(Conv((8, 8, 1), (4,), 3, batch_norm=True))
    before = ae.get_weights(model)
    ae.evaluate(model, x)
    ae.reconstruct(model, x)
    assert all(np.array_equal(before[n], a) for n, a in ae.get_weights(model).items())


def test_running_statistics_stay_alike_over_an_epoch_that_ends_with_a_batch_of_one():
    """Over float64 SGD: the batch of one has variance 0 in both."""
    x, training = digits_like(33), Training(epochs=3, batch_size=8, optimizer="sgd", learning_rate=2**-7)
    weights = []
    for ae in TWINS.values():
        model = ae.Autoencoder(MLP(64, (16,), 4, batch_norm=True, activation="tanh", dtype="float64"))
        ae.fit(model, x, training)
        weights.append(ae.get_weights(model))
    for name in (n for n in weights[0] if "running" in n):
        assert relative(weights[1][name], weights[0][name]) < 1e-11, name
