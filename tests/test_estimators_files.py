"""Estimators in files: they come back as they were, need no framework, and a damaged file is an error."""
import json

import numpy as np
import pandas as pd
import pytest
from sklearn.datasets import load_wine
from sklearn.exceptions import NotFittedError
from test_estimators import ALL, FRAMEWORKS, QUICK, outputs
from test_import import WITHOUT, run

import aebook
from aebook.errors import ModelFileError
from aebook.estimators import AutoencoderDetector, AutoencoderTransformer, SparseCodeTransformer, load, save

WINE = pd.DataFrame(load_wine().data[:, :4], columns=["a", "b", "c", "d"])


@pytest.fixture(scope="module")
def payload(tmp_path_factory):
    path = tmp_path_factory.mktemp("files") / "detector"
    save(AutoencoderDetector(**QUICK).fit(WINE), path)
    return path.read_bytes()


@pytest.mark.parametrize("framework, other", [FRAMEWORKS, FRAMEWORKS[::-1]])
@pytest.mark.parametrize("cls", ALL)
def test_an_estimator_comes_back(cls, framework, other, tmp_path):
    fitted = cls(**QUICK | {"activation": "tanh"}, framework=framework).fit(WINE)
    save(fitted, tmp_path / "f")
    found = load(tmp_path / "f")
    assert type(found) is cls and found.get_params() == fitted.get_params()
    assert np.array_equal(outputs(found, WINE), outputs(fitted, WINE))
    assert found.history_.loss == fitted.history_.loss and list(found.feature_names_in_) == list(WINE.columns)
    refitted = outputs(found.set_params(framework=other).fit(WINE), WINE)
    np.testing.assert_allclose(refitted, outputs(fitted, WINE), rtol=1e-3, atol=1e-3 * np.abs(refitted).max())


def test_neither_framework_is_needed_to_use_a_file(payload, tmp_path):
    (tmp_path / "f").write_bytes(payload)
    np.save(tmp_path / "x.npy", WINE.to_numpy())
    told = run(WITHOUT.format(blocked={"torch", "tensorflow", "keras"}) + f"""
import sys, warnings
import numpy as np
from aebook.errors import MissingFrameworkError
from aebook.estimators import AutoencoderTransformer, load
warnings.simplefilter("ignore")
x = np.load({str(tmp_path / "x.npy")!r})
detector = load({str(tmp_path / "f")!r})
print(repr(float(detector.decision_function(x).sum())), detector.explain(x).shape)
try:
    AutoencoderTransformer().fit(x)
except MissingFrameworkError as error:
    print(error)
assert not {{"torch", "tensorflow", "keras"}} & set(sys.modules)
""").splitlines()
    assert float(told[0].split()[0]) == load(tmp_path / "f").decision_function(WINE).sum()
    assert told[0].endswith("(178, 4)") and "pip install torch" in told[1] and "pip install tensorflow" in told[1]


def test_only_fitted_estimators_of_this_package_can_be_saved(tmp_path):
    class Own(AutoencoderTransformer):
        pass
    with pytest.raises(NotFittedError):
        save(AutoencoderTransformer(), tmp_path / "f")
    with pytest.raises(ModelFileError, match="no file format for the class Own"):
        save(Own(**QUICK).fit(WINE), tmp_path / "f")
    with pytest.raises(ModelFileError, match="cannot be written"):
        save(AutoencoderTransformer(**QUICK).fit(WINE), tmp_path / "no folder" / "f")
    assert list(tmp_path.iterdir()) == []


def test_parameters_of_any_kind(tmp_path):
    """Numbers of NumPy are numbers, a random state is not kept, and a parameter set after `fit` does not act."""
    state = np.random.RandomState(0)
    fitted = SparseCodeTransformer(hidden_dims=[np.int64(8)], epochs=np.int64(2), random_state=state, k=3).fit(WINE)
    codes = fitted.transform(WINE)
    save(fitted.set_params(k=1, hidden_dims=(8,)), tmp_path / "f")
    found = load(tmp_path / "f")
    assert (found.epochs, found.random_state, found.k) == (2, None, 1)
    assert np.array_equal(found.transform(WINE), codes)


def test_every_changed_byte_is_noticed(payload, tmp_path):
    path = tmp_path / "f"
    for i in [*range(0, len(payload), 7), len(payload) - 1]:
        path.write_bytes(payload[:i] + bytes([payload[i] ^ 1]) + payload[i + 1:])
        with pytest.raises(ModelFileError):
            load(path)
        if i % 10 == 0:
            path.write_bytes(payload[:i])
            with pytest.raises(ModelFileError):
                load(path)


SPARSE = {"class": "SparseCodeTransformer", "params": {}, "offset": None, "options": {"sparsity": "topk"}}  # but no k


@pytest.mark.parametrize("change, told", [
    ({"version": 2}, "newer aebook"), ({"class": "Pipeline"}, "'Pipeline' is unknown"), ({"loss": 1}, "must hold"),
    ({"columns": 5}, "columns differ"), ({"offset": None}, "belongs to a detector"),
    ({"params": {"steps": 1}}, "makes no sense"), (SPARSE, "makes no sense"),
])
def test_a_file_with_a_right_checksum_that_makes_no_sense(change, told, tmp_path):
    """As a newer version, a careless program or an attacker would write it."""
    from safetensors.numpy import load_file, save_file

    from aebook.files import ESTIMATOR, checksum
    fitted = AutoencoderDetector(**QUICK).fit(WINE)
    save(fitted, tmp_path / "good")
    raw = (tmp_path / "good").read_bytes()
    header = json.loads(raw[8:8 + int.from_bytes(raw[:8], "little")])
    described = json.loads(header["__metadata__"][ESTIMATOR]) | change
    described.pop("sha256")
    tensors = load_file(tmp_path / "good")
    described["sha256"] = checksum(described, tensors)
    save_file(tensors, tmp_path / "bad", {ESTIMATOR: json.dumps(described)})
    with pytest.raises(ModelFileError, match=told):
        load(tmp_path / "bad")


def test_models_and_estimators_are_told_apart(payload, tmp_path):
    (tmp_path / "f").write_bytes(payload)
    with pytest.raises(ModelFileError, match=r"holds an estimator. Load it with aebook.estimators.load"):
        aebook.load_numpy(tmp_path / "f")
    ae = aebook.torch
    ae.save(ae.Autoencoder(aebook.specs.MLP(4, (3,), 2)), tmp_path / "m")
    with pytest.raises(ModelFileError, match=r"holds no estimator of aebook. Models are loaded with"):
        load(tmp_path / "m")
