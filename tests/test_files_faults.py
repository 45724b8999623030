"""Damaged, foreign and lying files: each fault is a typed error that says what is wrong."""
import io
import json
import pickle
import struct
import zipfile

import numpy as np
import pytest
from helpers import TWINS
from model_files import (
    GOOD,
    SPEC,
    START,
    WEIGHTS,
    flip,
    lie,
    meta,
    model_with,
    pack,
    parts,
    same,
    sign,
    spec_with,
    tensor_with,
)

from aebook.errors import AebookError, ModelFileError
from aebook.files import VERSION, read_model, write_model

TEXT = GOOD[8:START].decode()
DEEP = b"[" * 200_000
SWAPPED = WEIGHTS | {"decoder.0.bias": WEIGHTS["encoder.0.bias"] + 1}
RANDOM = np.random.default_rng(0).bytes(4096)


def zip_with(name, content):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr(zipfile.ZipInfo(name), content)
    return buffer.getvalue()


def npy(array):
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


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
        model_with(version=VERSION + 1), model_with(version=10**30),
        meta(json.dumps({"version": VERSION + 1, "what": "else"}))]),
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
    "unknown class": ("model class .* is unknown; known: .*Autoencoder", [
        model_with(**{"class": name})
        for name in ("", "autoencoder", "Mystery", "os.system", "__init__", "\ud800", "A" * 9999)]),
    "unknown kind of spec": ("kind of spec .* is unknown; known: .*MLP", [
        model_with(spec_kind=kind) for kind in ("", "mlp", "Training", "Mystery", "__class__")]),
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
