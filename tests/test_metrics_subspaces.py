"""Principal angles: planes whose angles are known, any basis, and matrices that span too little."""
import numpy as np
import pytest

from aebook import metrics
from aebook.errors import DataError

rng = np.random.default_rng(0)
E = np.eye(6)


@pytest.mark.parametrize("degrees", [0, 1e-6, 1, 30, 89.999, 90])
def test_two_lines(degrees):
    t = np.deg2rad(degrees)
    line = np.array([[np.cos(t)], [np.sin(t)]])
    np.testing.assert_allclose(metrics.principal_angles([[1.0], [0.0]], -5 * line), [t], atol=1e-15, rtol=1e-9)


def test_two_planes_largest_angle_first_in_any_basis():
    s, t = 0.2, 1.1
    a = E[:, :2]
    b = np.stack([np.cos(s) * E[0] + np.sin(s) * E[2], np.cos(t) * E[1] + np.sin(t) * E[3]], axis=1)
    turn = np.linalg.qr(rng.normal(size=(6, 6)))[0]
    angles = metrics.principal_angles(turn @ a @ rng.normal(size=(2, 2)), turn @ b @ rng.normal(size=(2, 2)))
    np.testing.assert_allclose(angles, [t, s])


def test_cosines_are_the_singular_values_of_the_definition():
    a, b = rng.normal(size=(2, 8, 3))
    cosines = np.linalg.svd(np.linalg.qr(a)[0].T @ np.linalg.qr(b)[0], compute_uv=False)
    np.testing.assert_allclose(metrics.principal_angles(a, b), np.arccos(cosines)[::-1])


def test_a_space_and_a_larger_one_that_holds_it():
    a = rng.normal(size=(6, 4))
    assert metrics.principal_angles(a, a[:, :2] @ rng.normal(size=(2, 2))).max() < 1e-12
    assert metrics.principal_angles(E[:, :2], E[:, 2:5]).tolist() == [np.pi / 2] * 2


@pytest.mark.parametrize("bad", [np.zeros((6, 1)), np.ones((6, 2)), rng.normal(size=(6, 7))],
                         ids=["zero", "one direction", "more columns than features"])
@pytest.mark.parametrize("swap", [False, True])
def test_dependent_columns(bad, swap):
    pair = (E[:, :2], bad)[::-1] if swap else (E[:, :2], bad)
    with pytest.raises(DataError, match=f"{'a' if swap else 'b'} has .* but rank"):
        metrics.principal_angles(*pair)


def test_features_that_do_not_fit():
    with pytest.raises(DataError, match="as many features"):
        metrics.principal_angles(E[:, :2], np.eye(5)[:, :2])
