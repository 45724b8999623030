"""Randomness: reproducible, independent streams, the stated distribution."""
import numpy as np

from aebook import random
from aebook.specs import MLP


def test_same_seed_same_draws_and_other_seed_others():
    spec = MLP(20, (10,), 5)
    a, b, c = (random.initial_weights(spec, seed) for seed in (0, 0, 1))
    assert all(np.array_equal(a[n], b[n]) for n in a)
    assert not np.array_equal(a["encoder.0.weight"], c["encoder.0.weight"])


def test_both_dtypes_start_from_the_same_draw():
    single, double = (random.initial_weights(MLP(20, (10,), 5, dtype=d), 0) for d in ("float32", "float64"))
    assert all(single[n].dtype == np.float32 and np.array_equal(single[n], double[n].astype("float32")) for n in single)


def test_glorot_bound_and_variance():
    w = random.glorot_uniform(random.generator(0), 300, 200)
    bound = np.sqrt(6 / 500)
    assert np.abs(w).max() <= bound and np.abs(w).max() > 0.999 * bound
    assert abs(w.var() / (bound**2 / 3) - 1) < 0.02  # 60000 draws: standard error 0.4 %


def test_permutations_are_permutations_and_differ_by_epoch():
    orders = [random.permutation(1000, seed=3, epoch=e) for e in range(3)]
    assert all(np.array_equal(np.sort(o), np.arange(1000)) for o in orders)
    assert not np.array_equal(orders[0], orders[1]) and not np.array_equal(orders[1], orders[2])


def test_nothing_global_is_touched():
    np.random.seed(1)
    before = np.random.get_state()[1].copy()
    random.permutation(10, 0, 0)
    assert np.array_equal(before, np.random.get_state()[1])
