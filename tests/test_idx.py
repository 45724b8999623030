"""The IDX parser: whole files of the stated shape give an array, everything else a typed error."""
import gzip
import itertools
import struct
import tracemalloc
import zlib

import numpy as np
import pytest

from aebook.data.idx import idx_header, parse_idx, read_idx
from aebook.errors import FormatError

SHAPE = (4, 3, 5)
DATA = bytes(np.random.default_rng(0).integers(0, 256, 60, dtype=np.uint8))


def idx(dims, data=DATA, kind=8):
    return struct.pack(f">HBB{len(dims)}I", 0, kind, len(dims), *dims) + data


def flip(payload, position, bits=0xFF):
    return payload[:position] + bytes([payload[position] ^ bits]) + payload[position + 1:]


def bomb(head, mebibytes):
    """Return a gzip file of `head` and that many MiB of zeros: one compressed block, repeated."""
    deflate = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    start = deflate.compress(head) + deflate.flush(zlib.Z_FULL_FLUSH)
    block = deflate.compress(bytes(2 ** 20)) + deflate.flush(zlib.Z_FULL_FLUSH)
    return (bytes.fromhex("1f8b08000000000002ff") + start + block * mebibytes + deflate.flush()
            + bytes(8))


PLAIN = idx(SHAPE)
GZIP = gzip.compress(PLAIN, mtime=0)
HTML = b"<!DOCTYPE html><html><body>404</body></html>"

FAULTS = {  # what is wrong: (what the message must say, the files)
    "plain file cut off": (
        "empty|neither|inside its header|60 bytes|bytes of IDX data instead of 76",
        [PLAIN[:n] for n in (0, 1, 2, 3, 4, 7, 8, 12, 15, 16, 17, 40, 75)]),
    "bytes after the plain data": (
        "bytes of IDX data instead of 76",
        [PLAIN + junk for junk in (b"\0", b"\1", b"\n", bytes(4), PLAIN, GZIP)]),
    "very long plain file": ("too many for shape", [PLAIN + bytes(2 ** 17)]),
    "wrong element type": (
        "element type 0x.. instead of 0x08",
        [idx(SHAPE, kind=kind) for kind in (0x00, 0x09, 0x0B, 0x0C, 0x0D, 0x0E, 0xFF)]),
    "wrong magic number": (
        "neither an IDX nor a gzip file",
        [start + PLAIN[len(start):] for start in
         (b"\0\1", b"\1\0", b"\xff\xff", b"PK\3\4", b"\3\x08\0\0", b"\x1f\x8a", b"BZh9", HTML)]),
    "number of dimensions, correct length": (
        "dimensions instead of 3",
        [PLAIN[:3] + bytes([n]) + PLAIN[4:] for n in (0, 1, 2, 4, 255)]
        + [idx((60,), DATA + bytes(8)), idx((12, 5), DATA + bytes(4)),
           idx((4, 3, 5, 1), DATA[:-4])]),
    "dimensions swapped, equal product": (
        "shape .* instead of",
        [idx(dims) for dims in itertools.permutations(SHAPE) if dims != SHAPE]),
    "other dimensions, equal product": (
        "shape .* instead of",
        [idx(dims) for dims in ((1, 1, 60), (60, 1, 1), (2, 6, 5), (20, 3, 1), (1, 60, 1))]),
    "other dimensions, correct length": (
        "shape .* instead of",
        [idx(dims) for dims in ((5, 3, 5), (3, 3, 5), (4, 3, 0), (0, 0, 0), (2 ** 32 - 1, 3, 5),
                                (2 ** 31, 2 ** 31, 4))]
        + [PLAIN[:4] + struct.pack("<3I", *SHAPE) + DATA]),
    "one image fewer or more": (
        "shape .* instead of", [idx((3, 3, 5), DATA[:45]), idx((5, 3, 5), DATA + bytes(15))]),
    "gzip stream cut off": (
        "cut off", [GZIP[:n] for n in (2, 3, 9, 10, 11, 30, len(GZIP) - 9, len(GZIP) - 8,
                                       len(GZIP) - 7, len(GZIP) - 4, len(GZIP) - 1)]),
    "gzip checksum": ("damaged gzip stream", [flip(GZIP, -k % len(GZIP), 1) for k in (8, 7, 6, 5)]),
    "gzip length field": ("damaged gzip stream",
                          [flip(GZIP, -k % len(GZIP), 1) for k in (4, 3, 2, 1)]),
    "compressed byte flipped": (
        "damaged gzip stream|cut off|follow the gzip|decompresses to more",
        [flip(GZIP, position) for position in range(10, 60, 10)]),
    "gzip header": ("damaged gzip stream", [flip(GZIP, 2), flip(GZIP, 3, 0xE0)]),
    "bytes after the gzip stream": (
        "follow the gzip stream",
        [GZIP + junk for junk in (b"\0", b"junk", GZIP, gzip.compress(b"", mtime=0))]),
    "gzip bomb": ("too many for shape|decompresses to more than",
                  [bomb(PLAIN, 2048), bomb(PLAIN, 60), bomb(idx((2 ** 20, 3, 5)), 45)]),
    "whole gzip stream of a faulty file": (
        "inside its header|shape|neither|empty",
        [gzip.compress(content, mtime=0)
         for content in (b"", HTML, idx(SHAPE[::-1]), PLAIN[:10], GZIP[:20])]),
}
CASES = [pytest.param(payload, words, id=f"{kind} {number}")
         for kind, (words, payloads) in FAULTS.items() for number, payload in enumerate(payloads)]


def test_there_are_100_distinct_faults():
    payloads = [case.values[0] for case in CASES]
    assert len(payloads) == len(set(payloads)) == 100
    assert PLAIN not in payloads and GZIP not in payloads


@pytest.mark.parametrize("payload, words", CASES)
def test_fault_is_a_typed_error(payload, words, tmp_path):
    with pytest.raises(FormatError, match=f"(?s)^IDX data: .*({words}).*Replace it"):
        parse_idx(payload, SHAPE)
    path = tmp_path / "train-images"
    path.write_bytes(payload)
    with pytest.raises(FormatError, match=words) as caught:
        read_idx(path, SHAPE)
    assert str(caught.value).startswith(f"{path}: ")


@pytest.mark.parametrize("position", range(len(GZIP)))
def test_flipped_bit_never_gives_a_wrong_array(position):
    for bit in range(8):
        try:
            array = parse_idx(flip(GZIP, position, 1 << bit), SHAPE)
        except FormatError:
            continue
        assert array.tobytes() == DATA  # the bit was the time stamp or the like


@pytest.mark.parametrize("payload", [
    PLAIN, GZIP, gzip.compress(PLAIN, compresslevel=0),
    GZIP[:3] + b"\x0c" + GZIP[4:10] + b"\x02\x00ab" + b"name\0" + GZIP[10:],
], ids=["plain", "gzip", "gzip stored", "gzip with extra field and name"])
@pytest.mark.parametrize("name", ["images", "images.gz"])
def test_whole_file_gives_the_array(payload, name, tmp_path):
    expected = np.frombuffer(DATA, np.uint8).reshape(SHAPE)
    array = parse_idx(payload, SHAPE)
    assert array.dtype == np.uint8 and array.shape == SHAPE
    np.testing.assert_array_equal(array, expected)
    (tmp_path / name).write_bytes(payload)
    np.testing.assert_array_equal(read_idx(tmp_path / name, SHAPE), expected)


@pytest.mark.parametrize("shape", [(0,), (60,), (60, 1), (2, 2, 3, 5), (0, 28, 28)])
def test_any_number_of_dimensions(shape):
    data = DATA[:int(np.prod(shape))]
    array = parse_idx(idx(shape, data), shape)
    assert array.shape == shape and array.tobytes() == data
    assert idx_header(shape) == idx(shape, b"")


@pytest.mark.parametrize("payload", FAULTS["gzip bomb"][1])
def test_bomb_takes_no_memory(payload):
    tracemalloc.start()
    with pytest.raises(FormatError):
        parse_idx(payload, SHAPE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 ** 20


def test_bomb_below_the_size_limit_is_a_real_one():
    payload = FAULTS["gzip bomb"][1][1]
    assert len(zlib.decompressobj(31).decompress(payload[:-8])) == 76 + 60 * 2 ** 20


def test_huge_file_is_not_read_whole(tmp_path):
    path = tmp_path / "huge"
    with open(path, "wb") as file:
        file.truncate(2 ** 30)
    tracemalloc.start()
    with pytest.raises(FormatError, match="too many for shape"):
        read_idx(path, SHAPE)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 ** 20


@pytest.mark.parametrize("name", ["", "absent", "no\0file"], ids=["directory", "absent", "null"])
def test_unreadable_path_is_named(name, tmp_path):
    with pytest.raises(FormatError, match="cannot be read") as caught:
        read_idx(f"{tmp_path}/{name}", SHAPE)
    assert str(tmp_path) in str(caught.value)
