"""scikit-learn's bundled digits: native at 8 x 8, and resampled as a stand-in for MNIST."""
import numpy as np

from aebook.data.images import Images, as_rows

N_TEST = 297  # of 1797; 1500 remain for training
SEED = 0      # of the split
SIDE, BORDER = 20, 4  # MNIST's format: 20 x 20 in the middle of 28 x 28


def load():
    """Return the 1797 bundled digits at 8 x 8, in a fixed split stratified by class.

    Returns
    -------
    Images
        1500 training and 297 test images, image_shape (8, 8, 1); the 17 gray levels 0, 1/16 ... 1.

    Notes
    -----
    Source: Alpaydin and Kaynak (1998), Optical Recognition of Handwritten Digits, UCI Machine
    Learning Repository; the copy is `sklearn.datasets.load_digits`.

    Examples
    --------
    >>> load()
    Images('digits', 1500 train, 297 test, 8 x 8 x 1)
    """
    scans, labels = _scans()
    rows = scans.reshape(len(scans), -1).astype(np.float32)
    return _split(rows, labels, (8, 8, 1), name="digits")


def load_stand_in(name):
    """Return the same scans resampled into MNIST's format, as a stand-in for another data set.

    A cubic spline enlarges each scan to 20 x 20; the values are clipped to [0, 1], rounded to
    MNIST's 256 gray levels and set in the middle of an empty 28 x 28 image.

    Parameters
    ----------
    name : str
        The data set that was asked for; `source` of the result says "digits".

    Returns
    -------
    Images
        1500 training and 297 test images, image_shape (28, 28, 1), in the split of `load`.

    Examples
    --------
    >>> load_stand_in("mnist")
    Images('mnist', 1500 train, 297 test, 28 x 28 x 1, stand-in: 'digits')
    """
    from scipy.ndimage import zoom

    scans, labels = _scans()
    factor = SIDE / scans.shape[1]
    large = zoom(scans, (1, factor, factor), order=3, mode="grid-constant", grid_mode=True)
    pixels = np.rint(255 * np.clip(large, 0, 1)).astype(np.uint8)
    pixels = np.pad(pixels, ((0, 0), (BORDER, BORDER), (BORDER, BORDER)))
    return _split(as_rows(pixels), labels, (*pixels.shape[1:], 1), name)


def _scans():
    """Return the scans, float64 in [0, 1] of shape (1797, 8, 8), and their labels."""
    from sklearn.datasets import load_digits

    bundled = load_digits()
    return bundled.images / 16, bundled.target.astype(np.int64)


def _split(rows, labels, image_shape, name):
    from sklearn.model_selection import train_test_split

    x_train, x_test, y_train, y_test = train_test_split(
        rows, labels, test_size=N_TEST, stratify=labels, random_state=SEED)
    return Images(x_train, y_train, x_test, y_test, image_shape, name=name, source="digits")
