"""Validation: good data pass untouched, bad data are named."""
import numpy as np
import pytest

from aebook.errors import DataError
from aebook.validation import check_count, check_data

GOOD = np.zeros((3, 4), np.float32)


def with_value(row, column, value):
    x = GOOD.copy()
    x[row, column] = value
    return x


def test_good_data_are_not_copied():
    assert check_data(GOOD, 4) is GOOD


@pytest.mark.parametrize("x", [GOOD.astype(np.float64), GOOD.astype(np.uint8), GOOD.astype(bool), GOOD.tolist(),
                               np.asfortranarray(GOOD), GOOD[::2], np.zeros((3, 4), ">f4")])
def test_other_dtypes_and_layouts_become_what_the_model_needs(x):
    out = check_data(x, 4)
    assert out.dtype == np.float32 and out.dtype.isnative and out.flags.c_contiguous


@pytest.mark.parametrize("x, words", [
    (with_value(1, 2, np.nan), [r"x\[1, 2\] = nan", "1 of 12", r"1 of 4 columns \(2\)"]),
    (with_value(0, 3, np.inf), [r"x\[0, 3\] = inf", "not finite"]),
    (np.full((2, 4), 1e300), ["not finite in float32"]),
    (np.zeros((3, 5)), [r"\(3, 5\)", r"\(examples, 4\)"]),
    (np.zeros(4), [r"x\[None\]"]),
    (np.zeros((3, 2, 2)), ["reshape"]),
    (np.zeros((0, 4)), ["no examples"]),
    (np.array([["a", "b", "c", "d"]]), ["one-hot"]),
    (np.zeros((1, 4), complex), ["complex"]),
    (np.array([[None, 1, 2, 3]], object), ["object"]),
    ([[1, 2], [3]], ["rectangular"]),
    (None, ["object"]),
])
def test_bad_data_are_named(x, words):
    for word in words:
        with pytest.raises(DataError, match=word):
            check_data(x, 4)


@pytest.mark.parametrize("value", [-0.001, 1.001, 255])
def test_range_matters_only_where_asked(value):
    x = with_value(2, 0, value)
    assert check_data(x, 4) is x
    with pytest.raises(DataError, match=r"x\[2, 0\].*outside \[0, 1\].*255"):
        check_data(x, 4, unit_interval=True)


def test_large_finite_data_pass_although_their_sum_overflows():
    x = np.full((3, 4), np.finfo(np.float64).max)
    assert np.array_equal(check_data(x, 4, dtype="float64"), x)


@pytest.mark.parametrize("n, words", [(0, "at least 1"), (2.5, "whole number"), ("3", "whole number"),
                                      (True, "whole number"), (None, "whole number")])
def test_a_count_is_a_positive_whole_number(n, words):
    with pytest.raises(DataError, match=f"samples must be .*{words}"):
        check_count(n, "samples")
    assert check_count(np.int64(3), "samples") == 3
