"""No source file of the package reads or writes a pickle, which could run any code."""
import ast
from pathlib import Path

import pytest

import aebook

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
