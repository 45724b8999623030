"""The twin contract: same files, same names, same signatures, same first lines; each formula in the oracle."""
import importlib
import inspect
from pathlib import Path

import pytest
from ledger import METHODS

import aebook
from aebook import reference

ROOT = Path(aebook.__file__).parent
FILES = sorted(p.stem for p in (ROOT / "torch").glob("*.py"))
NAMES = sorted(aebook.torch.__all__)
CLASSES = [n for n in NAMES if inspect.isclass(getattr(aebook.torch, n))]
FORMULA_FILES = ("activations", "contraction", "corruption", "dropout", "latent", "losses", "normalization",
                 "penalties", "sparsity")


def first_line(thing):
    return (inspect.getdoc(thing) or "").split("\n")[0]


def own_methods(cls):
    return {n: m for n, m in vars(cls).items() if inspect.isfunction(m) and (n == "__init__" or not n.startswith("_"))}


def plain_signature(function):
    """Names, kinds and defaults; a default object is compared by its repr."""
    return [(p.name, p.kind, repr(p.default)) for p in inspect.signature(function).parameters.values()]


def test_same_files():
    assert FILES == sorted(p.stem for p in (ROOT / "tensorflow").glob("*.py"))


def test_same_public_names():
    assert aebook.torch.__all__ == aebook.tensorflow.__all__


@pytest.mark.parametrize("file", [f for f in FILES if f != "__init__"])
def test_same_names_and_first_line_in_each_file(file):
    a, b = (importlib.import_module(f"aebook.{twin}.{file}") for twin in ("torch", "tensorflow"))
    assert a.__all__ == b.__all__
    assert first_line(a) == first_line(b) != ""


@pytest.mark.parametrize("name", [n for n in NAMES if n != "NAME"])
def test_same_signature_and_first_line(name):
    a, b = getattr(aebook.torch, name), getattr(aebook.tensorflow, name)
    assert plain_signature(a) == plain_signature(b)
    assert first_line(a) == first_line(b) != ""


@pytest.mark.parametrize("name", CLASSES)
def test_same_methods(name):
    a, b = own_methods(getattr(aebook.torch, name)), own_methods(getattr(aebook.tensorflow, name))
    differ = {m for m in a.keys() | b.keys() if m not in a or m not in b
              or plain_signature(a[m]) != plain_signature(b[m]) or a[m].__doc__ != b[m].__doc__}
    assert differ == {m for c, m in METHODS if c == name}, "the ledger in tests/ledger.py is out of date"


def test_the_ledger_names_existing_classes():
    assert {c for c, _ in METHODS} <= set(CLASSES)


@pytest.mark.parametrize("file", FORMULA_FILES)
def test_every_formula_is_in_the_oracle(file):
    for name in importlib.import_module(f"aebook.torch.{file}").__all__:
        formula = getattr(aebook.torch, name)
        assert name in reference.__all__ and f"{name}_grad" in reference.__all__
        assert plain_signature(formula) == plain_signature(getattr(reference, name))


def imports_of(path):
    import ast
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (a.name for a in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield node.module


@pytest.mark.parametrize("path", sorted(ROOT.rglob("*.py")), ids=lambda p: str(p.relative_to(ROOT)))
def test_who_may_import_whom(path):
    room = path.relative_to(ROOT).parts[0]
    allowed = {"torch": {"torch"}, "tensorflow": {"tensorflow", "keras"}}.get(room, set())
    for module in imports_of(path):
        top, *rest = module.split(".")
        if top in ("torch", "tensorflow", "keras"):
            assert top in allowed, f"{path} imports {module}"
        if top == "aebook" and rest:
            assert rest[0] not in {"torch", "tensorflow"} - {room}, f"{path} looks into the twin {module}"
            if allowed:
                assert rest[0] in {room, "devices", "diagnosis", "specs", "errors", "files", "history", "progress",
                                   "random", "stopping", "validation", "weights", "checkpoints", "sources", "shares"}
