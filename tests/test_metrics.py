"""What holds for every metric: bad data are refused and named, good data are left as they are."""
import numpy as np
import pytest

from aebook import metrics
from aebook.errors import DataError

rng = np.random.default_rng(0)
X, OTHER = rng.uniform(size=(2, 12, 9))
Y = np.arange(12) % 2

# name -> the metric with everything filled in but its arrays, and how many of them it takes
METRICS = {
    "squared_errors": (metrics.squared_errors, 2),
    "bernoulli_nlls": (metrics.bernoulli_nlls, 2),
    "psnr": (metrics.psnr, 2),
    "ssim": (lambda x, x_hat: metrics.ssim(x, x_hat, (3, 3)), 2),
    "loss_ledger": (metrics.loss_ledger, 2),
    "explained_variance": (metrics.explained_variance, 2),
    "pca_error": (lambda a, b: metrics.pca_error(a, b, 2), 2),
    "mean_image_error": (metrics.mean_image_error, 2),
    "entropy_floor": (metrics.entropy_floor, 1),
    "linear_probe_accuracy": (lambda a, b: metrics.linear_probe_accuracy(a, Y, b, Y), 2),
    "knn_precision": (lambda z: metrics.knn_precision(z, Y, k=3), 1),
    "trustworthiness": (lambda x, z: metrics.trustworthiness(x, z, k=3), 2),
    "active_units": (metrics.active_units, 1),
    "dead_units": (metrics.dead_units, 1),
    "sparsity": (metrics.sparsity, 1),
    "principal_angles": (metrics.principal_angles, 2),
}
ARGUMENTS = [(name, position) for name, (_, arrays) in METRICS.items() for position in range(arrays)]


def with_bad(position, bad, arrays):
    return [bad if i == position else a for i, a in enumerate((X, OTHER)[:arrays])]


def test_every_metric_is_judged_here():
    assert sorted(METRICS) == sorted(metrics.__all__)


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name, position", ARGUMENTS)
def test_a_value_that_is_not_finite_is_named(name, position, value):
    metric, arrays = METRICS[name]
    bad = X.copy()
    bad[4, 7] = value
    with pytest.raises(DataError, match=rf"\w+\[4, 7\] = {value:g} is not finite"):
        metric(*with_bad(position, bad, arrays))


@pytest.mark.parametrize("bad", [X[:0], X[:, :0], X[0], 1.0, [[1.0, 2.0], [3.0]], X + 1j, X.astype(str), None,
                                 np.full((12, 9), None)],
                         ids=["no examples", "no features", "vector", "number", "ragged", "complex", "text", "None",
                              "objects"])
@pytest.mark.parametrize("name, position", ARGUMENTS)
def test_no_matrix_of_numbers(name, position, bad):
    metric, arrays = METRICS[name]
    with pytest.raises(DataError):
        metric(*with_bad(position, bad, arrays))


@pytest.mark.parametrize("name", [n for n, (_, arrays) in METRICS.items() if arrays == 2
                                  and n not in ("pca_error", "mean_image_error")])
def test_arrays_of_different_length(name):
    with pytest.raises(DataError):
        METRICS[name][0](X, OTHER[:11])


@pytest.mark.parametrize("name", ["squared_errors", "bernoulli_nlls", "psnr", "ssim", "loss_ledger",
                                  "explained_variance"])
def test_a_reconstruction_has_the_shape_of_its_data(name):
    with pytest.raises(DataError, match=r"one shape, not \(12, 9\) and \(12, 3, 3\)"):
        METRICS[name][0](X, OTHER.reshape(12, 3, 3))


@pytest.mark.parametrize("name", METRICS)
def test_the_arguments_are_not_changed(name):
    metric, arrays = METRICS[name]
    given = [X.copy(), OTHER.copy()][:arrays]
    metric(*given)
    assert all(np.array_equal(a, b) for a, b in zip(given, (X, OTHER)))


@pytest.mark.parametrize("name", METRICS)
def test_float32_gives_the_number_of_float64(name):
    metric, arrays = METRICS[name]
    rounded = [a.astype(np.float32) for a in (X, OTHER)][:arrays]
    single, double = metric(*rounded), metric(*(a.astype(np.float64) for a in rounded))
    for a, b in zip(*(r.values() if isinstance(r, dict) else [r] for r in (single, double))):
        np.testing.assert_allclose(a, b, rtol=1e-5)
