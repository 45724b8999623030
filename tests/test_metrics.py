"""Metrics: each unit against the definition, and the fixed points of MNIST."""
import numpy as np
import pytest

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
    with pytest.raises(DataError, match=r"p must lie in \[0, 1\]"):
        metrics.bernoulli_nlls(X, X_HAT + 1)


def test_cross_entropy_at_the_ends():
    assert metrics.bernoulli_nlls([[0.0, 1.0]], [[0.0, 1.0]]).tolist() == [0.0]
    assert metrics.bernoulli_nlls([[0.0, 1.0]], [[0.0, 0.0]]).tolist() == [np.inf]


def test_psnr_equals_scikit_image():
    skimage = pytest.importorskip("skimage.metrics")
    expected = [skimage.peak_signal_noise_ratio(a, b, data_range=1) for a, b in zip(X, X_HAT)]
    np.testing.assert_allclose(metrics.psnr(X, X_HAT), expected)
    assert metrics.psnr(X, X).tolist() == [np.inf] * 7


def test_images_may_keep_their_shape():
    assert metrics.squared_errors(X.reshape(7, 3, 4), X_HAT.reshape(7, 3, 4)) == pytest.approx(
        metrics.squared_errors(X, X_HAT))


@pytest.mark.parametrize("x, x_hat", [(X, X_HAT[:3]), (X[0], X_HAT[0]), (X[:0], X_HAT[:0])])
def test_shapes_that_do_not_fit(x, x_hat):
    with pytest.raises(DataError, match="shape"):
        metrics.squared_errors(x, x_hat)


def test_pca_error_equals_scikit_learn():
    from sklearn.decomposition import PCA
    train, test = rng.normal(size=(50, 12)), rng.normal(size=(9, 12))
    pca = PCA(3, svd_solver="full").fit(train)
    expected = np.mean(np.sum((test - pca.inverse_transform(pca.transform(test))) ** 2, axis=1))
    assert metrics.pca_error(train, test, 3) == pytest.approx(expected)
    assert metrics.pca_error(train, test, [1, 3])[1] == pytest.approx(expected)
    with pytest.raises(DataError, match="between 1 and 12"):
        metrics.pca_error(train, test, 13)


def test_entropy_floor_is_the_least_cross_entropy():
    assert metrics.entropy_floor(X) < metrics.bernoulli_nlls(X, np.clip(X + 0.01, 0, 1)).mean()


def test_fixed_points_of_mnist(mnist):
    """The numbers of the book's ledger, to the digits it prints."""
    pca = metrics.pca_error(mnist.x_train, mnist.x_test, [2, 10, 30, 32, 128])
    assert pca.round(3).tolist() == [43.645, 26.714, 13.866, 13.193, 3.297]
    assert round(metrics.entropy_floor(mnist.x_test), 2) == 45.53
    mean = metrics.mean_image_error(mnist.x_train, mnist.x_test)
    assert round(mean["nats"], 1) == 205.8 and round(mean["nats_per_feature"], 5) == 0.26251
    assert round(mean["squared_error"], 2) == 52.90
