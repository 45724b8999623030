"""Model files: what one framework saves the other loads, whole, under any name, and no other model is written."""
import os
import sys

import numpy as np
import pytest
from helpers import TWINS, digits_like, relative
from model_files import SPEC, WEIGHTS, same

from aebook import files
from aebook.errors import ModelFileError, WeightsError
from aebook.files import read_model, write_model
from aebook.specs import MLP, Training

PAIRS = [(a, b) for a in TWINS for b in TWINS]


@pytest.mark.parametrize("source, target", PAIRS)
@pytest.mark.parametrize("spec", [
    MLP(64, (32, 16), 8, activation="gelu"),
    MLP(64, (), 5, latent_activation="sigmoid", likelihood="bernoulli"),
    MLP(64, (16,), 3, activation="elu", output="sigmoid", dtype="float64"),
], ids=["gaussian", "bernoulli", "float64"])
def test_models_travel(source, target, spec, tmp_path):
    a, b = TWINS[source], TWINS[target]
    model = a.Autoencoder(spec, seed=3)
    a.save(model, tmp_path / "model.safetensors")
    loaded = b.load(tmp_path / "model.safetensors")
    assert type(loaded) is b.Autoencoder and loaded.spec == spec
    assert same(a.get_weights(model), b.get_weights(loaded))
    x, limit = digits_like(50), 1e-12 if spec.dtype == "float64" else 1e-5
    assert b.reconstruct(loaded, x).dtype == spec.dtype
    assert relative(b.reconstruct(loaded, x), a.reconstruct(model, x)) < limit
    assert relative(b.encode(loaded, x), a.encode(model, x)) < limit
    if source == target:
        assert np.array_equal(b.reconstruct(loaded, x), a.reconstruct(model, x))


def test_both_twins_write_the_same_bytes(tmp_path):
    for name, ae in TWINS.items():
        ae.save(ae.Autoencoder(SPEC, seed=1), tmp_path / name)
    torch, tensorflow = ((tmp_path / name).read_bytes() for name in TWINS)
    assert torch == tensorflow


def test_a_loaded_torch_model_is_in_eval_mode(tmp_path):
    model = TWINS["torch"].Autoencoder(SPEC).train()
    TWINS["torch"].save(model, tmp_path / "m")
    assert model.training and not TWINS["torch"].load(tmp_path / "m").training


@pytest.mark.parametrize("twin", TWINS)
def test_a_loaded_model_trains_on(twin, tmp_path):
    ae, x = TWINS[twin], digits_like(32, features=4)
    ae.save(ae.Autoencoder(SPEC), tmp_path / "m")
    model = ae.load(tmp_path / "m")
    history = ae.fit(model, x, Training(epochs=5, learning_rate=0.01))
    assert history.loss[-1] < history.loss[0]


@pytest.mark.parametrize("twin", TWINS)
def test_each_twin_knows_each_class(twin):
    models = sys.modules[f"aebook.{twin}.files"].MODELS
    assert models.keys() == files.CLASSES.keys()
    assert all(getattr(TWINS[twin], name) is cls for name, cls in models.items())


@pytest.mark.parametrize("twin", TWINS)
def test_a_class_of_ones_own_has_no_file_format(twin, tmp_path):
    own = type("Autoencoder", (TWINS[twin].Autoencoder,), {})  # the same name, yet another class
    for model in (own(SPEC), type("Mine", (own,), {})(SPEC), object()):
        with pytest.raises(ModelFileError, match="not one of .*Autoencoder.*(state_dict|save_weights)"):
            TWINS[twin].save(model, tmp_path / "m")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("name", ["m.safetensors", "m", "m.pt", "ü ✓.bin", "a" * 255])
def test_the_name_is_taken_as_it_is(name, tmp_path):
    write_model(tmp_path / name, "Autoencoder", SPEC, WEIGHTS)
    assert os.listdir(tmp_path) == [name]
    for path in (tmp_path / name, str(tmp_path / name), os.fsencode(tmp_path / name)):
        class_name, spec, weights, _ = read_model(path)
        assert (class_name, spec) == ("Autoencoder", SPEC) and same(weights, WEIGHTS)


def test_any_memory_layout_is_written_right(tmp_path):
    odd = {name: np.asfortranarray(array) for name, array in WEIGHTS.items()}
    odd["encoder.0.bias"] = np.repeat(WEIGHTS["encoder.0.bias"], 2)[::2]
    write_model(tmp_path / "m", "Autoencoder", SPEC, odd)
    assert same(read_model(tmp_path / "m")[2], WEIGHTS)


class Odd(MLP):
    pass


@pytest.mark.parametrize("class_name, spec, weights, error, words", [
    ("Mystery", SPEC, WEIGHTS, ModelFileError, "no file format for the class Mystery"),
    ("Autoencoder", Odd(4, (3,), 2), WEIGHTS, ModelFileError, "spec of type Odd"),
    ("Autoencoder", None, WEIGHTS, ModelFileError, "spec of type NoneType"),
    ("Autoencoder", MLP(4, (5,), 2), WEIGHTS, WeightsError, r"encoder.0.weight has shape \(4, 3\)"),
    ("Autoencoder", MLP(4, (), 2), WEIGHTS, WeightsError, "unknown decoder.1.bias"),
    ("Autoencoder", SPEC, WEIGHTS | {"decoder.0.bias": np.full(3, np.nan, "f4")}, WeightsError, "decoder.0.*finite"),
    ("Autoencoder", SPEC, WEIGHTS | {"decoder.0.bias": np.zeros(3)}, WeightsError, "float64; the spec says float32"),
])
def test_a_wrong_model_is_not_written(class_name, spec, weights, error, words, tmp_path):
    (tmp_path / "m").write_bytes(b"old")
    with pytest.raises(error, match=words):
        write_model(tmp_path / "m", class_name, spec, weights)
    assert (tmp_path / "m").read_bytes() == b"old" and os.listdir(tmp_path) == ["m"]
