"""Metrics of reconstructions: each unit against its definition, its limits and what it refuses."""
import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.metrics import r2_score

from aebook import metrics
from aebook.errors import DataError

rng = np.random.default_rng(0)
X, X_HAT = rng.uniform(size=(2, 7, 12))


def test_the_ledger_is_consistent():
    ledger = metrics.loss_ledger(X, X_HAT)
    assert ledger["squared_error"] == pytest.approx(np.linalg.norm(X - X_HAT) ** 2 / 7)
    assert ledger["mse"] == pytest.approx(np.mean((X - X_HAT) ** 2))
    assert ledger["rmse"] ** 2 == pytest.approx(ledger["mse"])
    assert ledger["mae"] == pytest.approx(np.abs(X - X_HAT).mean())
    assert ledger["nats_per_feature"] == pytest.approx(-np.mean(X * np.log(X_HAT) + (1 - X) * np.log(1 - X_HAT)))
    assert ledger["nats"] == pytest.approx(12 * ledger["nats_per_feature"])
    assert ledger["bits_per_feature"] == pytest.approx(ledger["nats_per_feature"] / np.log(2))


def test_no_cross_entropy_outside_the_unit_interval():
    assert "nats" not in metrics.loss_ledger(X, X_HAT + 1)
    with pytest.raises(DataError, match=r"p must lie in \[0, 1\].*not logits"):
        metrics.bernoulli_nlls(X, X_HAT + 1)
    with pytest.raises(DataError, match=r"x must lie in \[0, 1\].*divide by 255"):
        metrics.bernoulli_nlls(255 * X, X_HAT)


def test_no_decibels_of_data_without_a_range():
    """A reconstruction may overshoot; data outside [0, 1] have no peak that the ledger could know."""
    assert metrics.loss_ledger(X, X_HAT + 1)["psnr"] == pytest.approx(metrics.psnr(X, X_HAT + 1).mean())
    assert metrics.loss_ledger(X - 0.5, X_HAT).keys() == {"squared_error", "mse", "rmse", "mae"}


def test_cross_entropy_at_the_ends():
    assert metrics.bernoulli_nlls([[0.0, 1.0]], [[0.0, 1.0]]).tolist() == [0.0]
    assert metrics.bernoulli_nlls([[0.0, 1.0]], [[0.0, 0.0]]).tolist() == [np.inf]


def test_images_may_keep_their_shape():
    assert metrics.squared_errors(X.reshape(7, 3, 4), X_HAT.reshape(7, 3, 4)) == pytest.approx(
        metrics.squared_errors(X, X_HAT))


@pytest.mark.parametrize("dtype", [np.uint8, bool, np.float16, np.float32])
def test_small_types_do_not_wrap(dtype):
    x, x_hat = np.array([[0, 1]], dtype), np.array([[1, 0]], dtype)
    assert metrics.squared_errors(x, x_hat).tolist() == [2.0]
    assert metrics.loss_ledger(x, x_hat)["mae"] == 1


def test_explained_variance_equals_scikit_learn():
    expected = r2_score(X, X_HAT, multioutput="variance_weighted")
    assert expected < 0
    assert metrics.explained_variance(X, X_HAT) == pytest.approx(expected)
    assert metrics.explained_variance(X.reshape(7, 3, 4), X_HAT.reshape(7, 3, 4)) == pytest.approx(expected)


def test_explained_variance_of_pca_is_its_share_of_the_eigenvalues():
    x = rng.normal(size=(60, 5)) * [5, 3, 2, 1, 0.1] + 10
    eigenvalues = np.sort(np.linalg.eigvalsh(np.cov(x.T)))[::-1]
    pca = PCA(2).fit(x)
    x_hat = pca.inverse_transform(pca.transform(x))
    assert metrics.explained_variance(x, x_hat) == pytest.approx(eigenvalues[:2].sum() / eigenvalues.sum())


def test_explained_variance_has_the_right_limits():
    assert metrics.explained_variance(X, X) == 1
    assert metrics.explained_variance(X, np.broadcast_to(X.mean(0), X.shape)) == pytest.approx(0, abs=1e-12)


@pytest.mark.parametrize("x", [np.full((1001, 3), 0.1), X[:1], [[1e300], [-1e300]], [[1e-200], [2e-200]]],
                         ids=["constant", "one example", "overflow", "underflow"])
@pytest.mark.filterwarnings("ignore:overflow")
def test_no_variance_to_explain(x):
    with pytest.raises(DataError, match="no variance"):
        metrics.explained_variance(x, x)
