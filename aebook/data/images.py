"""The container that every loader returns."""
import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, repr=False, eq=False)
class Images:
    """A data set of images, split into a training and a test part.

    Attributes
    ----------
    x_train, x_test : ndarray of shape (images, n_features), float32
        Pixels in [0, 1], one image per row; `x.reshape(-1, *image_shape)` gives pictures.
    y_train, y_test : ndarray of shape (images,), int64
        Class labels.
    image_shape : tuple of int
        (height, width, channels), channels last.
    name : str
        The data set that was asked for.
    source : str
        The data set that this is: `name`, or "digits" where these stand in for it.

    Examples
    --------
    >>> import numpy as np
    >>> x, y = np.zeros((3, 4), np.float32), np.zeros(3, np.int64)
    >>> images = Images(x, y, x[:1], y[:1], (2, 2, 1), name="mnist", source="digits")
    >>> images
    Images('mnist', 3 train, 1 test, 2 x 2 x 1, stand-in: 'digits')
    >>> images.n_features, images.stand_in
    (4, True)
    """

    x_train: np.ndarray
    y_train: np.ndarray
    x_test: np.ndarray
    y_test: np.ndarray
    image_shape: tuple[int, int, int]
    name: str
    source: str

    @property
    def n_features(self):
        """Values per image: height x width x channels."""
        return math.prod(self.image_shape)

    @property
    def stand_in(self):
        """True where another data set stands in for the one that was asked for."""
        return self.source != self.name

    def __repr__(self):
        shape = " x ".join(str(side) for side in self.image_shape)
        note = f", stand-in: {self.source!r}" if self.stand_in else ""
        return (f"Images({self.name!r}, {len(self.x_train)} train, {len(self.x_test)} test, "
                f"{shape}{note})")


def as_rows(pixels):
    """Return uint8 pictures as rows of float32 in [0, 1]: gray value / 255.

    Parameters
    ----------
    pixels : ndarray of shape (images, height, width), uint8

    Returns
    -------
    ndarray of shape (images, height * width), float32

    Examples
    --------
    >>> import numpy as np
    >>> as_rows(np.array([[[0, 51], [102, 255]]], np.uint8)).tolist()
    [[0.0, 0.20000000298023224, 0.4000000059604645, 1.0]]
    """
    # One pass and no float64 copy; division, unlike multiplication by 1/255, rounds correctly.
    return np.divide(pixels.reshape(len(pixels), -1), np.float32(255), dtype=np.float32)
