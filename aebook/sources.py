"""Data that need not fit into memory: memory-mapped arrays and iterables of batches, read block by block."""
import contextlib
import mmap
import zlib

import numpy as np

from aebook.errors import DataError
from aebook.random import ORDER, batches_at_once, generator, permutation
from aebook.validation import check_data

__all__ = ["Source", "open_data", "fingerprint", "blocks"]

BLOCK_BYTES = 2**25  # the most that a block read from a source may take, as long as it holds a batch


def open_data(x, spec, name="x"):
    """Return data as a checked array, or as a `Source` if they are not to be read at once.

    Parameters
    ----------
    x : array_like of shape (examples, input_dim), memory-mapped array, or iterable of batches
    spec : MLP
    name : str
        What the caller calls the data, for messages.

    Returns
    -------
    ndarray or Source

    Raises
    ------
    DataError
        If the data have the wrong shape, are not finite, or are out of range under the Bernoulli
        likelihood. The rows of a memory-mapped array are checked when they are read.

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> open_data([[0, 1]], MLP(2, (), 1)).shape, len(open_data([np.eye(2), np.ones((3, 2))], MLP(2, (), 1)))
    ((1, 2), 5)
    """
    def check(rows, first=0):
        return check_data(rows, spec.input_dim, dtype=spec.dtype, unit_interval=spec.likelihood == "bernoulli",
                          name=name, first_row=first)

    file = memory_map(x)
    if file is not None:
        if x.ndim != 2 or x.shape[1] != spec.input_dim or len(x) == 0:
            check(np.broadcast_to(np.zeros((), x.dtype), x.shape))  # says what is wrong, and reads nothing
        return Mapped(x, file, check)
    if is_array_like(x):
        return check(x)
    return Batches(x, check, name)


def block_length(batch_size, row_bytes, width=0):
    """Return the rows of a block: whole batches, as many as the bounds on data and noise allow."""
    return batch_size * max(1, min(batches_at_once(batch_size, width), BLOCK_BYTES // (batch_size * row_bytes)))


def memory_map(x):
    """Return the memory-mapped array that an array is a view of, or None."""
    while isinstance(x, np.ndarray):
        if isinstance(x, np.memmap) and x._mmap is not None:
            return x
        x = x.base
    return None


def is_array_like(x):
    if isinstance(x, (list, tuple)):
        return not (x and all(getattr(part, "ndim", 0) == 2 for part in x))
    batched = hasattr(x, "__iter__") or hasattr(x, "__getitem__") and hasattr(x, "__len__")
    return hasattr(x, "__array__") or isinstance(x, (str, bytes)) or not batched


class Source:
    """Checked rows that are read piece by piece, as often as needed.

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> [piece.shape for piece in open_data([np.eye(2), np.ones((3, 2))], MLP(2, (), 1)).pieces(4)]
    [(4, 2), (1, 2)]
    """

    def __len__(self):
        return self.n

    def block_length(self, batch_size, width=0):
        """Return the rows of a block: whole batches, as many as the bounds allow."""
        return block_length(batch_size, self.row.nbytes, width)


class Mapped(Source):
    """The rows of a memory-mapped array; what has been read does not stay in memory."""

    def __init__(self, x, file, check):
        self.x, self.file, self.check = x, file, check
        self.n, self.row = len(x), check(np.array(x[:1]))

    def read(self, start, stop):
        rows = self.check(np.array(self.x[start:stop]), start)
        if self.file.mode != "c" and hasattr(mmap, "MADV_DONTNEED"):  # "c" would lose what was written to it
            with contextlib.suppress(OSError):
                self.file._mmap.madvise(mmap.MADV_DONTNEED)
        return rows

    def pieces(self, length):
        for start in range(0, self.n, length):
            yield self.read(start, min(start + length, self.n))

    def shuffled(self, length, seed, epoch):
        """Yield the blocks in the order of an epoch, the smaller one at the end."""
        order = permutation(self.n // length, seed, epoch)
        for start in (*(order * length).tolist(), *range(len(order) * length, self.n, length)):
            yield self.read(start, min(start + length, self.n))


class Batches(Source):
    """The rows of an iterable of batches, or of a data set of examples; read once to count and check them."""

    def __init__(self, x, check, name):
        if hasattr(x, "__next__"):
            raise DataError(f"{name} is an iterator, which can be read only once; every epoch reads the data anew. "
                            "Pass what makes it: a list of arrays, a DataLoader, a tf.data.Dataset, or an object "
                            "whose __iter__ starts again.")
        self.x, self.check, self.name, self.n = x, check, name, None
        n = 0
        for rows in self.arrays():
            n, self.row = n + len(rows), rows[:1].copy()
        if n == 0:
            raise DataError(f"{name} holds no examples.")
        self.n = n

    def arrays(self):
        """Yield each batch as a checked array."""
        items = self.x if hasattr(self.x, "__iter__") else (self.x[i] for i in range(len(self.x)))
        n = 0
        for item in items:
            item = item[0] if isinstance(item, (tuple, list)) else item  # (x, y): the labels are not used
            rows = np.asarray(item.detach().cpu() if hasattr(item, "detach") else item)
            rows = self.check(rows[None] if rows.ndim == 1 else rows, n)
            n += len(rows)
            yield rows
        if self.n not in (None, n):
            raise DataError(f"{self.name} gave {self.n} examples when it was first read, and {n} now; "
                            "it must give the same number in each pass.")

    def pieces(self, length):
        held, n = [], 0
        for rows in self.arrays():
            while len(rows):
                held.append(rows[:length - n])
                rows, n = rows[length - n:], n + len(held[-1])
                if n == length:
                    yield np.concatenate(held)
                    held, n = [], 0
        if held:
            yield np.concatenate(held)

    def shuffled(self, length, seed, epoch):
        """Yield the blocks as they come."""
        return self.pieces(length)


def blocks(data, training, epoch, steps, width=0):
    """Yield what an epoch visits: position, a block of a source (None where all data are at hand), rows in order.

    Parameters
    ----------
    data : Source, or anything with a length
    training : Training
    epoch, steps : int
    width : int
        Random numbers that an example needs; they bound the blocks too.

    Yields
    ------
    start : int
        Examples visited before.
    block : ndarray or None
    rows : ndarray of int64
        Row numbers, in the block if there is one, else in the data.

    Examples
    --------
    >>> from aebook.specs import Training
    >>> [(start, len(rows)) for start, _, rows in blocks(range(10), Training(batch_size=3), epoch=0, steps=4)]
    [(0, 10)]
    """
    size, n = training.batch_size, min(steps * training.batch_size, len(data))
    if not isinstance(data, Source):
        order = permutation(len(data), training.seed, epoch)[:n]
        length = batches_at_once(size, width) * size
        for start in range(0, n, length):
            yield start, None, order[start:start + length]
        return
    start = 0
    for block in data.shuffled(data.block_length(size, width), training.seed, epoch):
        rows = generator(training.seed, ORDER, epoch, start).permutation(len(block))[:n - start]
        yield start, block, rows
        start += len(rows)
        if start == n:
            return


def fingerprint(data):
    """Return what tells these data from others, as a dict for JSON.

    Parameters
    ----------
    data : ndarray or Source
        As `open_data` returns them.

    Returns
    -------
    dict
        Number of examples and features, dtype, and a checksum; none for an iterable, which may
        give its batches in another order each time.

    Examples
    --------
    >>> fingerprint(np.zeros((2, 1), "float32"))
    {'shape': [2, 1], 'dtype': 'float32', 'crc32': 1696784233}
    """
    row, crc = data.row if isinstance(data, Source) else data[:1], 0
    if isinstance(data, Batches):
        crc = None
    else:
        for rows in data.pieces(1024) if isinstance(data, Mapped) else [data]:
            crc = zlib.crc32(rows, crc)
    return {"shape": [len(data), row.shape[1]], "dtype": row.dtype.name, "crc32": crc}
