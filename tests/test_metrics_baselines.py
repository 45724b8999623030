"""Baselines: against scikit-learn, by hand, and the fixed points of MNIST."""
import numpy as np
import pytest
from sklearn.decomposition import PCA

from aebook import metrics
from aebook.errors import DataError

rng = np.random.default_rng(0)
X = rng.uniform(size=(7, 12))


def test_pca_error_equals_scikit_learn():
    train, test = rng.normal(size=(50, 12)), rng.normal(size=(9, 12))
    pca = PCA(3, svd_solver="full").fit(train)
    expected = np.mean(np.sum((test - pca.inverse_transform(pca.transform(test))) ** 2, axis=1))
    assert metrics.pca_error(train, test, 3) == pytest.approx(expected)
    assert metrics.pca_error(train, test, [1, 3])[1] == pytest.approx(expected)


@pytest.mark.parametrize("n_components", [0, 8, -1, [1, 8], 2.0, "2", [], np.array([], int), None])
def test_pca_error_names_the_components_there_are(n_components):
    with pytest.raises(DataError, match="between 1 and 7"):
        metrics.pca_error(X, X, n_components)


@pytest.mark.parametrize("metric", [lambda a, b: metrics.pca_error(a, b, 1), metrics.mean_image_error],
                         ids=["pca_error", "mean_image_error"])
def test_training_and_test_data_have_as_many_features(metric):
    with pytest.raises(DataError, match="as many features, not 12 and 11"):
        metric(X, X[:, 1:])


def test_all_components_leave_no_error_and_never_less():
    x = np.random.default_rng(0).random((50, 6), np.float32)
    assert 0 <= metrics.pca_error(x, x, 6) < 1e-6  # a squared error below 0 would have no root


def test_one_example_has_no_components():
    with pytest.raises(DataError, match="one example"):
        metrics.pca_error(X[:1], X, 1)


def test_mean_image_counts_one_gray_example_more():
    ledger = metrics.mean_image_error([[0.0], [0.0], [1.0]], [[0.0]])
    assert ledger["squared_error"] == pytest.approx((1.5 / 4) ** 2)
    assert ledger["nats"] == pytest.approx(-np.log(1 - 1.5 / 4))


def test_mean_image_of_data_outside_the_unit_interval_is_the_plain_mean():
    ledger = metrics.mean_image_error([[0.0], [4.0]], [[5.0]])
    assert ledger["squared_error"] == 9 and "nats" not in ledger


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
