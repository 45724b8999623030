"""Importing aebook is light, and one framework is enough."""
import json
import subprocess
import sys

import pytest

import aebook

WITHOUT = """
from importlib.machinery import PathFinder
found = PathFinder.find_spec
PathFinder.find_spec = lambda name, path=None, target=None: (
    None if name.split(".")[0] in {blocked!r} and path is None else found(name, path, target))
"""


def run(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_importing_aebook_loads_no_framework():
    code = "import sys, aebook, aebook.specs; print([m for m in ('torch', 'tensorflow', 'keras') if m in sys.modules])"
    assert run(code) == "[]"


def test_importing_aebook_loads_nothing_heavy():
    """Beyond Python's own modules NumPy alone: so it takes what NumPy takes."""
    code = ("import sys; before = set(sys.modules); import aebook, aebook.specs, aebook.claims; "
            "print(sorted({m.split('.')[0] for m in set(sys.modules) - before} - set(sys.stdlib_module_names)))")
    assert run(code) == "['aebook', 'numpy']"


@pytest.mark.parametrize("wanted, other", [("torch", "tensorflow"), ("tensorflow", "torch")])
def test_one_of_two_frameworks_on_request(wanted, other):
    """As a notebook for Colab asks, where both are installed."""
    code = f"""
import os, sys
os.environ["AEBOOK_FRAMEWORK"] = {wanted!r}
import aebook, numpy as np
from aebook.estimators import AutoencoderTransformer
AutoencoderTransformer(1, epochs=1).fit(np.eye(4))
print([ae.__name__ for ae in aebook.twins()], {other!r} in sys.modules)
"""
    assert run(code).splitlines()[-1] == f"['aebook.{wanted}'] False"


def test_a_request_for_an_unknown_framework(monkeypatch):
    monkeypatch.setenv("AEBOOK_FRAMEWORK", "jax")
    with pytest.raises(ValueError, match="must be torch or tensorflow, not 'jax'"):
        aebook.twins()


def test_neutral_rooms_load_no_framework():
    code = ("import sys, aebook\nfor m in aebook.__all__:\n"
            "    if m not in ('torch', 'tensorflow', 'twins', '__version__'): getattr(aebook, m)\n"
            "print([m for m in ('torch', 'tensorflow', 'keras') if m in sys.modules])")
    assert run(code) == "[]"


@pytest.mark.parametrize("present, missing", [("torch", "tensorflow"), ("tensorflow", "torch")])
def test_one_framework_is_enough(present, missing, tmp_path):
    blocked = {missing, "keras"} if missing == "tensorflow" else {missing}
    code = WITHOUT.format(blocked=blocked) + f"""
import importlib, json, numpy as np, aebook
from aebook.errors import MissingFrameworkError
from aebook.specs import MLP, Training
(ae,) = aebook.twins()
model = ae.Autoencoder(MLP(4, (3,), 2), seed=0)
history = ae.fit(model, np.eye(4), Training(epochs=3), x_val=np.eye(4))
x_hat = ae.reconstruct(model, np.eye(4))
ae.save(model, {str(tmp_path / "model")!r})
for other in (ae.reconstruct(ae.load({str(tmp_path / "model")!r}), np.eye(4)),
              aebook.load_numpy({str(tmp_path / "model")!r}).reconstruct(np.eye(4))):
    np.testing.assert_allclose(other, x_hat, atol=1e-6)
told = ""
try:
    aebook.{missing}
except MissingFrameworkError as error:
    told = str(error)
print(json.dumps([ae.__name__, len(history.val_loss), x_hat.shape, told]))
"""
    name, epochs, shape, told = json.loads(run(code).splitlines()[-1])
    assert (name, epochs, shape) == (f"aebook.{present}", 3, [4, 4])
    assert f"pip install {missing}" in told


def test_without_any_framework_both_install_lines_are_told():
    code = WITHOUT.format(blocked={"torch", "tensorflow", "keras"}) + """
import aebook
try:
    aebook.twins()
except aebook.errors.MissingFrameworkError as error:
    print(error)
"""
    told = run(code)
    assert "pip install torch" in told and "pip install tensorflow" in told


def test_unknown_names_are_attribute_errors():
    import aebook
    with pytest.raises(AttributeError, match="nothing_here"):
        getattr(aebook, "nothing_here")  # noqa: B009
    assert set(aebook.__all__) == set(dir(aebook))
