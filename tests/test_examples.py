"""Every public name has a numpydoc docstring, and its example runs as it is printed."""
import doctest
import importlib
import inspect

import pytest

import aebook

MODULES = [f"aebook.{m}" for m in aebook.__all__ if m not in ("__version__", "claim", "load_numpy", "twins")]
PUBLIC = {f"{module}.{name}": getattr(importlib.import_module(module), name)
          for module in MODULES for name in importlib.import_module(module).__all__} | {"aebook.twins": aebook.twins}
CALLABLES = {name: thing for name, thing in PUBLIC.items() if callable(thing)
             and not (inspect.isclass(thing) and issubclass(thing, Exception))}


@pytest.mark.parametrize("name", CALLABLES)
def test_docstring(name):
    text = inspect.getdoc(CALLABLES[name])
    assert text.split("\n")[0].endswith("."), "the first line is one sentence"
    assert "Examples\n--------" in text
    takes_arguments = bool(inspect.signature(CALLABLES[name]).parameters)
    assert not takes_arguments or "Parameters\n---" in text or "Attributes\n---" in text


@pytest.mark.parametrize("name", CALLABLES)
def test_example(name, monkeypatch):
    monkeypatch.setenv("AEBOOK_OFFLINE", "1")
    thing = CALLABLES[name]
    module = importlib.import_module(thing.__module__)
    tests = doctest.DocTestFinder(recurse=False).find(thing, name, module=module, globs=dict(vars(module)))
    runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    failures = []
    for test in tests:
        runner.run(test, out=failures.append)
    assert runner.summarize(verbose=False).attempted > 0
    assert not failures, "".join(failures)
