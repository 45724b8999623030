"""The models that the estimators train: kept for the next fit, since TensorFlow takes long to make one."""
import contextlib
import importlib
import threading

from aebook import _installed
from aebook.errors import SpecError

__all__ = []

SIZE = 16  # idle models to keep; a small one with its compiled step takes a few megabytes in TensorFlow
FRAMEWORKS = ("auto", "torch", "tensorflow")
_idle, _lock = [], threading.Lock()  # (what it is, the model), the one used last at the end


@contextlib.contextmanager
def borrowed(framework, class_name, spec, options):
    """Give a twin and a model of it that nobody else uses meanwhile; its weights are to be set.

    A model comes back only if nothing was raised: what an error left behind is not used again.
    """
    framework = chosen(framework)
    twin = importlib.import_module(f"aebook.{framework}")
    key = repr((framework, class_name, spec, options))
    with _lock:
        found = next((entry for entry in _idle if entry[0] == key), None)
        if found:
            _idle.remove(found)
    if found:
        model = found[1]
    else:
        model = getattr(twin, class_name)(spec, **options)
        if framework == "tensorflow":
            model.kept_steps = {}  # `fit` keeps its compiled step here
    yield twin, model
    with _lock:
        _idle.append((key, model))
        del _idle[:-SIZE]


def chosen(framework):
    """The framework that a parameter names; "auto" is PyTorch if it is installed, else TensorFlow."""
    if framework not in FRAMEWORKS:
        raise SpecError(f"framework must be one of {', '.join(map(repr, FRAMEWORKS))}, not {framework!r}.")
    return _installed()[0] if framework == "auto" else framework
