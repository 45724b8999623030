"""Inference with NumPy alone: the numbers of the twins, without either framework."""
import json

import numpy as np
import pytest
from helpers import TWINS, digits_like, relative
from test_import import WITHOUT, run

import aebook
from aebook import numpy_inference
from aebook.errors import DataError, ModelFileError
from aebook.files import SPECS, write_model
from aebook.random import generator, initial_weights
from aebook.reference import activation
from aebook.specs import ACTIVATIONS, MLP, Conv, Recurrent

LIMIT = {"float32": 1e-5, "float64": 1e-12}
CASES = [(f, "gaussian", "linear") for f in ACTIVATIONS] + [
    ("tanh", "gaussian", "sigmoid"), ("gelu", "bernoulli", "linear")]


def some_weights(spec, seed=0):
    """Weights of the size that training gives, with biases that are not zero."""
    rng = generator(seed, 99)
    return {name: (array + rng.normal(0, 0.1, array.shape)).astype(spec.dtype)
            for name, array in initial_weights(spec, seed).items()}


def saved(spec, path):
    write_model(path, "Autoencoder", spec, some_weights(spec))
    return path


def agree(a, b, dtype):
    assert a.dtype == b.dtype == dtype and a.shape == b.shape
    difference = relative(a, b)
    print(f"{dtype}: {difference:.1e}")
    assert difference < LIMIT[dtype]


@pytest.mark.parametrize("dtype", LIMIT)
@pytest.mark.parametrize("f, likelihood, output", CASES)
@pytest.mark.parametrize("twin", TWINS)
def test_equals_the_twins(twin, f, likelihood, output, dtype, tmp_path):
    spec = MLP(64, (24, 16), 6, activation=f, latent_activation=f, output=output,
               likelihood=likelihood, dtype=dtype)
    ae, path = TWINS[twin], saved(spec, tmp_path / "m")
    model, light = ae.load(path), aebook.load_numpy(path)
    assert light.spec == spec
    x, z = digits_like(70), generator(1).normal(0, 2, (70, 6))
    agree(light.encode(x), ae.encode(model, x), dtype)
    agree(light.decode(z), ae.decode(model, z), dtype)
    agree(light.reconstruct(x), ae.reconstruct(model, x), dtype)


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("spec", [
    MLP(64, (32,), 8, likelihood="bernoulli"), MLP(64, (32, 16), 8, batch_norm=True, tied=True, dropout=0.1),
    Conv((8, 4, 2), (6, 10), 8, likelihood="bernoulli"),
    Conv((8, 8, 1), (6, 10), 8, batch_norm=True, dropout=0.1, activation="elu"),
    Conv((16, 4, 1), (5,), 8, output="sigmoid", dtype="float64"), Recurrent((8, 8), (12, 10), 8, dropout=0.1),
    Recurrent((4, 16), (12,), 8, latent_activation="tanh", likelihood="bernoulli", dtype="float64")], ids=str)
def test_equals_a_trained_model(spec, twin, tmp_path):
    ae, x = TWINS[twin], digits_like(256)
    model = ae.Autoencoder(spec)
    ae.fit(model, x, aebook.specs.Training(epochs=10, learning_rate=0.01))
    ae.save(model, tmp_path / "m")
    light = aebook.load_numpy(tmp_path / "m")
    agree(light.reconstruct(x), ae.reconstruct(model, x), spec.dtype)
    agree(light.encode(x), ae.encode(model, x), spec.dtype)
    agree(light.decode(light.encode(x)), ae.decode(model, ae.encode(model, x)), spec.dtype)


@pytest.mark.parametrize("dtype", LIMIT)
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_activations_equal_the_oracle(name, dtype):
    corners = [0, -1e-30, 1e-30, -100, 100, -1e4, 1e4, -1e30, 1e30]
    a = np.concatenate([np.linspace(-12, 12, 2001), corners]).astype(dtype)
    with np.errstate(all="raise", under="ignore"):
        found = numpy_inference.ACTIVATIONS[name](a)
    expected = activation(name, a)
    assert found.dtype == dtype
    np.testing.assert_allclose(found, expected, rtol=0.1 * LIMIT[dtype], atol=0.1 * LIMIT[dtype])


def test_every_activation_and_every_kind_of_file_is_covered():
    assert tuple(numpy_inference.ACTIVATIONS) == ACTIVATIONS
    assert numpy_inference.LAYERS.keys() == SPECS.keys()


def test_the_batch_size_does_not_matter(tmp_path):
    light = aebook.load_numpy(saved(MLP(64, (16,), 5), tmp_path / "m"))
    x = digits_like(50)
    whole = light.reconstruct(x)
    for batch_size in (1, 7, 49, 50, 51):
        assert relative(light.reconstruct(x, batch_size=batch_size), whole) < 1e-6
    np.testing.assert_array_equal(light.decode(light.encode(x)), whole)


@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli"])
@pytest.mark.parametrize("call", ["encode", "reconstruct", "decode"])
@pytest.mark.parametrize("bad, words", [
    (np.full((2, 4), np.nan), r"\[0, 0\] = nan is not finite"), (np.zeros((2, 9)), r"shape \(2, 9\)"),
    (np.zeros((0, 4)), "no examples"), ([["a"] * 4], "dtype"), (np.full((2, 4), 1e300), "not finite in float32"),
])
def test_bad_data_is_told_as_in_the_twins(call, likelihood, bad, words, tmp_path):
    light = aebook.load_numpy(saved(MLP(4, (3,), 4, likelihood=likelihood), tmp_path / "m"))
    with pytest.raises(DataError, match=words) as caught:
        getattr(light, call)(bad)
    assert str(caught.value).startswith("z" if call == "decode" else "x")


def test_only_the_bernoulli_likelihood_bounds_the_data(tmp_path):
    x = np.full((2, 4), 1.5)
    aebook.load_numpy(saved(MLP(4, (3,), 4), tmp_path / "m")).reconstruct(x)
    light = aebook.load_numpy(saved(MLP(4, (3,), 4, likelihood="bernoulli"), tmp_path / "m"))
    light.decode(x)
    for call in (light.encode, light.reconstruct):
        with pytest.raises(DataError, match=r"outside \[0, 1\]"):
            call(x)


def test_the_input_stays_as_it_is(tmp_path):
    light = aebook.load_numpy(saved(MLP(64, (), 5, latent_activation="relu"), tmp_path / "m"))
    x = digits_like(9)
    before = x.copy()
    x.flags.writeable = False
    light.reconstruct(x)
    assert np.array_equal(x, before)


def test_a_damaged_file_is_a_typed_error(tmp_path):
    path = saved(MLP(4, (3,), 2), tmp_path / "m")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(ModelFileError, match="weights take"):
        aebook.load_numpy(path)


def test_needs_no_framework_and_is_bitwise_stable(tmp_path):
    """Neither framework can be imported there; SciPy is not even loaded where no gelu asks for it."""
    for f in ("tanh", "gelu"):
        saved(MLP(64, (24, 16), 6, activation=f, likelihood="bernoulli"), tmp_path / f)
    code = WITHOUT.format(blocked={"torch", "tensorflow", "keras"}) + f"""
import hashlib, json, sys, aebook, numpy as np
x = np.linspace(0, 1, 64 * 300).reshape(300, 64)
def digests(f):
    light = aebook.load_numpy({str(tmp_path)!r} + "/" + f)
    return [hashlib.sha256(light.reconstruct(x).tobytes()).hexdigest() for _ in range(3)]
tanh, scipy = digests("tanh"), "scipy" in sys.modules
print(json.dumps([tanh, scipy, digests("gelu"), [m for m in ("torch", "tensorflow", "keras") if m in sys.modules]]))
"""
    first, second = json.loads(run(code)), json.loads(run(code))
    tanh, scipy, gelu, frameworks = first
    assert first == second and len(set(tanh)) == len(set(gelu)) == 1 and tanh != gelu
    assert not scipy and not frameworks
