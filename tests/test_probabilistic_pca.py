"""A linear variational autoencoder is probabilistic PCA: its likelihood, its optimum and its samples are known exactly.

With p(x|z) = N(zW + b, I/2) the marginal is p(x) = N(b, W'W + I/2), so that a model's error can be told
from that of the estimate of its likelihood.
"""
import numpy as np
import pytest
from helpers import TWINS
from scipy.stats import multivariate_normal

from aebook.specs import MLP, Training

each_twin = pytest.mark.parametrize("twin", TWINS)
VARIANCE = 0.5  # of p(x|z), as in the squared error


def draw(seed, factors, variance):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(2000, factors)) @ rng.normal(size=(factors, 8))
    x = (x + rng.normal(size=(2000, 8)) * np.sqrt(variance)).astype("f")
    return x - x.mean(0)


def exact(weights, x):
    """log p(x) of each example under a linear decoder, in nats."""
    w, b = (weights[f"decoder.0.{name}"].astype(np.float64) for name in ("weight", "bias"))
    return multivariate_normal.logpdf(x.astype(np.float64), b, w.T @ w + VARIANCE * np.eye(w.shape[1]))


def optimum(x, latent_dim):
    """The best decoder: Tipping and Bishop (1999), equation 7, for a noise variance that is given."""
    eigenvalues, vectors = np.linalg.eigh(np.cov(x.T, bias=True))
    excess = np.maximum(eigenvalues[-latent_dim:] - VARIANCE, 0)
    return {"decoder.0.weight": (vectors[:, -latent_dim:] * np.sqrt(excess)).T, "decoder.0.bias": x.mean(0)}


# With learning_rate=0.01 and beta_2=0.999 the second of these draws is 2.8 nats below after 3000 steps. Its first
# gradient is 280 times that of step 100, for a log-variance starts as a linear function of x: exp(log_var) reaches
# 1.5e6. Adam remembers the square for 1000 steps and creeps; beta_2=0.99 alone brings it to 2e-5. The other draws
# lose up to 0.08 because the decoder turns slowly toward the principal axes, which a larger rate cures.
TRAINING = Training(steps=2000, batch_size=500, learning_rate=0.1, beta_2=0.99, schedule="cosine")


@each_twin
@pytest.mark.parametrize("seed, factors, variance", [(1, 3, 0.5), (2, 3, 0.5), (3, 3, 0.5), (0, 2, 0.3)])
def test_training_reaches_the_best_likelihood_there_is(seed, factors, variance, twin):
    """In the last draw only two eigenvalues exceed 1/2: the third number of the code stays unused."""
    x = draw(seed, factors, variance)
    best = exact(optimum(x, 3), x).mean()
    model = TWINS[twin].VariationalAutoencoder(MLP(8, (), 3))
    TWINS[twin].fit(model, x, TRAINING)
    weights = TWINS[twin].get_weights(model)
    reached = exact(weights, x).mean()
    assert best - 1e-3 < reached < best + 1e-6  # measured: 3e-5 to 2e-4 below
    assert TWINS[twin].log_likelihood(model, x, 50).mean() == pytest.approx(reached, abs=1e-3)  # at most 2e-4
    lengths = np.linalg.norm(weights["decoder.0.weight"], axis=1)
    assert (lengths > 0.1).sum() == factors  # measured: 0.014 where unused, 1.4 and more where used


@each_twin
def test_the_sampled_likelihood_is_right_where_the_encoder_is_not(twin):
    """The mean is off by 0.3 and the variance twice too large: the weights correct both."""
    rng = np.random.default_rng(0)
    w, b, x = rng.normal(size=(2, 5)), rng.normal(size=5), rng.normal(size=(40, 5)) * 2
    posterior = np.linalg.inv(w @ w.T / VARIANCE + np.eye(2))
    to_mean = w.T @ posterior / VARIANCE
    weights = {"encoder.0.weight": np.hstack([to_mean, np.zeros((5, 2))]),
               "encoder.0.bias": np.hstack([0.3 - b @ to_mean, np.log(2 * np.diag(posterior))]),
               "decoder.0.weight": w, "decoder.0.bias": b}
    model = TWINS[twin].VariationalAutoencoder(MLP(5, (), 2, dtype="float64"))
    TWINS[twin].set_weights(model, weights)
    error = {k: TWINS[twin].log_likelihood(model, x, k) - exact(weights, x) for k in (1, 1000)}
    assert error[1].mean() < -1  # one draw gives the ELBO; measured: 1.6 below
    assert abs(error[1000].mean()) < 0.02 and np.abs(error[1000]).max() < 0.15  # measured: 0.007 and 0.07
