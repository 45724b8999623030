"""aebook: autoencoders in PyTorch and in TensorFlow, held to the same numbers.

`aebook.torch` and `aebook.tensorflow` are twins: the same public names, each written in its
framework's own idiom. Importing `aebook` loads neither; a submodule is loaded when first used.
"""
import importlib
import importlib.util
import os

__version__ = "0.1.0"

_MODULES = ("claims", "data", "diagnosis", "errors", "estimators", "files", "history", "metrics", "numpy_inference",
            "plots", "random", "reference", "specs", "tensorflow", "torch", "validation", "weights")
_NAMES = {"claim": "claims", "load_numpy": "numpy_inference"}  # names that are reached without naming their module

__all__ = ["__version__", "claim", "load_numpy", "twins", *_MODULES]


def __getattr__(name):
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    if name in _NAMES:
        return getattr(importlib.import_module(f"{__name__}.{_NAMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return __all__


def twins():
    """Return the twins whose framework is installed, PyTorch first.

    The environment variable `AEBOOK_FRAMEWORK`, "torch" or "tensorflow", limits them to one. The estimators,
    too, then choose it.

    Returns
    -------
    list of module
        `aebook.torch` and `aebook.tensorflow`, or the one that can be used. Each has a `NAME`
        for legends ("PyTorch", "TensorFlow").

    Raises
    ------
    MissingFrameworkError
        If neither framework is installed.

    Examples
    --------
    >>> import aebook
    >>> for ae in aebook.twins():
    ...     model = ae.Autoencoder(aebook.specs.MLP(input_dim=4, hidden_dims=(), latent_dim=2))
    """
    return [importlib.import_module(f"{__name__}.{name}") for name in _installed()]


def _installed():
    """The names of the frameworks that are installed and wanted, PyTorch first; none is loaded."""
    wanted = os.environ.get("AEBOOK_FRAMEWORK")
    names = [wanted] if wanted else ["torch", "tensorflow"]
    if not set(names) <= {"torch", "tensorflow"}:
        raise ValueError(f"AEBOOK_FRAMEWORK must be torch or tensorflow, not {wanted!r}.")
    found = [name for name in names if importlib.util.find_spec(name) is not None]
    if not found and wanted:
        from aebook.errors import MissingFrameworkError
        raise MissingFrameworkError(f"AEBOOK_FRAMEWORK asks for {wanted}, which is not installed: pip install {wanted}")
    if not found:
        from aebook.errors import MissingFrameworkError
        raise MissingFrameworkError("Neither PyTorch nor TensorFlow is installed. "
                                    "Install one: pip install torch, or pip install tensorflow.")
    return found
