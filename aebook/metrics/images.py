"""How good is a reconstructed image? What image processing measures."""
from numbers import Integral, Real

import numpy as np

from aebook.errors import DataError, MissingLibraryError
from aebook.metrics import checks

__all__ = ["psnr", "ssim"]


def psnr(x, x_hat, data_range=1.0):
    """Return the peak signal-to-noise ratio of each example: 10 log10(range^2 / mean squared error).

    Parameters
    ----------
    x, x_hat : array_like of shape (examples, ...)
    data_range : float
        Distance between the least and the greatest possible value of x: 1 for pixels in [0, 1].

    Returns
    -------
    ndarray of shape (examples,), float64
        Decibels; infinite for a perfect reconstruction.

    Raises
    ------
    DataError
        If the shapes differ, a value is not finite, or the range is not positive or less than that of x.

    Examples
    --------
    >>> psnr([[0.0, 1.0]], [[0.1, 0.9]]).round(6).tolist()
    [20.0]
    """
    x, x_hat = checks.pair(x, x_hat)
    _check_range(x, data_range)
    with np.errstate(divide="ignore"):
        return 10 * np.log10(data_range**2 / np.mean(np.square(x - x_hat, dtype=np.float64), axis=1))


def ssim(x, x_hat, image_shape, data_range=1.0):
    """Return the structural similarity of each image: do brightness, contrast and pattern agree, window by window.

    The mean over all windows of (2 m m' + c_1)(2 s_xx' + c_2) / [(m^2 + m'^2 + c_1)(s^2 + s'^2 + c_2)],
    with the means m, variances s^2 and covariance s_xx' of the two images in the window,
    c_1 = (0.01 range)^2 and c_2 = (0.03 range)^2. By scikit-image, with the settings of the paper:
    windows of 11 x 11 pixels inside the image, Gaussian weights of standard deviation 1.5;
    averaged over the channels.

    An image with a side below 11 pixels gets the largest odd window that fits, of w pixels, and a
    standard deviation of 1.5 w / 11. Compare such numbers only with others of the same image size.

    Parameters
    ----------
    x, x_hat : array_like of shape (images, ...)
    image_shape : tuple of int
        (height, width) or (height, width, channels), as `Images.image_shape`; 3 pixels a side or more.
    data_range : float
        Distance between the least and the greatest possible value of x: 1 for pixels in [0, 1].

    Returns
    -------
    ndarray of shape (images,), float64
        No unit, in [-1, 1]; 1 for a perfect reconstruction only.

    Raises
    ------
    DataError
        If the shapes do not fit, a value is not finite, or the range is not positive or less than that of x.
    MissingLibraryError
        If scikit-image is not installed.

    References
    ----------
    Wang, Bovik, Sheikh and Simoncelli (2004), equation 13.

    Examples
    --------
    >>> x = np.eye(12).reshape(1, 144)
    >>> ssim(x, x, (12, 12)).tolist()
    [1.0]
    """
    try:
        from skimage.metrics import structural_similarity
    except ImportError as error:
        raise MissingLibraryError("ssim needs scikit-image. Install it with: pip install scikit-image") from error
    x, x_hat = checks.pair(x, x_hat)
    _check_range(x, data_range)
    shape = tuple(image_shape) if np.iterable(image_shape) else (image_shape,)
    fits = len(shape) in (2, 3) and all(isinstance(side, Integral) for side in shape) and min(shape[:2]) >= 3
    if not fits or np.prod(shape) != x.shape[1]:
        raise DataError(f"image_shape must be (height, width) or (height, width, channels) of {x.shape[1]} values, "
                        f"3 pixels a side or more, not {shape}.")
    side = min(*shape[:2], 11)
    window = side if side % 2 else side - 1
    images = zip(x.reshape(-1, *shape).astype(np.float64), x_hat.reshape(-1, *shape).astype(np.float64))
    return np.array([structural_similarity(a, b, data_range=data_range, gaussian_weights=True,
                                           sigma=1.5 * window / 11, use_sample_covariance=False,
                                           channel_axis=-1 if len(shape) == 3 else None) for a, b in images])


def _check_range(x, data_range):
    if not (isinstance(data_range, Real) and 0 < data_range < np.inf):
        raise DataError(f"data_range must be positive and finite, not {data_range!r}.")
    low, high = float(x.min()), float(x.max())
    if (high - low) * (1 - 1e-6) > data_range:  # float32 rounds the ends of a range
        raise DataError(f"x spans [{low:g}, {high:g}], more than data_range={data_range:g}: give the distance between "
                        "the least and the greatest possible value, 255 for pixels of 8 bits.")
