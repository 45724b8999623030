"""Fitted estimators in files: one safetensors file with weights, scales and parameters, and no pickle.

The header's metadata holds one entry: a JSON object with the format version, the class of the estimator and
its parameters, what `fit` found out, and a SHA-256 of all that and of every tensor.
"""
import json
import math
import os
import reprlib
from dataclasses import asdict

import numpy as np
from safetensors.numpy import save as to_bytes
from sklearn.utils.validation import check_is_fitted

from aebook.errors import ModelFileError
from aebook.estimators import detector, transformers
from aebook.files import (
    ESTIMATOR,
    Damage,
    check_header,
    check_tensors,
    checksum,
    class_shapes,
    parse_object,
    parse_spec,
    read_header,
    read_tensors,
    read_whole,
    write_whole,
)
from aebook.history import History

__all__ = ["load", "save"]

VERSION = 1
CLASSES = {name: getattr(module, name) for module in (detector, transformers) for name in module.__all__}
KEYS = {"version": int, "class": str, "params": dict, "spec": dict, "options": dict, "columns": int,
        "names": (list, type(None)), "offset": (float, type(None)), "loss": list, "val_loss": list, "sha256": str}


def save(estimator, path):
    """Save a fitted estimator to a safetensors file, to be loaded with either framework or with none.

    The file is written whole or not at all: if saving fails, an older file stays as it was.

    Parameters
    ----------
    estimator : one of the classes of this package
        A `random_state` that is no int is saved as None; of `history_` the losses of the epochs are saved.
    path : str or path-like
        Taken as it is; `.safetensors` is the usual ending.

    Raises
    ------
    NotFittedError
        If the estimator is not fitted.
    ModelFileError
        If the file cannot be written, or the class is not one of this package.

    Examples
    --------
    >>> import os, tempfile
    >>> import numpy as np
    >>> from aebook.estimators import AutoencoderTransformer
    >>> x = np.random.default_rng(0).normal(size=(50, 4))
    >>> fitted = AutoencoderTransformer(epochs=3, random_state=0).fit(x)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = os.path.join(folder, "table.safetensors")
    ...     save(fitted, path)
    ...     bool((load(path).transform(x) == fitted.transform(x)).all())
    True
    """
    path, name = os.fsdecode(path), type(estimator).__name__
    if CLASSES.get(name) is not type(estimator):
        raise ModelFileError(f"{path}: there is no file format for the class {name}; "
                             f"the estimators of aebook are {', '.join(CLASSES)}.")
    check_is_fitted(estimator)
    description = {
        "version": VERSION, "class": name,
        "params": {key: plain(value) for key, value in estimator.get_params(deep=False).items()},
        "spec": asdict(estimator.spec_), "options": estimator._options, "columns": estimator.n_features_in_,
        "names": getattr(estimator, "feature_names_in_", np.array(None)).tolist(),
        "offset": getattr(estimator, "offset_", None),
        "loss": estimator.history_.loss, "val_loss": estimator.history_.val_loss}
    tensors = {**estimator.weights_, "mean": estimator.mean_, "scale": estimator.scale_}
    try:
        description = json.loads(json.dumps(description, allow_nan=False))  # tuples as lists, as they will be read
        text = json.dumps(description | {"sha256": checksum(description, tensors)})
        write_whole(path, to_bytes(tensors, {ESTIMATOR: text}))
    except (OSError, ValueError, TypeError) as error:
        raise ModelFileError(f"{path}: cannot be written: {getattr(error, 'strerror', None) or error}.") from error


def plain(value):
    """A parameter as JSON has it; a random state is not kept."""
    if isinstance(value, (np.random.RandomState, np.random.Generator)):
        return None
    return value.item() if isinstance(value, np.generic) else value


def load(path):
    """Load an estimator that `save` wrote; neither PyTorch nor TensorFlow is needed to use it.

    Parameters
    ----------
    path : str or path-like

    Returns
    -------
    estimator
        Fitted, of the class that was saved.

    Raises
    ------
    ModelFileError
        If the file cannot be read, is damaged, is of another kind, or is of a newer version.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load(folder)
    Traceback (most recent call last):
        ...
    aebook.errors.ModelFileError: ...: cannot be read: it is not a regular file.
    """
    return read_whole(path, parse)


def parse(file, size):
    """The estimator in an open file, or a `Damage`."""
    header, start = read_header(file, size)
    metadata = header.pop("__metadata__", None)
    if not isinstance(metadata, dict) or not isinstance(metadata.get(ESTIMATOR), str):
        raise Damage("this file holds no estimator of aebook", "Models are loaded with aebook.torch.load, "
                     "aebook.tensorflow.load or aebook.load_numpy.")
    described = parse_object(metadata[ESTIMATOR], "description of the estimator")
    check_description(described)
    digest = described.pop("sha256")
    cls, spec = CLASSES[described["class"]], parse_spec("MLP", described["spec"])
    weights = class_shapes(cls._class_name, spec)
    shapes = weights | {"mean": (spec.input_dim,), "scale": (spec.input_dim,)}
    dtypes = dict.fromkeys(weights, spec.dtype) | {"mean": "float64", "scale": "float64"}
    check_header(header, shapes, dtypes, size - start)
    tensors = check_tensors(read_tensors(file, size, described, digest), shapes)
    try:
        return restored(cls, described, spec, tensors)
    except (TypeError, ValueError, AttributeError, KeyError) as error:
        raise Damage(f"the description of the estimator makes no sense ({error})") from None


def check_description(described):
    """Check that the description has its entries, each of its type."""
    version = described.get("version")
    if type(version) is int and version > VERSION:
        raise Damage(f"the file was made by a newer aebook (file format {version}; this one reads {VERSION})",
                     "Upgrade it: pip install --upgrade aebook")
    if described.keys() != KEYS.keys() or not all(isinstance(described[key], kind) for key, kind in KEYS.items()):
        raise Damage(f"the description of the estimator must hold {', '.join(KEYS)}, and nothing else")
    if described["class"] not in CLASSES:
        raise Damage(f"the class {reprlib.repr(described['class'])} is unknown; known: {', '.join(CLASSES)}")


def restored(cls, described, spec, tensors):
    """An estimator with its parameters and what it had learned."""
    params = {key: tuple(v) if isinstance(v, list) else v for key, v in described["params"].items()}
    estimator, names, columns = cls(**params), described["names"], described["columns"]
    if columns != spec.input_dim or names is not None and len(names) != columns:
        raise ValueError("its numbers of columns differ")
    if hasattr(estimator, "contamination") != (described["offset"] is not None):
        raise ValueError("an offset belongs to a detector")
    estimator.mean_, estimator.scale_ = tensors.pop("mean"), tensors.pop("scale")
    if not (estimator.scale_ > 0).all():
        raise ValueError("a scale must be positive")
    estimator.n_features_in_, estimator.spec_, estimator.weights_ = columns, spec, tensors
    estimator._options = described["options"]
    estimator.history_ = History(loss=described["loss"], val_loss=described["val_loss"])
    estimator.n_iter_ = len(described["loss"])
    if names is not None:
        estimator.feature_names_in_ = np.array(names, dtype=object)
    if described["offset"] is not None:
        estimator.offset_ = described["offset"]
    estimator._numpy.encode(np.zeros((1, columns)))  # the options are those of the model
    if not math.isfinite(described["offset"] or 0):
        raise ValueError("an offset must be finite")
    return estimator
