"""Model files: a spec and its weights in one safetensors file, written whole and read without trust.

The header's metadata holds one entry, "aebook": a JSON object with the format version, the model
class and its options, the spec, and a SHA-256 of all that and of every weight. So a file with a changed bit
anywhere is an error, not another model.
"""
import contextlib
import hashlib
import json
import math
import os
import reprlib
import secrets
import shutil
import stat
from dataclasses import asdict, fields

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from aebook.errors import ModelFileError, SpecError, WeightsError
from aebook.specs import MLP, Conv, Recurrent
from aebook.weights import check_weights, weight_shapes

__all__ = ["read_model", "write_model"]

SPECS = {"MLP": MLP, "Conv": Conv, "Recurrent": Recurrent}  # the kinds of spec that a file may hold
# The model classes: the options of each, and how many numbers its encoder puts out for one of the code.
CLASSES = {
    "Autoencoder": ((), 1),
    "DenoisingAutoencoder": (("corruption", "level"), 1),
    "SparseAutoencoder": (("sparsity", "strength", "rho", "k"), 1),
    "ContractiveAutoencoder": (("strength",), 1),
    "VariationalAutoencoder": (("beta",), 2),
}
VERSION = 1
KEY, ESTIMATOR = "aebook", "aebook.estimator"  # of the description of a model, and of an estimator
DTYPES = {"float32": "F32", "float64": "F64"}
MAX_HEADER = 2**20  # bytes; a tensor takes about 100
OTHER_FORMATS = {b"PK\3\4": "a zip archive, such as .pt, .keras or .npz", b"\x89HDF": "an HDF5 file",
                 b"\x80": "a pickle", b"\x93NUMPY": "a NumPy array file"}
REMEDY = "Save the model again with aebook, or get a fresh copy of the file."


def write_model(path, class_name, spec, weights, options=None):
    """Write a model to a file, which is then either wholly there or as it was before.

    Parameters
    ----------
    path : str or path-like
        Taken as it is; `.safetensors` is the usual ending.
    class_name : str
        A model class of the twins, such as "Autoencoder".
    spec : MLP, Conv or Recurrent
    weights : dict of str to ndarray
        In the canonical layout, in the dtype of the spec.
    options : dict, optional
        What else the class is made with, such as the beta of a variational autoencoder.

    Raises
    ------
    ModelFileError
        If the file cannot be written, or there is no file format for this class or spec.
    WeightsError
        If the weights are not those of the spec, or not finite.

    Examples
    --------
    >>> import os, tempfile
    >>> from aebook.random import initial_weights
    >>> spec = MLP(input_dim=4, hidden_dims=(3,), latent_dim=2)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "small.safetensors")
    ...     write_model(path, "Autoencoder", spec, initial_weights(spec, seed=0))
    ...     read_model(path)[1] == spec
    True
    """
    path, kind = os.fsdecode(path), type(spec).__name__
    if class_name not in CLASSES or SPECS.get(kind) is not type(spec):
        raise ModelFileError(f"{path}: there is no file format for the class {class_name} with a spec of type {kind}. "
                             "Save a model of your own with your framework's means, such as its state_dict "
                             "(PyTorch) or save_weights (Keras).")
    weights = check_weights(weights, class_shapes(class_name, spec))
    for name, array in weights.items():
        if array.dtype != spec.dtype:
            raise WeightsError(f"{name} has dtype {array.dtype}; the spec says {spec.dtype}.")
    weights = {name: np.ascontiguousarray(array) for name, array in weights.items()}
    description = {"version": VERSION, "class": class_name, "options": dict(options or {}), "spec_kind": kind,
                   "spec": asdict(spec)}
    description["sha256"] = checksum(description, weights)
    try:
        write_whole(path, save(weights, {KEY: json.dumps(description)}))
    except (OSError, ValueError) as error:
        raise ModelFileError(f"{path}: cannot be written: {getattr(error, 'strerror', None) or error}.") from error


def read_model(path):
    """Read a model from a file that `write_model` wrote; any other file is an error.

    No more is read than a small header until the size of the file is known to be what its spec
    needs.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    class_name : str
    spec : MLP, Conv or Recurrent
    weights : dict of str to ndarray
        In the canonical layout, in the dtype of the spec.
    options : dict
        What else the class is made with.

    Raises
    ------
    ModelFileError
        If the file cannot be read, is damaged, is of another kind, or is of a newer version.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     read_model(folder)
    Traceback (most recent call last):
        ...
    aebook.errors.ModelFileError: ...: cannot be read: it is not a regular file.
    """
    return read_whole(path, parse)


def read_whole(path, parse):
    """Return what `parse` makes of an open file and its size; whatever is wrong is a ModelFileError."""
    path = os.fsdecode(path)
    try:
        if not stat.S_ISREG(os.stat(path).st_mode):  # opening a pipe would wait for its writer
            raise OSError("it is not a regular file")
        with open(path, "rb") as file:
            return parse(file, os.fstat(file.fileno()).st_size)
    except Damage as damage:
        raise ModelFileError(f"{path}: {damage}") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise ModelFileError(f"{path}: cannot be read: {getattr(error, 'strerror', None) or error}.") from error


class Damage(Exception):
    """What is wrong with the content of a file."""

    def __init__(self, what, remedy=REMEDY):
        super().__init__(f"{what}. {remedy}")
        self.what = what


def class_shapes(class_name, spec):
    """Return the name and shape of every weight of a model of that class."""
    return weight_shapes(spec, CLASSES[class_name][1] * spec.latent_dim)


def parse(file, size):
    header, start = read_header(file, size)
    description = parse_description(header.pop("__metadata__", None))
    digest = description.pop("sha256")
    spec = parse_spec(description["spec_kind"], description["spec"])
    shapes = class_shapes(description["class"], spec)
    check_header(header, shapes, dict.fromkeys(shapes, spec.dtype), size - start)
    weights = read_tensors(file, size, description, digest)
    return description["class"], spec, check_tensors(weights, shapes), description["options"]


def read_tensors(file, size, description, digest):
    """Return the tensors of a file whose header has been checked, if the checksum is right."""
    file.seek(0)
    try:
        tensors = load(file.read(size))
    except SafetensorError as error:
        raise Damage(f"the file is damaged ({error})") from None
    if checksum(description, tensors) != digest:
        raise Damage("the file is damaged: its checksum does not match")
    return tensors


def check_tensors(tensors, shapes):
    """Return the tensors if each is of its shape and finite."""
    try:
        return check_weights(tensors, shapes)
    except WeightsError as error:
        raise Damage(str(error).rstrip(".")) from None


def read_header(file, size):
    """Return the header as a dict, and where the bytes of the tensors start."""
    start = file.read(8)
    length = int.from_bytes(start, "little")
    if size < 8:
        raise Damage(f"the file is {'empty' if size == 0 else 'cut off'}")
    if length > MAX_HEADER:
        kind = next((kind for magic, kind in OTHER_FORMATS.items() if start.startswith(magic)),
                    f"no safetensors file, or one with a header of more than {MAX_HEADER} bytes")
        raise Damage(f"this is {kind}")
    if length > size - 8:
        raise Damage(f"the file is cut off: {size} bytes, with a header of {length}")
    return parse_object(file.read(length), "header"), 8 + length


def parse_object(text, what):
    """Return a JSON object as a dict; a key that occurs twice is an error, as are NaN and infinity."""
    def unique(pairs):
        if len(dict(pairs)) < len(pairs):
            raise ValueError("a key occurs twice")
        return dict(pairs)

    def constant(name):
        raise ValueError(f"{name} is no JSON")

    try:
        text = text if isinstance(text, str) else text.decode()
        found = json.loads(text, object_pairs_hook=unique, parse_constant=constant)
    except (ValueError, RecursionError) as error:
        raise Damage(f"the {what} is no valid JSON ({error})") from None
    if not isinstance(found, dict):
        raise Damage(f"the {what} is no JSON object")
    return found


def parse_description(metadata):
    if isinstance(metadata, dict) and ESTIMATOR in metadata:
        raise Damage("this file holds an estimator", "Load it with aebook.estimators.load.")
    if not isinstance(metadata, dict) or not isinstance(metadata.get(KEY), str):
        raise Damage("this safetensors file does not come from aebook, so it does not say which model it holds")
    description = parse_object(metadata[KEY], "description of the model")
    version = description.get("version")
    if type(version) is not int or version < 1:
        raise Damage(f"the format version {reprlib.repr(version)} does not exist")
    if version > VERSION:
        raise Damage(f"the file was made by a newer aebook (file format {reprlib.repr(version)}; "
                     f"this one reads {VERSION})", "Upgrade it: pip install --upgrade aebook")
    types = {"version": int, "class": str, "options": dict, "spec_kind": str, "spec": dict, "sha256": str}
    if {key: type(value) for key, value in description.items()} != types:
        raise Damage(f"the description of the model must hold {', '.join(types)}, and nothing else")
    if description["class"] not in CLASSES:
        raise Damage(f"the model class {reprlib.repr(description['class'])} is unknown; "
                     f"known: {', '.join(CLASSES)}")
    options, known = description["options"], CLASSES[description["class"]][0]
    if options.keys() != set(known) or not all(type(v) in (str, int, float) for v in options.values()):
        raise Damage(f"a {description['class']} is made with the options {', '.join(known) or 'none'}; "
                     f"the file has {reprlib.repr(options)}")
    return description


def parse_spec(kind, values):
    if kind not in SPECS:
        raise Damage(f"the kind of spec {reprlib.repr(kind)} is unknown; known: {', '.join(SPECS)}")
    unknown = sorted(values.keys() - {field.name for field in fields(SPECS[kind])})
    if unknown:
        raise Damage(f"the spec {kind} has no field {reprlib.repr(unknown[0])}")
    try:
        return SPECS[kind](**values)
    except (SpecError, TypeError) as error:  # TypeError: a field without a default is missing
        raise Damage(f"the spec makes no sense: {str(error).rstrip('.')}") from None


def check_header(header, shapes, dtypes, n_bytes):
    """Check that the header announces the tensors of the spec, and that the file has their size.

    Offsets that overlap or leave gaps are found by the safetensors library.
    """
    for what, names in (("missing", shapes.keys() - header.keys()), ("unknown", header.keys() - shapes.keys())):
        if names:
            raise Damage(f"the tensors do not fit the spec: {what} {reprlib.repr(min(names))}")
    for name, shape in shapes.items():
        entry = header[name] if isinstance(header[name], dict) else {}
        found, needed = [entry.get("shape"), entry.get("dtype")], [list(shape), DTYPES[dtypes[name]]]
        if found != needed:
            raise Damage(f"{name} has shape {reprlib.repr(found[0])} and dtype {reprlib.repr(found[1])}; "
                         f"the spec says {reprlib.repr(needed[0])} and {needed[1]!r}")
    needed = sum(math.prod(shape) * np.dtype(dtypes[name]).itemsize for name, shape in shapes.items())
    if n_bytes != needed:
        raise Damage(f"the weights take {n_bytes} bytes; the spec needs {needed}")


def checksum(description, weights):
    """Return the SHA-256 of what a file says, independent of how it is laid out."""
    digest = hashlib.sha256(json.dumps(description, sort_keys=True).encode())
    for name in sorted(weights):
        digest.update(json.dumps([name, weights[name].dtype.name, weights[name].shape]).encode())
        digest.update(weights[name].astype(weights[name].dtype.newbyteorder("<"), copy=False).data)
    return digest.hexdigest()


def write_whole(path, payload):
    """Replace a file's content at one stroke: at any moment the old file is there, or the new one."""
    path = os.path.realpath(path)  # a link stays a link
    if os.path.exists(path) and not os.path.isfile(path):
        raise OSError("it is not a regular file")
    temporary = os.path.join(os.path.dirname(path), f".aebook-{secrets.token_hex(8)}.tmp")
    try:
        with open(temporary, "xb") as file:
            file.write(payload)
            file.flush()
            os.fsync(file.fileno())
        if os.path.exists(path):
            shutil.copymode(path, temporary)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
