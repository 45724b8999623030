"""The autoencoder: the same weights give the same numbers in both frameworks."""
import numpy as np
import pytest
from helpers import TWINS, digits_like, relative, weight_gradients

from aebook import random, reference
from aebook.errors import DataError
from aebook.specs import ACTIVATIONS, MLP

X = digits_like(32)
SPECS = {
    "relu": MLP(64, (32,), 8), "tanh, deep": MLP(64, (40, 20), 8, activation="tanh"),
    "sigmoid output": MLP(64, (32,), 8, output="sigmoid"), "bernoulli": MLP(64, (32,), 8, likelihood="bernoulli"),
    "no hidden layer": MLP(64, (), 8), "bounded code": MLP(64, (32,), 8, latent_activation="sigmoid"),
} | {name: MLP(64, (32,), 8, activation=name) for name in ACTIVATIONS}


def in_dtype(spec, dtype):
    from dataclasses import replace
    return replace(spec, dtype=dtype)


def forward(spec, weights, x):
    """The whole network once more in NumPy: the oracle of the forward pass."""
    h = np.asarray(x, np.float64)
    parts = {}
    for part, dims, last in (("encoder", spec.encoder_dims, spec.latent_activation),
                             ("decoder", spec.decoder_dims, spec.output)):
        for i in range(len(dims) - 1):
            a = h @ weights[f"{part}.{i}.weight"].astype(np.float64) + weights[f"{part}.{i}.bias"]
            h = reference.activation(spec.activation if i < len(dims) - 2 else last, a)
        parts[part] = h
    if spec.likelihood == "bernoulli":
        parts["decoder"] = reference.activation("sigmoid", parts["decoder"])
    return parts


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("dtype, tolerance", [("float32", 1e-5), ("float64", 1e-12)])
@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_codes_and_reconstructions_equal_numpy(spec, dtype, tolerance, twin):
    spec, ae = in_dtype(spec, dtype), TWINS[twin]
    model = ae.Autoencoder(spec, seed=3)
    parts = forward(spec, random.initial_weights(spec, seed=3), X)
    z, x_hat = ae.encode(model, X), ae.reconstruct(model, X)
    assert z.dtype == x_hat.dtype == dtype
    assert relative(z, parts["encoder"]) < tolerance
    assert relative(x_hat, parts["decoder"]) < tolerance
    assert relative(ae.decode(model, z), x_hat) < tolerance


@pytest.mark.parametrize("dtype, tolerance", [("float32", 1e-5), ("float64", 1e-12)])
@pytest.mark.parametrize("spec", SPECS.values(), ids=SPECS)
def test_loss_and_every_gradient_agree(spec, dtype, tolerance):
    spec = in_dtype(spec, dtype)
    source = TWINS["torch"].Autoencoder(spec, seed=1)
    copy = TWINS["tensorflow"].Autoencoder(spec, seed=2)
    TWINS["tensorflow"].set_weights(copy, TWINS["torch"].get_weights(source))
    (loss_a, a), (loss_b, b) = weight_gradients("torch", source, X), weight_gradients("tensorflow", copy, X)
    assert abs(loss_a - loss_b) < tolerance * abs(loss_a)
    assert a.keys() == b.keys()
    for name in a:
        assert np.abs(a[name]).max() > 0
        assert relative(b[name], a[name]) < tolerance, name


@pytest.mark.parametrize("twin", TWINS)
def test_loss_is_what_the_likelihood_says(twin):
    ae = TWINS[twin]
    for spec, loss in ((SPECS["relu"], "squared_error"), (SPECS["bernoulli"], "bernoulli_nll")):
        model = ae.Autoencoder(spec)
        out = ae.to_numpy(model(ae.from_numpy(X)))
        assert ae.evaluate(model, X)["loss"] == pytest.approx(getattr(reference, loss)(X, out), rel=1e-5)


@pytest.mark.parametrize("twin", TWINS)
def test_batches_do_not_change_the_numbers(twin):
    ae = TWINS[twin]
    model = ae.Autoencoder(SPECS["relu"])
    for function, x in ((ae.encode, X), (ae.reconstruct, X), (ae.decode, X[:, :8])):
        assert relative(function(model, x, batch_size=5), function(model, x)) < 1e-6


@pytest.mark.parametrize("twin", TWINS)
def test_bad_data_are_named(twin):
    ae = TWINS[twin]
    model = ae.Autoencoder(SPECS["bernoulli"])
    for function in (ae.encode, ae.reconstruct, ae.evaluate, ae.fit):
        with pytest.raises(DataError, match=r"outside \[0, 1\]"):
            function(model, X * 255)
        with pytest.raises(DataError, match=r"\(examples, 64\)"):
            function(model, X[:, :10])
    with pytest.raises(DataError, match=r"z has shape.*\(examples, 8\)"):
        ae.decode(model, X)


@pytest.mark.parametrize("twin", TWINS)
def test_global_random_state_is_left_alone(twin):
    if twin == "torch":
        import torch
        torch.manual_seed(7)
        expected = torch.rand(1)
        torch.manual_seed(7)
        TWINS[twin].Autoencoder(SPECS["relu"])
        assert torch.rand(1) == expected
    else:
        import keras
        keras.utils.set_random_seed(7)
        expected = float(keras.random.uniform((1,))[0])
        keras.utils.set_random_seed(7)
        TWINS[twin].Autoencoder(SPECS["relu"])
        assert float(keras.random.uniform((1,))[0]) == expected
