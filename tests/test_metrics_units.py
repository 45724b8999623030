"""Units of a code: counted by hand, at the thresholds, and on constants."""
import numpy as np
import pytest

from aebook import metrics
from aebook.errors import DataError

rng = np.random.default_rng(0)
Z = np.array([[0.0, 2.0, -0.1, 0.0], [0.0, 0.0, 0.1, -3.0], [0.0, 4.0, 0.0, 0.0]])


@pytest.mark.parametrize("threshold, active", [(0, 3), (0.01, 2), (2, 1), (3, 0), (np.inf, 0)])
def test_active_units(threshold, active):
    assert Z.var(axis=0).round(6).tolist() == [0, 2.666667, 0.006667, 2]
    assert metrics.active_units(Z, threshold) == active


def test_the_default_threshold_is_that_of_burda_et_al():
    scales = np.sqrt([0.0099, 0.0101])
    assert metrics.active_units(np.array([[-1.0], [1.0]]) * scales) == 1


def test_a_constant_is_not_active_whatever_its_rounding():
    z = np.full((1001, 3), [0.1, 1e8 / 3, 1e-9])
    assert z.var(axis=0).any(), "the plain variance sees rounding"
    assert metrics.active_units(z, threshold=0) == 0


def test_one_example_has_no_variance():
    with pytest.raises(DataError, match="two or more"):
        metrics.active_units(Z[:1])


@pytest.mark.parametrize("threshold, dead", [(0, [0]), (0.1, [0, 2]), (3, [0, 2, 3]), (4, [0, 1, 2, 3])])
def test_dead_units(threshold, dead):
    assert metrics.dead_units(Z, threshold).tolist() == dead


def test_no_dead_unit():
    assert len(metrics.dead_units(rng.normal(size=(5, 3)))) == 0


def test_a_unit_that_one_example_switches_on_is_alive():
    z = np.zeros((1000, 2))
    z[999, 1] = 1e-30
    assert metrics.dead_units(z).tolist() == [0]


@pytest.mark.parametrize("threshold, in_use", [(0, 5), (0.1, 3), (2, 2), (4, 0)])
def test_sparsity(threshold, in_use):
    figures = metrics.sparsity(Z, threshold)
    assert figures["l0"] == pytest.approx(in_use / 3)
    assert figures["active_share"] == pytest.approx(in_use / 12)
    assert figures["mean_activity"] == pytest.approx(9.2 / 12)
    np.testing.assert_allclose(figures["unit_activity"], [0, 2, 0.2 / 3, 1])


@pytest.mark.parametrize("z, l0", [(np.zeros((4, 3)), 0), (np.ones((4, 3)), 3), (np.eye(6), 1)])
def test_sparsity_of_nothing_all_and_one_hot(z, l0):
    assert metrics.sparsity(z)["l0"] == l0 == z.shape[1] * metrics.sparsity(z)["mean_activity"]


@pytest.mark.parametrize("threshold", [-0.1, np.nan, None, "0"])
@pytest.mark.parametrize("metric", [metrics.active_units, metrics.dead_units, metrics.sparsity])
def test_a_threshold_is_not_negative(metric, threshold):
    with pytest.raises(DataError, match="threshold"):
        metric(Z, threshold)
