"""Data sets as float32 arrays in [0, 1], one image per row; no framework is imported."""
import warnings

from aebook.data import digits, mnist
from aebook.data.images import Images
from aebook.errors import DatasetError, SpecError, StandInWarning

__all__ = ["load", "Images"]

_NAMES = ("mnist", "fashion_mnist", "digits")


def load(name, fallback=None):
    """Load a data set of small gray images, split into a training and a test part.

    MNIST and Fashion-MNIST are taken from the folder that the environment variable `AEBOOK_DATA`
    names (`$AEBOOK_DATA/mnist/train-images-idx3-ubyte.gz` and so on), else from the user's cache,
    else from a mirror, which fills the cache. `AEBOOK_OFFLINE=1` forbids cache and mirrors.
    Every file is verified by its SHA-256. The digits come with scikit-learn and need no file.

    Parameters
    ----------
    name : {"mnist", "fashion_mnist", "digits"}
        MNIST and Fashion-MNIST: 60000 + 10000 images of 28 x 28. Digits: 1500 + 297 of 8 x 8.
    fallback : None or "digits"
        "digits": where the data set is not to be had, warn and return scikit-learn's digits,
        resampled into MNIST's format, in its place. None: raise.

    Returns
    -------
    Images
        Pixels as float32 in [0, 1], shape (images, n_features); labels as int64.

    Raises
    ------
    SpecError
        If `name` or `fallback` is unknown.
    DatasetError
        If the data set is not to be had; the message lists each mirror with its fault.
    FormatError
        If a file in `AEBOOK_DATA` is damaged; the message names it.

    Warns
    -----
    StandInWarning
        If the digits stand in for the data set that was asked for.

    Examples
    --------
    >>> import aebook
    >>> images = aebook.data.load("digits")
    >>> images
    Images('digits', 1500 train, 297 test, 8 x 8 x 1)
    >>> images.x_train.shape, images.image_shape, images.n_features
    ((1500, 64), (8, 8, 1), 64)
    """
    if name not in _NAMES:
        raise SpecError(f"load: no data set is called {name!r}. Known names: {', '.join(_NAMES)}.")
    if fallback not in (None, "digits"):
        raise SpecError(f"load: fallback={fallback!r} is unknown. Use 'digits' or None.")
    if name == "digits":
        return digits.load()
    try:
        return mnist.load(name)
    except DatasetError as error:
        if fallback is None:
            hint = "Or pass fallback='digits' to go on with scikit-learn's digits."
            raise type(error)(f"{error} {hint}") from None
        warnings.warn(f"{name} is missing; scikit-learn's digits, resampled to 28 x 28, stand in "
                      f"for it (1500 train, 297 test). {error}", StandInWarning, stacklevel=2)
        return digits.load_stand_in(name)
