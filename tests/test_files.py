"""Model files: what one framework saves the other loads; anything else is a typed error, never a wrong model."""
import ast
import copy
import hashlib
import io
import json
import os
import pickle
import signal
import stat
import struct
import subprocess
import sys
import time
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from helpers import TWINS, digits_like, relative

import aebook
from aebook import files
from aebook.errors import AebookError, ModelFileError, WeightsError
from aebook.files import read_model, write_model
from aebook.random import initial_weights
from aebook.specs import MLP
from aebook.weights import weight_shapes

PAIRS = [(a, b) for a in TWINS for b in TWINS]
SPEC = MLP(4, (3,), 2, activation="tanh")
WEIGHTS = {name: array + np.float32(0.5) for name, array in initial_weights(SPEC, seed=0).items()}


def same(a, b):
    return list(a) == list(b) and all(a[n].dtype == b[n].dtype and np.array_equal(a[n], b[n]) for n in a)


# --- round trips ---

@pytest.mark.parametrize("source, target", PAIRS)
@pytest.mark.parametrize("spec", [
    MLP(64, (32, 16), 8, activation="gelu"),
    MLP(64, (), 5, latent_activation="sigmoid", likelihood="bernoulli"),
    MLP(64, (16,), 3, activation="elu", output="sigmoid", dtype="float64"),
], ids=["gaussian", "bernoulli", "float64"])
def test_models_travel(source, target, spec, tmp_path):
    a, b = TWINS[source], TWINS[target]
    model = a.Autoencoder(spec, seed=3)
    a.save(model, tmp_path / "model.safetensors")
    loaded = b.load(tmp_path / "model.safetensors")
    assert type(loaded) is b.Autoencoder and loaded.spec == spec
    assert same(a.get_weights(model), b.get_weights(loaded))
    x, limit = digits_like(50), 1e-12 if spec.dtype == "float64" else 1e-5
    assert b.reconstruct(loaded, x).dtype == spec.dtype
    assert relative(b.reconstruct(loaded, x), a.reconstruct(model, x)) < limit
    assert relative(b.encode(loaded, x), a.encode(model, x)) < limit
    if source == target:
        assert np.array_equal(b.reconstruct(loaded, x), a.reconstruct(model, x))


def test_both_twins_write_the_same_bytes(tmp_path):
    for name, ae in TWINS.items():
        ae.save(ae.Autoencoder(SPEC, seed=1), tmp_path / name)
    torch, tensorflow = ((tmp_path / name).read_bytes() for name in TWINS)
    assert torch == tensorflow


def test_a_loaded_torch_model_is_in_eval_mode(tmp_path):
    model = TWINS["torch"].Autoencoder(SPEC).train()
    TWINS["torch"].save(model, tmp_path / "m")
    assert model.training and not TWINS["torch"].load(tmp_path / "m").training


@pytest.mark.parametrize("twin", TWINS)
def test_a_loaded_model_trains_on(twin, tmp_path):
    ae, x = TWINS[twin], digits_like(32, features=4)
    ae.save(ae.Autoencoder(SPEC), tmp_path / "m")
    model = ae.load(tmp_path / "m")
    history = ae.fit(model, x, aebook.specs.Training(epochs=5, learning_rate=0.01))
    assert history.loss[-1] < history.loss[0]


@pytest.mark.parametrize("twin", TWINS)
def test_each_twin_knows_each_class(twin):
    models = sys.modules[f"aebook.{twin}.files"].MODELS
    assert models.keys() == files.CLASSES.keys()
    assert all(getattr(TWINS[twin], name) is cls for name, cls in models.items())


@pytest.mark.parametrize("twin", TWINS)
def test_a_class_of_ones_own_has_no_file_format(twin, tmp_path):
    own = type("Autoencoder", (TWINS[twin].Autoencoder,), {})  # the same name, yet another class
    for model in (own(SPEC), type("Mine", (own,), {})(SPEC), object()):
        with pytest.raises(ModelFileError, match="not one of Autoencoder.*(state_dict|save_weights)"):
            TWINS[twin].save(model, tmp_path / "m")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["m.safetensors", "m", "m.pt", "ü ✓.bin", "a" * 255])
def test_the_name_is_taken_as_it_is(name, tmp_path):
    write_model(tmp_path / name, "Autoencoder", SPEC, WEIGHTS)
    assert os.listdir(tmp_path) == [name]
    for path in (tmp_path / name, str(tmp_path / name), os.fsencode(tmp_path / name)):
        class_name, spec, weights, _ = read_model(path)
        assert (class_name, spec) == ("Autoencoder", SPEC) and same(weights, WEIGHTS)


def test_any_memory_layout_is_written_right(tmp_path):
    odd = {name: np.asfortranarray(array) for name, array in WEIGHTS.items()}
    odd["encoder.0.bias"] = np.repeat(WEIGHTS["encoder.0.bias"], 2)[::2]
    write_model(tmp_path / "m", "Autoencoder", SPEC, odd)
    assert same(read_model(tmp_path / "m")[2], WEIGHTS)


# --- what cannot be written, and writing that fails ---

class Odd(MLP):
    pass


@pytest.mark.parametrize("class_name, spec, weights, error, words", [
    ("Mystery", SPEC, WEIGHTS, ModelFileError, "no file format for the class Mystery"),
    ("Autoencoder", Odd(4, (3,), 2), WEIGHTS, ModelFileError, "spec of type Odd"),
    ("Autoencoder", None, WEIGHTS, ModelFileError, "spec of type NoneType"),
    ("Autoencoder", MLP(4, (5,), 2), WEIGHTS, WeightsError, r"encoder.0.weight has shape \(4, 3\)"),
    ("Autoencoder", MLP(4, (), 2), WEIGHTS, WeightsError, "unknown decoder.1.bias"),
    ("Autoencoder", SPEC, WEIGHTS | {"decoder.0.bias": np.full(3, np.nan, "f4")}, WeightsError, "decoder.0.*finite"),
    ("Autoencoder", SPEC, WEIGHTS | {"decoder.0.bias": np.zeros(3)}, WeightsError, "float64; the spec says float32"),
])
def test_a_wrong_model_is_not_written(class_name, spec, weights, error, words, tmp_path):
    (tmp_path / "m").write_bytes(b"old")
    with pytest.raises(error, match=words):
        write_model(tmp_path / "m", class_name, spec, weights)
    assert (tmp_path / "m").read_bytes() == b"old" and os.listdir(tmp_path) == ["m"]


class Full(io.FileIO):
    """A file on a full disk: half is written, then comes the error."""

    def write(self, payload):
        super().write(payload[:len(payload) // 2])
        raise OSError(28, "No space left on device")


def fail(error):
    def failing(*args):
        raise error
    return failing


FAILURES = {
    "disk full": ("builtins.open", lambda path, mode: Full(path, "xb"), ModelFileError),
    "fsync": ("os.fsync", fail(OSError(5, "Input/output error")), ModelFileError),
    "replace": ("os.replace", fail(PermissionError(13, "Permission denied")), ModelFileError),
    "interrupt before fsync": ("os.fsync", fail(KeyboardInterrupt()), KeyboardInterrupt),
    "interrupt before replace": ("os.replace", fail(KeyboardInterrupt()), KeyboardInterrupt),
    "out of memory": ("aebook.files.save", fail(MemoryError()), MemoryError),
}


@pytest.mark.parametrize("old", [True, False], ids=["over an old file", "new file"])
@pytest.mark.parametrize("failure", FAILURES)
def test_a_failed_write_changes_nothing(failure, old, tmp_path, monkeypatch):
    path = tmp_path / "m"
    if old:
        write_model(path, "Autoencoder", SPEC, WEIGHTS)
    before = {p: p.read_bytes() for p in tmp_path.iterdir()}
    target, substitute, error = FAILURES[failure]
    with monkeypatch.context() as patch, pytest.raises(error) as caught:
        patch.setattr(target, substitute)
        write_model(path, "Autoencoder", SPEC, {name: array + 1 for name, array in WEIGHTS.items()})
    assert {p: p.read_bytes() for p in tmp_path.iterdir()} == before
    if error is ModelFileError:
        assert str(caught.value).startswith(f"{path}: cannot be written: ")


@pytest.mark.parametrize("name", [".", "absent/m", "m/n", "a" * 256, "no\0file", "pipe"])
def test_a_path_that_cannot_be_written_is_named(name, tmp_path):
    (tmp_path / "m").write_bytes(b"")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ModelFileError, match="cannot be written") as caught:
        write_model(f"{tmp_path}/{name}", "Autoencoder", SPEC, WEIGHTS)
    assert str(caught.value).startswith(f"{tmp_path}/{name}: ")
    assert sorted(os.listdir(tmp_path)) == ["m", "pipe"] and stat.S_ISFIFO(os.stat(tmp_path / "pipe").st_mode)


def test_a_link_stays_a_link_and_permissions_stay(tmp_path):
    write_model(tmp_path / "m", "Autoencoder", SPEC, WEIGHTS)
    umask = os.umask(0)
    os.umask(umask)
    assert stat.S_IMODE(os.stat(tmp_path / "m").st_mode) == 0o666 & ~umask
    os.chmod(tmp_path / "m", 0o640)
    os.symlink(tmp_path / "m", tmp_path / "link")
    write_model(tmp_path / "link", "Autoencoder", SPEC, {name: array + 1 for name, array in WEIGHTS.items()})
    assert (tmp_path / "link").is_symlink() and stat.S_IMODE(os.stat(tmp_path / "m").st_mode) == 0o640
    assert read_model(tmp_path / "m")[2]["decoder.0.bias"][0] == 1.5


WRITER = """
import itertools, os, signal, sys
import numpy as np
from aebook import files
from aebook.specs import MLP
path, moment = sys.argv[1:]
spec = MLP(200, (100,), 10)
def write(value):
    weights = {name: np.full(shape, value, "f4") for name, shape in files.weight_shapes(spec).items()}
    files.write_model(path, "Autoencoder", spec, weights)
def die(*args):
    os.kill(os.getpid(), signal.SIGKILL)
class Dying:
    def __init__(self, path, mode):
        self.file = open(path, mode, buffering=0)
    def __enter__(self):
        return self
    def __exit__(self, *args):
        pass
    def write(self, payload):
        self.file.write(payload[:len(payload) // 2])
        die()
write(1)
print("ready", flush=True)
if moment == "half-written":
    files.open = Dying
elif moment in ("fsync", "replace"):
    setattr(os, moment, die)
elif moment == "replaced":
    replace = os.replace
    os.replace = lambda *args: (replace(*args), die())
for value in itertools.count(2):
    write(value)
    if moment == "any time":
        print(value, flush=True)
"""


def writer(path, moment):
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(path), moment], stdout=subprocess.PIPE, text=True)
    assert process.stdout.readline() == "ready\n"
    return process


@pytest.mark.parametrize("moment, value", [("half-written", 1), ("fsync", 1), ("replace", 1), ("replaced", 2)])
def test_a_writer_killed_at_a_given_moment(moment, value, tmp_path):
    process = writer(tmp_path / "m", moment)
    process.communicate()
    assert process.returncode == -signal.SIGKILL
    weights = read_model(tmp_path / "m")[2]
    assert all((array == value).all() for array in weights.values())


@pytest.mark.parametrize("milliseconds", [1, 3, 7, 12, 18, 25, 33, 42])
def test_a_writer_killed_at_any_time(milliseconds, tmp_path):
    """The file loads, and holds what was last reported as written, or the next."""
    process = writer(tmp_path / "m", "any time")
    time.sleep(milliseconds / 1000)
    process.kill()
    reported = [1] + [int(line) for line in process.communicate()[0].split()]
    assert process.returncode == -signal.SIGKILL
    weights = read_model(tmp_path / "m")[2]
    value = float(weights["encoder.0.bias"][0])
    assert all((array == value).all() for array in weights.values())
    assert value in (reported[-1], reported[-1] + 1)


# --- damaged, foreign and lying files ---

def parts(weights=WEIGHTS, spec=SPEC):
    """What a file holds, built here without the module under test."""
    tensors, data = {}, b""
    for name, array in sorted(weights.items()):
        span = [len(data), len(data) + array.nbytes]
        tensors[name] = {"dtype": {"f4": "F32", "f8": "F64", "f2": "F16"}.get(array.dtype.str[1:], "I32"),
                         "shape": list(array.shape), "data_offsets": span}
        data += array.tobytes()
    model = {"version": 1, "class": "Autoencoder", "options": {}, "spec_kind": "MLP", "spec": {
        "input_dim": spec.input_dim, "hidden_dims": list(spec.hidden_dims), "latent_dim": spec.latent_dim,
        "activation": spec.activation, "latent_activation": "linear", "output": "linear", "likelihood": "gaussian",
        "tied": False, "batch_norm": False, "dropout": 0.0, "dtype": spec.dtype}}
    return model, tensors, data


def sign(model, tensors, data):
    digest = hashlib.sha256(json.dumps(model, sort_keys=True).encode())
    for name in sorted(tensors):
        dtype = {"F32": "float32", "F64": "float64"}.get(tensors[name]["dtype"], "other")
        digest.update(json.dumps([name, dtype, tensors[name]["shape"]]).encode())
        digest.update(data[slice(*tensors[name]["data_offsets"])])
    return digest.hexdigest()


def pack(header, data=b""):
    header = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(header)) + header + data


def lie(change=lambda model, tensors: None, weights=WEIGHTS, spec=SPEC, data=None, signed=True):
    """A file with a right checksum whose description or tensors were changed first."""
    model, tensors, right = parts(weights, spec)
    data = right if data is None else data
    digest = sign(model, tensors, data)
    change(model, tensors)
    if signed:
        try:
            digest = sign(model, tensors, data)
        except (TypeError, KeyError, AttributeError):
            pass  # too odd to sign
    return pack({"__metadata__": {"aebook": json.dumps(model | {"sha256": digest})}, **tensors}, data)


def meta(text):
    return pack({"__metadata__": {"aebook": text}, **parts()[1]}, parts()[2])


def spec_with(**fields):
    return lie(lambda model, tensors: model["spec"].update(fields))


def model_with(**fields):
    return lie(lambda model, tensors: model.update(fields))


def tensor_with(name, **fields):
    return lie(lambda model, tensors: tensors[name].update(fields))


def zip_with(name, content):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def flip(payload, position, bits=1):
    return payload[:position] + bytes([payload[position] ^ bits]) + payload[position + 1:]


GOOD = lie()
START = 8 + struct.unpack("<Q", GOOD[:8])[0]
TEXT = GOOD[8:START].decode()
DEEP = b"[" * 200_000
SWAPPED = WEIGHTS | {"decoder.0.bias": WEIGHTS["encoder.0.bias"] + 1}
RANDOM = np.random.default_rng(0).bytes(4096)

FAULTS = {  # what is wrong: (what the message must say, the files)
    "cut off": ("empty|cut off|weights take", [GOOD[:n] for n in (0, 1, 7, 8, 9, 100, START - 1, START, START + 1,
                                                                  len(GOOD) - 4, len(GOOD) - 1)]),
    "too long": ("weights take", [GOOD + junk for junk in (b"\0", b"\n", bytes(4), GOOD, bytes(100_000))]),
    "bit flipped in a weight": ("checksum", [flip(GOOD, position, bit) for position, bit in (
        (START, 1), (START + 50, 128), (len(GOOD) - 1, 64), (len(GOOD) - 4, 1))]),
    "header length": ("header", [struct.pack("<Q", n) + GOOD[8:] for n in (
        0, 1, START - 9, START - 7, 2**20, 2**20 + 1, 10 * 2**30, 2**63, 2**64 - 1)]
                      + [b"\0" + GOOD, GOOD[1:]]),
    "another format": ("a zip archive|an HDF5 file|a pickle|a NumPy array|no safetensors file", [
        zip_with("archive/data.pkl", pickle.dumps([1])), zip_with("config.json", b"{}"), b"PK\3\4" + bytes(8),
        *[pickle.dumps({"state_dict": [1.0] * 50}, protocol) for protocol in (2, 4, 5)],
        b"\x89HDF\r\n\x1a\n" + bytes(200), npy(np.arange(50)), RANDOM, bytes(range(256)), b"\xff" * 64,
        b"<!DOCTYPE html><html><body>404</body></html>", b"{}" * 20, GOOD[8:]]),
    "header is no JSON object": ("header is no (valid JSON|JSON object)", [
        bytes(64), *[pack(text, bytes(108)) for text in (
            b"", b"{", b"null", b"[]", b"1", b"\xff\xfe{}", b"{}{}", b"{'a': 1}", b'{"a": NaN}', DEEP,
            TEXT.encode("utf-16"), TEXT[:-1].encode(), b'{"a": ' + DEEP)]]),
    "a tensor twice": ("a key occurs twice", [
        pack(text.encode(), GOOD[START:]) for text in (
            '{"decoder.0.bias": {"dtype": "F32", "shape": [3], "data_offsets": [0, 12]}, ' + TEXT[1:],
            TEXT.replace('"dtype": "F32"', '"dtype": "F64", "dtype": "F32"'))]),
    "safetensors of others": ("does not come from aebook", [
        pack({}), pack(parts()[1], GOOD[START:]), pack({"__metadata__": {"format": "pt"}, **parts()[1]}, GOOD[START:]),
        *[pack({"__metadata__": odd, **parts()[1]}, GOOD[START:])
          for odd in (None, [], "aebook", {"aebook": None}, {"aebook": parts()[0]}, {"Aebook": "{}"})]]),
    "description is no JSON object": ("description of the model is no (valid JSON|JSON object)", [
        meta(text) for text in ("", "{", "[]", "1", "NaN", '{"version": Infinity}', '{"version": 1, "version": 1}',
                                "[" * 100_000)]),
    "newer": ("made by a newer aebook.*pip install --upgrade", [
        model_with(version=2), model_with(version=10**30), meta('{"version": 2, "what": "else"}')]),
    "no such version": ("does not exist", [
        *[model_with(version=v) for v in (0, -1, 1.0, "1", True, None, [1])],
        lie(lambda model, tensors: model.pop("version")), meta("{}")]),
    "options of another class": ("is made with the options", [
        model_with(options={"beta": 1.0}), model_with(options={"corruption": "gaussian", "level": 0.3}),
        model_with(**{"class": "DenoisingAutoencoder"}), model_with(**{"class": "VariationalAutoencoder"}),
        model_with(**{"class": "ContractiveAutoencoder", "options": {"strength": None}})]),
    "description incomplete or odd": ("must hold version, class, options, spec_kind, spec, sha256, and nothing else", [
        *[model_with(**{key: value}) for key, value in (
            ("class", None), ("class", ["Autoencoder"]), ("spec_kind", 1), ("spec", []), ("spec", "MLP"),
            ("options", []), ("extra", 1), ("code", "import os"))],
        *[lie(lambda model, tensors, key=key: model.pop(key)) for key in ("class", "options", "spec_kind", "spec")],
        meta(json.dumps(parts()[0])), meta(json.dumps(parts()[0] | {"sha256": 0}))]),
    "unknown class": ("model class .* is unknown; known: Autoencoder", [
        model_with(**{"class": name})
        for name in ("", "autoencoder", "Mystery", "os.system", "__init__", "\ud800", "A" * 9999)]),
    "unknown kind of spec": ("kind of spec .* is unknown; known: MLP", [
        model_with(spec_kind=kind) for kind in ("", "mlp", "Training", "Conv2", "__class__")]),
    "unknown field in spec": ("has no field", [
        spec_with(extra=1), spec_with(__class__="x"), spec_with(encoder_dims=[4, 3, 2]), spec_with(**{"": 0})]),
    "senseless spec": ("spec makes no sense.*(must be|missing|leave output)", [
        *[spec_with(**{field: value}) for field, value in (
            ("input_dim", 0), ("input_dim", -4), ("input_dim", 4.0), ("input_dim", "4"), ("input_dim", True),
            ("input_dim", None), ("input_dim", [4]), ("hidden_dims", "3"), ("hidden_dims", 3), ("hidden_dims", [0]),
            ("hidden_dims", [[3]]), ("hidden_dims", None), ("latent_dim", 2.5), ("activation", "swish"),
            ("activation", None), ("activation", ["relu"]), ("activation", {}), ("output", "tanh"),
            ("likelihood", "poisson"), ("dtype", "float16"), ("dtype", "object"))],
        spec_with(likelihood="bernoulli", output="sigmoid"),
        lie(lambda model, tensors: model["spec"].pop("input_dim"))]),
    "tensors missing or unknown": ("do not fit the spec: (missing|unknown)", [
        *[lie(weights={n: a for n, a in WEIGHTS.items() if n != name})
          for name in ("encoder.0.weight", "decoder.1.bias")],
        lie(weights=WEIGHTS | {"encoder.2.bias": np.zeros(2, "f4")}), lie(weights=WEIGHTS | {"": np.zeros(0, "f4")}),
        lie(weights={}), lie(weights={n.upper(): a for n, a in WEIGHTS.items()}),
        spec_with(hidden_dims=[]), spec_with(hidden_dims=[3, 3])]),
    "wrong shape": ("has shape .*; the spec says", [
        lie(weights=WEIGHTS | {"encoder.0.weight": np.ascontiguousarray(WEIGHTS["encoder.0.weight"].T)}),
        lie(weights=WEIGHTS | {"decoder.0.bias": np.zeros(4, "f4")}),
        lie(weights=WEIGHTS | {"decoder.0.bias": np.zeros((3, 1), "f4")}),
        *[tensor_with("decoder.0.bias", shape=shape) for shape in ([], [2], [-3], ["3"], None, 3, [3, 1], [2**62])],
        lie(lambda model, tensors: tensors.update({"decoder.0.bias": None})),
        lie(lambda model, tensors: tensors.update({"decoder.0.bias": [0, 12]})),
        *[spec_with(**{field: value}) for field, value in (
            ("input_dim", 5), ("latent_dim", 3), ("hidden_dims", [4]), ("input_dim", 10**9),
            ("input_dim", 10**4000))]]),
    "wrong dtype": ("the spec says .* 'F(32|64)'", [
        lie(weights={n: a.astype(t) for n, a in WEIGHTS.items()}) for t in ("f8", "f2", "i4")] + [
        spec_with(dtype="float64"), lie(weights=WEIGHTS | {"decoder.0.bias": np.zeros(3)}),
        *[tensor_with("decoder.0.bias", dtype=dtype) for dtype in ("BF16", "f32", "U32", "", None, 32, ["F32"])]]),
    "offsets": ("damaged|weights take", [
        *[tensor_with("decoder.0.bias", data_offsets=span) for span in (
            [0, 8], [0, 16], [4, 16], [12, 0], [12, 24], [0, 2**40], [-12, 0], [0.0, 12.5], [0], [0, 12, 24], None, "0",
            [0, 2**64], [None, 12])],
        lie(lambda model, tensors: tensors["decoder.0.bias"].pop("data_offsets")),
        tensor_with("decoder.0.bias", data_offsets=parts()[1]["encoder.0.bias"]["data_offsets"]),
        lie(lambda model, tensors: [t.update(data_offsets=[o + 8 for o in t["data_offsets"]])
                                    for t in tensors.values()], data=bytes(8) + parts()[2])]),
    "not finite": ("holds values that are not finite", [
        lie(weights=WEIGHTS | {"decoder.0.bias": np.array([0, value, 0], "f4")})
        for value in (np.nan, np.inf, -np.inf)]),
    "plausible, yet not what was signed": ("checksum", [
        *[lie(lambda model, tensors, field=field: model["spec"].update([field]), signed=False) for field in (
            ("activation", "relu"), ("latent_activation", "tanh"), ("output", "sigmoid"), ("likelihood", "bernoulli"))],
        lie(lambda model, tensors: model["spec"].pop("activation"), signed=False),
        lie(lambda model, tensors: tensors.update({"encoder.0.bias": tensors["decoder.0.bias"],
                                                   "decoder.0.bias": tensors["encoder.0.bias"]}),
            weights=SWAPPED, signed=False),
        *[meta(json.dumps(parts()[0] | {"sha256": digest})) for digest in ("", "0" * 64, sign(*parts()).upper())]]),
}
CASES = [pytest.param(payload, words, id=f"{kind} {number}")
         for kind, (words, payloads) in FAULTS.items() for number, payload in enumerate(payloads)]


def test_the_faults_are_many_and_distinct():
    payloads = [case.values[0] for case in CASES]
    assert len(payloads) == len(set(payloads)) > 150 and GOOD not in payloads


def test_the_file_that_is_damaged_here_is_good(tmp_path):
    """The format as written down in this file, and as the module writes it, is one."""
    (tmp_path / "good").write_bytes(GOOD)
    class_name, spec, weights, _ = read_model(tmp_path / "good")
    assert (class_name, spec) == ("Autoencoder", SPEC) and same(weights, WEIGHTS)
    write_model(tmp_path / "m", "Autoencoder", SPEC, WEIGHTS)
    payload = (tmp_path / "m").read_bytes()
    header = json.loads(payload[8:8 + struct.unpack("<Q", payload[:8])[0]])
    ours = json.loads(TEXT)
    assert json.loads(header.pop("__metadata__")["aebook"]) == json.loads(ours.pop("__metadata__")["aebook"])
    assert header == ours and payload.endswith(GOOD[START:])


@pytest.mark.parametrize("payload, words", CASES)
def test_a_fault_is_a_typed_error(payload, words, tmp_path):
    path = tmp_path / "m.safetensors"
    path.write_bytes(payload)
    with pytest.raises(ModelFileError, match=f"(?s)({words})") as caught:
        read_model(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ") and len(message) < 1000
    assert "Save the model again" in message or "pip install" in message


@pytest.mark.parametrize("load", [TWINS["torch"].load, TWINS["tensorflow"].load])
@pytest.mark.parametrize("kind", FAULTS)
def test_the_twins_tell_the_same(load, kind, tmp_path):
    (tmp_path / "m").write_bytes(FAULTS[kind][1][-1])
    with pytest.raises(AebookError, match=f"(?s){FAULTS[kind][0]}"):
        load(tmp_path / "m")


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


# --- no pickle ---

UNSAFE_MODULES = {"pickle", "_pickle", "cPickle", "cloudpickle", "dill", "joblib", "shelve", "marshal", "h5py"}
UNSAFE_CALLS = {"torch.load", "torch.save", "np.load", "numpy.load", "torch.package", "keras.models.load_model",
                "keras.saving.load_model", "pd.read_pickle", "eval", "exec"}


def unsafe(source):
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names = {alias.name.split(".")[0] for alias in node.names} & UNSAFE_MODULES
        elif isinstance(node, ast.ImportFrom):
            names = {(node.module or "").split(".")[0]} & UNSAFE_MODULES
        elif isinstance(node, ast.Call):
            names = {ast.unparse(node.func)} & UNSAFE_CALLS | {k.arg for k in node.keywords if k.arg == "allow_pickle"}
        else:
            continue
        yield from names


SOURCES = sorted(Path(aebook.__file__).parent.rglob("*.py"))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: "/".join(path.parts[-2:]))
def test_no_pickle(path):
    assert not list(unsafe(path.read_text(encoding="utf-8")))


@pytest.mark.parametrize("source", [
    "import pickle", "import os, joblib.x", "from dill import loads", "x = torch.load(p)", "f(p, allow_pickle=True)",
    "def f():\n    import cloudpickle as c", "eval(s)"])
def test_pickle_would_be_seen(source):
    assert list(unsafe(source))
