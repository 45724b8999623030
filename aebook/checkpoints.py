"""The file from which an interrupted training run goes on."""
import contextlib
import json
import os
import shutil
import warnings
from dataclasses import asdict

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from aebook.errors import CheckpointError, CheckpointWarning
from aebook.files import Damage, checksum, parse_object, read_header, write_whole
from aebook.sources import fingerprint

__all__ = ["Checkpoint", "describe_run"]

KEY = "aebook-checkpoint"
VERSION = 1
HISTORY = ("loss", "val_loss", "seconds", "step_loss")
ELSEWHERE = "Choose another path, or delete the file to start anew."


def describe_run(framework, model, training, x, x_val):
    """Return what a run must share with a checkpoint to go on from it, as a dict for JSON.

    Parameters
    ----------
    framework : str
    model : Autoencoder
    training : Training
    x, x_val : ndarray or Source
        As `sources.open_data` returns them; x_val may be None.

    Returns
    -------
    dict

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from aebook.specs import MLP, Training
    >>> model = SimpleNamespace(spec=MLP(4), options={})
    >>> describe_run("PyTorch", model, Training(), np.zeros((2, 4)), None)["spec"]["input_dim"]
    4
    """
    run = {"framework": framework, "model": type(model).__name__, "options": dict(model.options),
           "spec": {"kind": type(model.spec).__name__, **asdict(model.spec)}, "training": asdict(training),
           "x": fingerprint(x), "x_val": None if x_val is None else fingerprint(x_val)}
    return json.loads(json.dumps(run, default=repr))


class Checkpoint:
    """A file with the state of a run after an epoch, and beside it, as `.previous`, the one before.

    Parameters
    ----------
    path : str or path-like
    run : dict
        From `describe_run`.

    Examples
    --------
    >>> import tempfile
    >>> from aebook.history import History
    >>> from aebook.stopping import EarlyStopping
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = Checkpoint(os.path.join(folder, "run"), run={})
    ...     file.write(History([2.0]), EarlyStopping(None), {"model.w": np.ones(2)}, finished=True)
    ...     history = History()
    ...     file.read(history, EarlyStopping(None))["model.w"].tolist(), history.loss, file.finished
    ([1.0, 1.0], [2.0], True)
    """

    def __init__(self, path, run):
        self.path, self.run, self.finished = os.fsdecode(path), run, False
        self.damaged = False

    def write(self, history, watch, tensors, finished):
        """Write the state after an epoch; at any moment a whole file is there.

        Raises
        ------
        CheckpointError
            If the file cannot be written.
        """
        tensors = tensors | {f"history.{name}": np.asarray(getattr(history, name), np.float64) for name in HISTORY}
        tensors |= {"watch": np.array([watch.epoch, watch.best_epoch, watch.best_loss])}
        tensors |= {f"best.{name}": array for name, array in (watch.best_weights or {}).items()}
        tensors = {name: np.array(array, order="C") for name, array in tensors.items()}
        description = {"version": VERSION, "run": self.run, "finished": bool(finished)}
        description["sha256"] = checksum(description, tensors)
        payload = save(tensors, {KEY: json.dumps(description)})
        try:
            if os.path.exists(self.path) and not self.damaged:  # a damaged file must not push out a good one
                self._keep_previous()
            write_whole(self.path, payload)
            self.damaged = False
        except (OSError, ValueError) as error:
            raise CheckpointError(f"{self.path}: the checkpoint cannot be written: "
                                  f"{getattr(error, 'strerror', None) or error}.") from error

    def _keep_previous(self):
        spare = self.path + ".spare"
        with contextlib.suppress(FileNotFoundError):
            os.unlink(spare)
        try:
            os.link(self.path, spare)
        except OSError:  # a file system without hard links
            shutil.copyfile(self.path, spare)
        os.replace(spare, self.path + ".previous")

    def read(self, history, watch):
        """Fill in history and watch, and return the other tensors; None if there is no file yet.

        Raises
        ------
        CheckpointError
            If the file and the one before it are damaged, or the file belongs to another run.
        """
        if not os.path.lexists(self.path):
            return None
        try:
            description, tensors = parse(self.path)
        except Damage as damage:
            previous = self.path + ".previous"
            try:
                description, tensors = parse(previous)
            except Damage as other:
                raise CheckpointError(f"{self.path}: {damage.what}. The one before it, {previous}: {other.what}. "
                                      "Choose another path, or delete both files to start anew.") from None
            warnings.warn(f"{self.path}: {damage.what}. Training goes on from the one before it, {previous}.",
                          CheckpointWarning, stacklevel=3)
            self.damaged = True
        differences = list(compare(description["run"], self.run))
        if differences:
            raise CheckpointError(f"{self.path} belongs to another run: {'; '.join(differences[:5])}. {ELSEWHERE}")
        for name in HISTORY:
            found = tensors.pop(f"history.{name}")
            setattr(history, name, found if name == "step_loss" else found.tolist())
        epoch, best_epoch, watch.best_loss = tensors.pop("watch").tolist()
        watch.epoch, watch.best_epoch = int(epoch), int(best_epoch)
        best = [name for name in tensors if name.startswith("best.")]
        watch.best_weights = {name.removeprefix("best."): tensors.pop(name) for name in best} or None
        self.finished = description["finished"]
        return tensors


def parse(path):
    """Return the description and the tensors of a checkpoint."""
    try:
        with open(path, "rb") as file:
            header, _ = read_header(file, os.fstat(file.fileno()).st_size)
            file.seek(0)
            tensors = load(file.read())
    except SafetensorError as error:
        raise Damage(f"the checkpoint is damaged ({error})") from None
    except OSError as error:
        raise Damage(f"it cannot be read ({error.strerror or error})") from None
    metadata = header.get("__metadata__")
    if not isinstance(metadata, dict) or not isinstance(metadata.get(KEY), str):
        raise Damage("this is no checkpoint of aebook")
    description = parse_object(metadata[KEY], "description of the checkpoint")
    if description.get("version") != VERSION:
        raise Damage(f"the checkpoint has format version {description.get('version')!r}; this aebook reads {VERSION}")
    digest = description.pop("sha256", None)
    if checksum(description, tensors) != digest:
        raise Damage("the checkpoint is damaged: its checksum does not match")
    return description, tensors


def compare(found, wanted, name=""):
    """Yield a line for each entry in which two descriptions differ."""
    if isinstance(found, dict) and isinstance(wanted, dict):
        for key in sorted(found.keys() | wanted.keys(), key=lambda key: (key != "framework", key)):
            yield from compare(found.get(key), wanted.get(key), f"{name}.{key}" if name else key)
    elif found != wanted:
        yield f"{name} is {found!r} there and {wanted!r} here"
