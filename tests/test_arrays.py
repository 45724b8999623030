"""Between NumPy and tensors: values, dtypes, and arrays that a tensor cannot simply share."""
import numpy as np
import pytest
from helpers import TWINS


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("dtype", ["float32", "float64", "uint8"])
def test_round_trip(dtype, twin):
    """Reversed, read-only, transposed and empty arrays, and a number."""
    whole = np.arange(12, dtype=dtype).reshape(3, 4)
    read_only = whole.copy()
    read_only.flags.writeable = False
    for array in (whole, whole[::-1], whole[:, ::-2], whole.T, whole[:0], whole[0, 0], read_only, read_only[::-1]):
        back = TWINS[twin].to_numpy(TWINS[twin].from_numpy(array, dtype))
        assert back.dtype == dtype and back.shape == array.shape
        np.testing.assert_array_equal(back, array)
