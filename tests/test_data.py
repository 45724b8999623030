"""The data sets: formats, splits, the container, arguments, the stand-in and its warning."""
import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import aebook
from aebook.data import Images, digits, images, load
from aebook.errors import DatasetError, SpecError, StandInWarning

ROOT = Path(aebook.__file__).parents[1]
NAMES = pytest.mark.parametrize("name", ["mnist", "fashion_mnist"])


# MNIST itself ------------------------------------------------------------------------------------

def test_mnist(mnist):
    assert repr(mnist) == "Images('mnist', 60000 train, 10000 test, 28 x 28 x 1)"
    check_format(mnist, 60000, 10000, (28, 28, 1))
    assert not mnist.stand_in
    assert np.bincount(mnist.y_train).tolist() == [
        5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert mnist.y_train[:5].tolist() == [5, 0, 4, 1, 9]
    assert mnist.x_train.mean(dtype=np.float64) == pytest.approx(0.1307, abs=5e-5)


def check_format(data, n_train, n_test, image_shape):
    n_features = int(np.prod(image_shape))
    assert data.image_shape == image_shape and data.n_features == n_features
    for x, y, n in [(data.x_train, data.y_train, n_train), (data.x_test, data.y_test, n_test)]:
        assert x.shape == (n, n_features) and x.dtype == np.float32 and x.flags.c_contiguous
        assert y.shape == (n,) and y.dtype == np.int64
        assert x.min() == 0 and x.max() == 1
        assert set(y) == set(range(10))


def test_every_gray_level_is_correctly_rounded():
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
    rows = images.as_rows(levels)
    assert rows.dtype == np.float32
    np.testing.assert_array_equal(rows[0], (np.arange(256) / 255).astype(np.float32))


# Digits and the stand-in -------------------------------------------------------------------------

def test_digits_format():
    data = load("digits")
    check_format(data, 1500, 297, (8, 8, 1))
    assert (data.name, data.source, data.stand_in) == ("digits", "digits", False)


def test_digits_split_is_the_same_everywhere():
    first, second = load("digits"), load("digits")
    for name in ("x_train", "y_train", "x_test", "y_test"):
        np.testing.assert_array_equal(getattr(first, name), getattr(second, name))
    assert first.y_train[:10].tolist() == [4, 3, 1, 3, 9, 8, 1, 5, 5, 7]
    assert first.y_test[:10].tolist() == [7, 3, 1, 3, 0, 3, 4, 7, 3, 5]


def test_digits_split_is_a_partition():
    from sklearn.datasets import load_digits
    data, bundled = load("digits"), load_digits()
    ours = np.column_stack([np.concatenate([data.x_train, data.x_test]) * 16,
                            np.concatenate([data.y_train, data.y_test])])
    theirs = np.column_stack([bundled.data, bundled.target])
    assert sorted(map(tuple, ours)) == sorted(map(tuple, theirs))


def test_digits_split_is_stratified():
    data = load("digits")
    test = np.bincount(data.y_test)
    share = (np.bincount(data.y_train) + test) * 297 / 1797
    assert np.all(np.abs(test - share) < 1)


def test_stand_in_has_the_format_of_mnist():
    data = digits.load_stand_in("mnist")
    check_format(data, 1500, 297, (28, 28, 1))
    assert (data.name, data.source, data.stand_in) == ("mnist", "digits", True)
    pictures = np.concatenate([data.x_train, data.x_test]).reshape(-1, 28, 28)
    middle = pictures[:, 4:24, 4:24]
    assert np.count_nonzero(pictures) == np.count_nonzero(middle)
    assert np.all(middle.max(axis=(1, 2)) > 0.5)
    levels = pictures.astype(np.float64) * 255
    assert np.abs(levels - np.rint(levels)).max() < 1e-4


def test_stand_in_shows_the_same_scans():
    small, large = load("digits"), digits.load_stand_in("mnist")
    np.testing.assert_array_equal(small.y_train, large.y_train)
    quarters = small.x_train.reshape(-1, 4, 2, 4, 2).mean(axis=(2, 4))
    middle = large.x_train.reshape(-1, 28, 28)[:, 4:24, 4:24]
    np.testing.assert_allclose(middle.reshape(-1, 4, 5, 4, 5).mean(axis=(2, 4)), quarters,
                               atol=0.15)


# Images and arguments ----------------------------------------------------------------------------

def test_images_is_frozen_and_its_repr_has_no_arrays():
    data = load("digits")
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.name = "mnist"
    assert repr(data) == "Images('digits', 1500 train, 297 test, 8 x 8 x 1)"
    stand_in = dataclasses.replace(data, name="mnist")
    assert repr(stand_in) == "Images('mnist', 1500 train, 297 test, 8 x 8 x 1, stand-in: 'digits')"
    assert isinstance(data, Images)


@pytest.mark.parametrize("name", ["MNIST", "cifar10", None, ["mnist"]])
def test_unknown_name(name):
    with pytest.raises(SpecError, match="Known names: mnist, fashion_mnist, digits"):
        load(name, fallback="digits")


@pytest.mark.parametrize("fallback", ["mnist", True, ""])
def test_unknown_fallback(fallback):
    with pytest.raises(SpecError, match="fallback=.* is unknown. Use 'digits' or None"):
        load("digits", fallback=fallback)


def test_import_loads_numpy_only():
    code = ("import sys, aebook.data; print({'scipy', 'sklearn', 'pooch', 'platformdirs', 'tqdm',"
            " 'requests', 'torch', 'tensorflow'} & set(sys.modules))")
    assert python(code).stdout == "set()\n"


def python(code, *arguments, **environment):
    """Run code in a fresh interpreter that sees no data set."""
    kept = {key: value for key, value in os.environ.items() if not key.startswith("AEBOOK_")}
    return subprocess.run([sys.executable, "-c", code, *arguments], capture_output=True, text=True,
                          check=True, cwd=ROOT, env={**kept, **environment})


# The fallback ------------------------------------------------------------------------------------

@NAMES
def test_no_data_and_offline(name, monkeypatch):
    monkeypatch.delenv("AEBOOK_DATA", raising=False)
    monkeypatch.setenv("AEBOOK_OFFLINE", "1")
    with pytest.raises(DatasetError, match="Set AEBOOK_DATA to a folder .* fallback='digits'"):
        load(name)


@NAMES
def test_fallback_warns_at_the_line_of_the_user(name, monkeypatch):
    monkeypatch.delenv("AEBOOK_DATA", raising=False)
    monkeypatch.setenv("AEBOOK_OFFLINE", "1")
    with pytest.warns(StandInWarning) as caught:
        data = load(name, fallback="digits")
    message = str(caught[0].message)
    assert len(caught) == 1 and caught[0].filename == __file__
    assert message.startswith(f"{name} is missing; scikit-learn's digits, resampled")
    assert "AEBOOK_OFFLINE forbids the cache and the network" in message
    assert str(ROOT) not in message and not any(w.startswith("/") for w in message.split())
    assert (data.name, data.source, data.image_shape) == (name, "digits", (28, 28, 1))
    assert data.x_train.shape == (1500, 784)


def test_warning_is_visible_by_default():
    run = python("import aebook; print(aebook.data.load('mnist', fallback='digits'))",
                 AEBOOK_OFFLINE="1")
    assert "StandInWarning: mnist is missing" in run.stderr
    assert run.stdout.startswith("Images('mnist', 1500 train, 297 test, 28 x 28 x 1, stand-in")
