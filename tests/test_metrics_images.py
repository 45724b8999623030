"""PSNR and SSIM against scikit-image and their definition, their limits and what they refuse."""
import sys

import numpy as np
import pytest
from scipy.ndimage import correlate
from sklearn.datasets import load_digits

from aebook import metrics
from aebook.errors import DataError, MissingLibraryError

rng = np.random.default_rng(0)
X, X_HAT = rng.uniform(size=(2, 7, 12))


def test_psnr_equals_scikit_image():
    from skimage.metrics import peak_signal_noise_ratio
    expected = [peak_signal_noise_ratio(a, b, data_range=1) for a, b in zip(X, X_HAT)]
    np.testing.assert_allclose(metrics.psnr(X, X_HAT), expected)
    assert metrics.psnr(X, X).tolist() == [np.inf] * 7


def ssim_by_definition(x, y, side, sigma, data_range):
    """The mean over all windows that fit of equation 13 of Wang et al. (2004), each moment a weighted sum."""
    t = np.arange(side) - side // 2
    weights = np.exp(-(t[:, None] ** 2 + t**2) / (2 * sigma**2))

    def mean(image):
        edge = side // 2
        whole = correlate(image, weights / weights.sum(), mode="constant")
        return whole[edge:len(image) - edge, edge:image.shape[1] - edge]

    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    mx, my = mean(x), mean(y)
    vx, vy, cov = mean(x * x) - mx**2, mean(y * y) - my**2, mean(x * y) - mx * my
    return np.mean((2 * mx * my + c1) * (2 * cov + c2) / ((mx**2 + my**2 + c1) * (vx + vy + c2)))


@pytest.mark.parametrize("shape, side", [((28, 28), 11), ((12, 15), 11), ((11, 11), 11), ((10, 28), 9), ((8, 8), 7),
                                         ((7, 7), 7), ((6, 5), 5), ((3, 4), 3)])
@pytest.mark.parametrize("data_range", [1, 255])
def test_ssim_follows_its_definition(shape, side, data_range):
    x = rng.uniform(0, data_range, size=(3, *shape))
    x_hat = np.clip(x + rng.normal(0, 0.2 * data_range, x.shape), 0, data_range)
    expected = [ssim_by_definition(a, b, side, 1.5 * side / 11, data_range) for a, b in zip(x, x_hat)]
    np.testing.assert_allclose(metrics.ssim(x, x_hat, shape, data_range), expected, rtol=1e-9)
    flat = metrics.ssim(x.reshape(3, -1), x_hat.reshape(3, -1), (*shape, 1), data_range)
    np.testing.assert_allclose(flat, expected, rtol=1e-9)


def test_ssim_of_colors_is_the_mean_over_the_channels():
    x, x_hat = rng.uniform(size=(2, 4, 12, 13, 3))
    channels = [metrics.ssim(x[..., c], x_hat[..., c], (12, 13)) for c in range(3)]
    np.testing.assert_allclose(metrics.ssim(x, x_hat, (12, 13, 3)), np.mean(channels, axis=0))


def test_ssim_has_the_right_limits_and_order():
    x = load_digits().data[:20] / 16
    noisy, noisier = (np.clip(x + level * rng.normal(size=x.shape), 0, 1) for level in (0.1, 0.4))
    assert metrics.ssim(x, x, (8, 8)).tolist() == [1.0] * 20
    same, worse, worst = (metrics.ssim(x, y, (8, 8)).mean() for y in (noisy, noisier, 1 - x))
    assert 1 > same > worse > 0 > worst >= -1
    luminance = 1e-4 / (1 + 1e-4)  # black against white: no variance, and (2 * 0 * 1 + c_1) / (0 + 1 + c_1)
    np.testing.assert_allclose(metrics.ssim(np.zeros((1, 64)), np.ones((1, 64)), (8, 8)), luminance)


@pytest.mark.parametrize("image_shape", [(3, 5), (12,), (3, 4, 1, 1), (2, 6), (-3, -4), (1, 12), 12, None,
                                         (3, 4.0)])
def test_ssim_names_an_image_shape_that_does_not_fit(image_shape):
    with pytest.raises(DataError, match="image_shape"):
        metrics.ssim(X, X_HAT, image_shape)


def test_ssim_without_scikit_image_tells_the_install_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.metrics", None)
    with pytest.raises(MissingLibraryError, match="pip install scikit-image"):
        metrics.ssim(X, X_HAT, (3, 4))


@pytest.mark.parametrize("data_range", [0, -1, np.nan, np.inf, None, "1"])
@pytest.mark.parametrize("metric", [metrics.psnr, lambda x, y, r: metrics.ssim(x, y, (3, 4), r)], ids=["psnr", "ssim"])
def test_a_range_is_positive_and_finite(metric, data_range):
    with pytest.raises(DataError, match="data_range"):
        metric(X, X_HAT, data_range)


@pytest.mark.parametrize("metric", [metrics.psnr, lambda x, y, *r: metrics.ssim(x, y, (3, 4), *r)],
                         ids=["psnr", "ssim"])
def test_data_beyond_the_range_are_refused(metric):
    """Pixels from 0 to 255 under the default range of 1 would get decibels below 0."""
    x, x_hat = (255 * X).astype(np.uint8), (255 * X_HAT).astype(np.uint8)
    with pytest.raises(DataError, match=r"x spans \[\d+, 25\d\], more than data_range=1.*255"):
        metric(x, x_hat)
    np.testing.assert_allclose(metric(x, x_hat, 255), metric(x / 255, x_hat / 255), rtol=1e-9)
    shifted = (X + 0.1).astype(np.float32)
    assert np.isfinite(metric(shifted, X_HAT, float(np.ptp(shifted.astype(np.float64))) * (1 - 1e-8))).all()
