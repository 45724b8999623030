"""Model files built here, without the module under test: a good one, and any that lies or is damaged."""
import hashlib
import json
import struct

import numpy as np

from aebook.random import initial_weights
from aebook.specs import MLP

SPEC = MLP(4, (3,), 2, activation="tanh")
WEIGHTS = {name: array + np.float32(0.5) for name, array in initial_weights(SPEC, seed=0).items()}


def same(a, b):
    return list(a) == list(b) and all(a[n].dtype == b[n].dtype and np.array_equal(a[n], b[n]) for n in a)


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


def flip(payload, position, bits=1):
    return payload[:position] + bytes([payload[position] ^ bits]) + payload[position + 1:]


GOOD = lie()
START = 8 + struct.unpack("<Q", GOOD[:8])[0]
