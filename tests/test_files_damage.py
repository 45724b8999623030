"""Any damage at all: flipped bits, cuts, mutations, unreadable paths, and sizes that only a lie can have."""
import copy
import json
import os
import struct
import time
import tracemalloc

import numpy as np
import pytest
from model_files import GOOD, SPEC, WEIGHTS, flip, pack, parts, same

from aebook.errors import ModelFileError
from aebook.files import read_model
from aebook.specs import MLP
from aebook.weights import weight_shapes


def reads_right_or_not_at_all(path, payload):
    path.write_bytes(payload)
    try:
        class_name, spec, weights, _ = read_model(path)
    except ModelFileError:
        return False
    assert (class_name, spec) == ("Autoencoder", SPEC) and same(weights, WEIGHTS)
    return True


@pytest.mark.parametrize("bit", range(8))
def test_a_flipped_bit_never_gives_another_model(bit, tmp_path):
    harmless = [p for p in range(len(GOOD)) if reads_right_or_not_at_all(tmp_path / "m", flip(GOOD, p, 1 << bit))]
    assert not harmless


def test_a_file_cut_anywhere_is_an_error(tmp_path):
    assert not any(reads_right_or_not_at_all(tmp_path / "m", GOOD[:n]) for n in range(len(GOOD)))


def test_random_mutations_never_give_another_model(tmp_path):
    rng = np.random.default_rng(1)
    for _ in range(500):
        at, n, junk = rng.integers(len(GOOD)), rng.integers(0, 20), rng.bytes(rng.integers(0, 20))
        payload = GOOD[:at] + junk + GOOD[at + n:]
        assert reads_right_or_not_at_all(tmp_path / "m", payload) == (payload == GOOD)


@pytest.mark.parametrize("name", ["", "absent", "no\0file", "m/n", "pipe", "a" * 256, "loop"])
def test_an_unreadable_path_is_named(name, tmp_path):
    (tmp_path / "m").write_bytes(GOOD)
    os.mkfifo(tmp_path / "pipe")
    os.symlink(tmp_path / "loop", tmp_path / "loop")
    with pytest.raises(ModelFileError, match="cannot be read: ") as caught:
        read_model(f"{tmp_path}/{name}")
    assert str(caught.value).startswith(f"{tmp_path}/{name}: ")


def test_a_path_must_be_a_path():
    with pytest.raises(TypeError):
        read_model(0)


BIG = MLP(50_000, (50_000,), 2)  # 20 GB of weights


def announced(spec):
    """The header of a file for a large spec, and how many bytes of weights it announces."""
    model, tensors, end = *copy.deepcopy(parts(spec=spec)[:1]), {}, 0
    for name, shape in weight_shapes(spec).items():
        begin, end = end, end + 4 * int(np.prod(shape))
        tensors[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [begin, end]}
    return pack({"__metadata__": {"aebook": json.dumps(model | {"sha256": "0" * 64})}, **tensors}), end


@pytest.mark.parametrize("payload, size, words", [
    (announced(BIG)[0], None, "the spec needs 20001"),
    (announced(BIG)[0], 10 * 2**30, "the spec needs 20001"),
    (announced(BIG)[0], len(announced(BIG)[0]) + announced(BIG)[1] - 1, "the spec needs 20001"),
    (GOOD, 10 * 2**30, "the spec needs 192"),
    (struct.pack("<Q", 10 * 2**30) + b"{", 10 * 2**30 + 8, "no safetensors file"),
    (b"PK\3\4", 10 * 2**30, "a zip archive"),
    (b"", 10 * 2**30, "header is no valid JSON"),
])
def test_a_claim_of_gigabytes_takes_neither_memory_nor_time(payload, size, words, tmp_path):
    path = tmp_path / "m"
    path.write_bytes(payload)
    if size:
        os.truncate(path, size)  # sparse: takes no room on the disk
    tracemalloc.start()
    try:
        start = time.perf_counter()
        with pytest.raises(ModelFileError, match=words):
            read_model(path)
        seconds, peak = time.perf_counter() - start, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 2**20 and seconds < 1
