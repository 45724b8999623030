"""Read IDX files of unsigned bytes, the format of MNIST, without trusting them.

The caller states the shape. Anything else than a whole file of exactly that shape is a
FormatError, and no more memory is used than that shape needs, whatever the file claims.
Format: LeCun, Cortes and Burges, "The MNIST database of handwritten digits".
"""
import math
import zlib

import numpy as np

from aebook.errors import FormatError

UNSIGNED_BYTE = 0x08
GZIP_MAGIC = b"\x1f\x8b"


def read_idx(path, shape):
    """Read an IDX file, plain or gzip-compressed; its content, not its name, decides which.

    Parameters
    ----------
    path : str or path-like
    shape : tuple of int
        The shape that the file must have.

    Returns
    -------
    ndarray of the given shape, uint8, read-only

    Raises
    ------
    FormatError
        If the file cannot be read, is damaged, or is not of this shape; the message names it.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "labels")
    ...     _ = path.write_bytes(idx_header((3,)) + bytes([7, 2, 1]))
    ...     read_idx(path, (3,)).tolist()
    [7, 2, 1]
    """
    return parse_idx(read_payload(path, shape), shape, where=path)


def parse_idx(payload, shape, where="IDX data"):
    """Turn the bytes of an IDX file, plain or gzip-compressed, into an array.

    Parameters
    ----------
    payload : bytes
    shape : tuple of int
        The shape that the data must have.
    where : str or path-like
        What error messages call the data, such as the path of the file.

    Returns
    -------
    ndarray of the given shape, uint8, read-only

    Raises
    ------
    FormatError
        If a byte is missing, surplus or wrong: gzip stream and checksum, magic number, element
        type, number of dimensions, each dimension, length.

    Examples
    --------
    >>> parse_idx(idx_header((2, 2)) + bytes([1, 2, 3, 4]), (2, 2)).tolist()
    [[1, 2], [3, 4]]
    """
    header, size = idx_header(shape), _size(shape)
    if len(payload) > _most_bytes(shape):
        raise _fault(where, f"more than {_most_bytes(shape)} bytes, too many for shape {shape}")
    raw = _decompress(payload, size, where) if payload[:2] == GZIP_MAGIC else payload
    if raw[:2] != header[:2]:
        raise _fault(where, "empty" if len(raw) == 0 else "neither an IDX nor a gzip file")
    if len(raw) < len(header):
        raise _fault(where, f"ends inside its header, after {len(raw)} of {len(header)} bytes")
    if raw[2] != UNSIGNED_BYTE:
        raise _fault(where, f"element type 0x{raw[2]:02x} instead of 0x08 (unsigned byte)")
    if raw[3] != len(shape):
        raise _fault(where, f"{raw[3]} dimensions instead of {len(shape)}")
    if raw[:len(header)] != header:
        found = tuple(np.frombuffer(raw, ">u4", count=len(shape), offset=4).tolist())
        raise _fault(where, f"shape {found} instead of {shape}")
    if len(raw) != size:
        raise _fault(where, f"{len(raw)} bytes of IDX data instead of {size}")
    return np.frombuffer(raw, np.uint8, offset=len(header)).reshape(shape)


def read_payload(path, shape):
    """Return the bytes of a file, but not many more than an IDX file of this shape can have.

    Raises
    ------
    FormatError
        If the file cannot be opened or read.
    """
    try:
        with open(path, "rb") as file:
            return file.read(_most_bytes(shape) + 1)
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        reason = getattr(error, "strerror", None) or error
        raise FormatError(f"{path}: cannot be read ({reason}). "
                          "Put a readable file in its place.") from error


def idx_header(shape):
    """Return the first 4 + 4 n bytes of an IDX file of unsigned bytes with n dimensions.

    Examples
    --------
    >>> idx_header((3,)).hex(" ")
    '00 00 08 01 00 00 00 03'
    """
    return bytes([0, 0, UNSIGNED_BYTE, len(shape)]) + np.array(shape, ">u4").tobytes()


def _size(shape):
    return 4 + 4 * len(shape) + math.prod(shape)


def _most_bytes(shape):
    """Return a bound for the file: twice the data and 64 KiB, which no honest gzip file exceeds."""
    return 2 * _size(shape) + 2 ** 16


def _decompress(payload, size, where):
    """Return the content of a one-member gzip file; stop one byte after the expected size."""
    stream = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)  # 16: gzip, with its CRC and length
    try:
        raw = stream.decompress(payload, size + 1)
    except zlib.error as error:
        raise _fault(where, f"damaged gzip stream ({error})") from error
    if len(raw) > size:
        raise _fault(where, f"decompresses to more than the expected {size} bytes")
    if not stream.eof:
        raise _fault(where, "the gzip stream is cut off")
    if stream.unused_data:
        raise _fault(where, f"{len(stream.unused_data)} bytes follow the gzip stream")
    return raw


def _fault(where, what):
    return FormatError(f"{where}: {what}. Replace it by an undamaged copy of the original file.")
