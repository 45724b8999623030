"""MNIST and Fashion-MNIST: which files they consist of, where these lie, and their checksums."""
from dataclasses import dataclass

import numpy as np

from aebook.data.fetch import DataFile, fetch
from aebook.data.images import Images, as_rows


@dataclass(frozen=True)
class Source:
    """Where a data set comes from.

    Attributes
    ----------
    mirrors : tuple of str
        Addresses of folders, tried in this order.
    files : tuple of DataFile
        Training images, training labels, test images, test labels.
    """

    mirrors: tuple[str, ...]
    files: tuple[DataFile, ...]


SOURCES = {
    # LeCun, Cortes and Burges (1998). The uncompressed bytes are verified, so any container does.
    "mnist": Source(
        mirrors=("https://ossci-datasets.s3.amazonaws.com/mnist/",
                 "https://storage.googleapis.com/cvdf-datasets/mnist/"),
        files=(
            DataFile("train-images-idx3-ubyte", (60000, 28, 28),
                     gz="440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609",
                     raw="ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
            DataFile("train-labels-idx1-ubyte", (60000,),
                     gz="3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c",
                     raw="65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
            DataFile("t10k-images-idx3-ubyte", (10000, 28, 28),
                     gz="8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
                     raw="0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
            DataFile("t10k-labels-idx1-ubyte", (10000,),
                     gz="f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
                     raw="ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
        )),
    # Xiao, Rasul and Vollgraf (2017), arXiv:1708.07747. Only the published gzip files are known.
    "fashion_mnist": Source(
        mirrors=("https://storage.googleapis.com/tensorflow/tf-keras-datasets/",
                 "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/"),
        files=(
            DataFile("train-images-idx3-ubyte", (60000, 28, 28),
                     gz="3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
            DataFile("train-labels-idx1-ubyte", (60000,),
                     gz="a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
            DataFile("t10k-images-idx3-ubyte", (10000, 28, 28),
                     gz="346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
            DataFile("t10k-labels-idx1-ubyte", (10000,),
                     gz="67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        )),
}


def load(name):
    """Return MNIST or Fashion-MNIST from the first place that has it.

    Parameters
    ----------
    name : {"mnist", "fashion_mnist"}

    Returns
    -------
    Images
        60000 training and 10000 test images, image_shape (28, 28, 1).

    Raises
    ------
    DatasetError
        If a file is neither here nor on a mirror.
    FormatError
        If a file in `AEBOOK_DATA` is damaged.

    Examples
    --------
    >>> images = load("mnist")                                  # doctest: +SKIP
    >>> images.x_train.shape                                    # doctest: +SKIP
    (60000, 784)
    """
    source = SOURCES[name]
    x_train, y_train, x_test, y_test = (
        _convert(fetch(name, file, source.mirrors)) for file in source.files)
    _, height, width = source.files[0].shape
    return Images(x_train, y_train, x_test, y_test, (height, width, 1), name=name, source=name)


def _convert(array):
    return as_rows(array) if array.ndim == 3 else array.astype(np.int64)
