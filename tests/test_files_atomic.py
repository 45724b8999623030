"""Writing a model file that fails, or is killed, leaves the old file or the new one, never half of either."""
import io
import os
import signal
import stat
import subprocess
import sys
import time

import pytest
from model_files import SPEC, WEIGHTS

from aebook.errors import ModelFileError
from aebook.files import read_model, write_model


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
