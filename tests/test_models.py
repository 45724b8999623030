"""Every model of the family: both frameworks agree, it learns, it repeats itself, and its options are checked."""
import numpy as np
import pytest
from helpers import TWINS, begin_training, digits_like, relative, weight_gradients

import aebook
from aebook import metrics, random
from aebook.errors import DataError, ModelFileError, SpecError
from aebook.files import write_model
from aebook.specs import MLP, Conv, Recurrent, Training

X = digits_like(33)  # with batches of 8 the last one has a single example
CONV = {"kind": Conv, "image_shape": (8, 4, 2), "channels": (12, 16), "activation": "tanh"}
RECURRENT = {"kind": Recurrent, "sequence_shape": (8, 8), "hidden_dims": (40,)}
MODELS = {
    "plain": ("Autoencoder", {}, {}),
    "tied": ("Autoencoder", {"tied": True, "hidden_dims": (48, 30)}, {}),
    "sparse, tied": ("SparseAutoencoder", {"latent_dim": 100, "tied": True}, {"sparsity": "topk", "k": 30}),
    "denoising, gaussian": ("DenoisingAutoencoder", {}, {"corruption": "gaussian", "level": 0.3}),
    "denoising, masking": ("DenoisingAutoencoder", {}, {"corruption": "masking", "level": 0.4}),
    "denoising, salt and pepper": ("DenoisingAutoencoder", {}, {"corruption": "salt_and_pepper", "level": 0.2}),
    "sparse, l1": ("SparseAutoencoder", {"latent_dim": 100}, {"sparsity": "l1", "strength": 0.1}),
    "sparse, kl": ("SparseAutoencoder", {"latent_dim": 100, "latent_activation": "sigmoid"},
                   {"sparsity": "kl", "strength": 0.5, "rho": 0.1}),
    "sparse, topk": ("SparseAutoencoder", {"latent_dim": 100}, {"sparsity": "topk", "k": 30}),
    "contractive": ("ContractiveAutoencoder", {"hidden_dims": (), "latent_activation": "sigmoid"}, {"strength": 0.05}),
    "contractive, tanh": ("ContractiveAutoencoder", {"hidden_dims": (), "latent_activation": "tanh"}, {}),
    "variational": ("VariationalAutoencoder", {}, {}),
    "variational, bernoulli, beta": ("VariationalAutoencoder", {"likelihood": "bernoulli"}, {"beta": 0.5}),
    "normalized": ("Autoencoder", {"batch_norm": True}, {}),
    "normalized, tied": ("Autoencoder", {"batch_norm": True, "tied": True, "hidden_dims": (48, 30)}, {}),
    "dropout": ("Autoencoder", {"dropout": 0.2, "hidden_dims": (48, 30)}, {}),
    "denoising, normalized, dropout": ("DenoisingAutoencoder", {"batch_norm": True, "dropout": 0.2},
                                       {"corruption": "gaussian", "level": 0.3}),
    "convolutional": ("Autoencoder", CONV, {}),
    "convolutional, normalized, dropout": ("Autoencoder", {**CONV, "batch_norm": True, "dropout": 0.1}, {}),
    "convolutional, variational": ("VariationalAutoencoder", {**CONV, "likelihood": "bernoulli"}, {}),
    "convolutional, sparse": ("SparseAutoencoder", {**CONV, "latent_dim": 100}, {"sparsity": "topk", "k": 30}),
    "recurrent": ("Autoencoder", RECURRENT, {}),
    "recurrent, dropout": ("Autoencoder", {**RECURRENT, "hidden_dims": (30, 20), "dropout": 0.1}, {}),
}
each_model = pytest.mark.parametrize("name", MODELS)
each_twin = pytest.mark.parametrize("twin", TWINS)


def build(twin, name, dtype="float32", seed=1):
    cls, fields, options = MODELS[name]
    kind, own = fields.get("kind", MLP), {k: v for k, v in fields.items() if k != "kind"}
    if kind is MLP:
        own = {"input_dim": 64, "hidden_dims": (48,), "activation": "tanh", **own}
    spec = kind(**{"latent_dim": 24, "dtype": dtype, **own})
    return getattr(TWINS[twin], cls)(spec, **options, seed=seed)


def noise_for(model, n):
    return None if model.noise is None else random.noise(model.noise[0], (n, model.noise[1]), 5)


def as_tensors(twin, model, *arrays):
    return [None if a is None else TWINS[twin].from_numpy(a, model.spec.dtype) for a in arrays]


@pytest.mark.parametrize("dtype, tolerance", [("float32", 1e-5), ("float64", 1e-12)])
@each_model
def test_terms_and_every_gradient_agree(name, dtype, tolerance):
    models = {twin: build(twin, name, dtype) for twin in TWINS}
    eps = noise_for(models["torch"], len(X))
    terms = {}
    for twin, model in models.items():
        x, e = as_tensors(twin, model, X, eps)
        begin_training(twin, model, len(X))
        terms[twin] = {n: TWINS[twin].to_numpy(v).item() for n, v in model.loss_terms(x, e).items()}
    assert terms["torch"].keys() == terms["tensorflow"].keys()
    for term, value in terms["torch"].items():
        assert terms["tensorflow"][term] == pytest.approx(value, rel=tolerance, abs=tolerance)
    (_, a), (_, b) = (weight_gradients(twin, model, X, eps) for twin, model in models.items())
    assert a.keys() == b.keys()
    largest = max(np.abs(g).max() for g in a.values())
    code_bias, fields = [n for n in a if n.startswith("encoder")][-1], MODELS[name][1]
    for weight in a:
        assert np.abs(a[weight]).max() > 0
        if weight == code_bias and "kind" not in fields and fields.get("batch_norm"):  # which takes it out again
            assert max(np.abs(a[weight]).max(), np.abs(b[weight]).max()) < tolerance * largest
        else:
            assert relative(b[weight], a[weight]) < tolerance, weight


@each_model
def test_outputs_agree(name):
    models = {twin: build(twin, name) for twin in TWINS}
    a, b = ((TWINS[t].encode(m, X), TWINS[t].reconstruct(m, X)) for t, m in models.items())
    assert relative(b[0], a[0]) < 1e-5 and relative(b[1], a[1]) < 1e-5


@each_twin
@each_model
def test_calling_a_model_is_decoding_its_codes(name, twin):
    ae, model = TWINS[twin], build(twin, name)
    if twin == "torch":
        model.eval()
    (x,) = as_tensors(twin, model, X)
    out = model(x)
    called = ae.activation("sigmoid", out) if model.spec.likelihood == "bernoulli" else out
    assert relative(ae.to_numpy(called), ae.reconstruct(model, X)) < 1e-6


@each_model
def test_one_step_of_training_agrees(name):
    """float64 gradient descent from equal weights, with equal noise: the weights stay equal to 1e-12."""
    training = Training(steps=1, batch_size=33, optimizer="sgd", learning_rate=2**-7, seed=3)
    weights = []
    for twin, ae in TWINS.items():
        model = build(twin, name, "float64")
        ae.fit(model, X, training)
        weights.append(ae.get_weights(model))
    start = TWINS["torch"].get_weights(build("torch", name, "float64"))
    for weight in start:
        # of the largest weight or of 1e-3: a bias before a normalization only carries rounding
        scale = max(np.abs(weights[0][weight]).max(), 1e-3)
        assert np.abs(weights[1][weight] - weights[0][weight]).max() < 1e-12 * scale, weight
        assert not np.array_equal(start[weight], weights[0][weight])


@each_twin
@each_model
def test_refit_is_bitwise_equal_and_a_last_batch_of_one_is_handled(name, twin):
    runs = []
    for _ in range(2):
        model = build(twin, name)
        history = TWINS[twin].fit(model, X, Training(epochs=2, batch_size=8, seed=4), x_val=X[:5])
        runs.append((TWINS[twin].get_weights(model), history))
    (a, history_a), (b, history_b) = runs
    assert all(np.array_equal(a[n], b[n]) for n in a)
    assert np.array_equal(history_a.step_loss, history_b.step_loss) and history_a.val_loss == history_b.val_loss
    assert len(history_a.step_loss) == 10 and np.isfinite(history_a.step_loss).all()


@each_twin
@each_model
def test_32_examples_are_overfitted(name, twin):
    """A model learns its examples far beyond the mean example, as far as its noise or price allows.

    At full weight of the KL a variational model rightly keeps silent about 32 faint examples.
    """
    model, x = build(twin, name), X[:32]
    if "beta" in model.options:
        model.options["beta"] = 0.01
    TWINS[twin].fit(model, x, Training(steps=800, batch_size=32, learning_rate=3e-3))
    error = metrics.squared_errors(x, TWINS[twin].reconstruct(model, x)).mean()
    baseline = metrics.squared_errors(x, np.broadcast_to(x.mean(0), x.shape)).mean()
    assert error < 0.5 * baseline


@pytest.mark.parametrize("source, target", [("torch", "tensorflow"), ("tensorflow", "torch")])
@each_model
def test_a_file_carries_the_whole_model(name, source, target, tmp_path):
    """Saved in one framework, loaded in the other and in NumPy: the same class, options, codes, reconstructions."""
    model = build(source, name)
    TWINS[source].save(model, tmp_path / "m.safetensors")
    other, plain = TWINS[target].load(tmp_path / "m.safetensors"), aebook.load_numpy(tmp_path / "m.safetensors")
    assert type(other).__name__ == type(model).__name__ and dict(other.options) == dict(model.options)
    assert relative(TWINS[target].encode(other, X), TWINS[source].encode(model, X)) < 1e-5
    assert relative(plain.encode(X), TWINS[source].encode(model, X)) < 1e-5
    assert relative(TWINS[target].reconstruct(other, X), TWINS[source].reconstruct(model, X)) < 1e-5
    assert relative(plain.reconstruct(X), TWINS[source].reconstruct(model, X)) < 1e-5


@each_twin
def test_tied_weights_are_shared(twin):
    """The decoder's matrices are the encoder's, transposed, also after training; its biases are its own."""
    model = build(twin, "tied", "float64")
    TWINS[twin].fit(model, X, Training(steps=20, batch_size=33))
    w = TWINS[twin].get_weights(model)
    assert [n for n in w if n.startswith("decoder")] == [f"decoder.{i}.bias" for i in range(3)]
    h = np.tanh(X @ w["encoder.0.weight"] + w["encoder.0.bias"])
    z = np.tanh(h @ w["encoder.1.weight"] + w["encoder.1.bias"]) @ w["encoder.2.weight"] + w["encoder.2.bias"]
    h = np.tanh(z @ w["encoder.2.weight"].T + w["decoder.0.bias"])
    h = np.tanh(h @ w["encoder.1.weight"].T + w["decoder.1.bias"])
    x_hat = h @ w["encoder.0.weight"].T + w["decoder.2.bias"]
    assert relative(TWINS[twin].reconstruct(model, X), x_hat) < 1e-12
    assert w["decoder.2.bias"].any()
    count = {"torch": lambda: sum(p.numel() for p in model.parameters()), "tensorflow": lambda: model.count_params()}
    assert count[twin]() == sum(array.size for array in w.values())


@each_twin
def test_a_file_with_senseless_options_is_no_model(twin, tmp_path):
    model = build("torch", "denoising, gaussian")
    write_model(tmp_path / "m", "DenoisingAutoencoder", model.spec, TWINS["torch"].get_weights(model),
                {"corruption": "blur", "level": 0.1})
    with pytest.raises(ModelFileError, match="corruption must be one of"):
        TWINS[twin].load(tmp_path / "m")


@each_twin
def test_sparse_codes_are_sparse(twin):
    plain, topk = build(twin, "plain"), build(twin, "sparse, topk")
    assert (TWINS[twin].encode(topk, X) != 0).sum(axis=1).max() <= 30
    assert (TWINS[twin].encode(plain, X) != 0).all()
    kl = build(twin, "sparse, kl")
    before = TWINS[twin].encode(kl, X).mean()
    TWINS[twin].fit(kl, X, Training(steps=400, batch_size=33, learning_rate=3e-3))
    after = TWINS[twin].encode(kl, X).mean()
    assert abs(after - 0.1) < 0.05 < abs(before - 0.1)


@each_twin
def test_contraction_contracts(twin):
    sizes = []
    for strength in (0.0, 1.0):
        model = TWINS[twin].ContractiveAutoencoder(MLP(64, (), 24, latent_activation="sigmoid"), strength)
        TWINS[twin].fit(model, X, Training(steps=300, batch_size=33, learning_rate=3e-3))
        sizes.append(TWINS[twin].evaluate(model, X)["contraction"])
    assert sizes[1] < 0.5 * sizes[0]


@each_twin
def test_kl_warmup_ends_with_the_full_weight(twin):
    model = build(twin, "variational")
    TWINS[twin].fit(model, X, Training(steps=6, batch_size=33, kl_warmup=4))
    terms = TWINS[twin].evaluate(model, X)
    assert terms["loss"] == pytest.approx(terms["reconstruction"] + terms["kl"], rel=1e-6)
    assert Training(steps=6, batch_size=33, kl_warmup=4).kl_weights(33).tolist() == [0.25, 0.5, 0.75, 1, 1, 1]


def test_kl_warmup_takes_the_same_path_in_both():
    training = Training(steps=20, batch_size=33, optimizer="sgd", learning_rate=2**-7, kl_warmup=10)
    losses = [TWINS[t].fit(build(t, "variational", "float64"), X, training).step_loss for t in TWINS]
    full = TWINS["torch"].fit(build("torch", "variational", "float64"), X,
                              Training(steps=20, batch_size=33, optimizer="sgd", learning_rate=2**-7)).step_loss
    assert relative(losses[1], losses[0]) < 1e-12
    assert losses[0][0] < full[0]


def test_samples_and_paths_are_alike_in_both():
    a, b = (build(t, "variational, bernoulli, beta") for t in TWINS)
    torch, tensorflow = TWINS.values()
    assert relative(tensorflow.sample(b, 7, seed=2), torch.sample(a, 7, seed=2)) < 1e-5
    paths = torch.interpolate(a, X[0], X[1], 5), tensorflow.interpolate(b, X[0], X[1], 5)
    assert relative(paths[1], paths[0]) < 1e-5
    np.testing.assert_allclose(paths[0][[0, -1]], torch.reconstruct(a, X[:2]), rtol=1e-5, atol=1e-6)
    assert relative(tensorflow.log_likelihood(b, X, 5), torch.log_likelihood(a, X, 5)) < 1e-5


@each_twin
@pytest.mark.parametrize("n, message", [(0, "at least 1, not 0"), (2.5, "a whole number, not 2.5")])
def test_a_number_of_samples_that_makes_no_sense_is_named(n, message, twin):
    ae, model = TWINS[twin], build(twin, "variational")
    for name, draw in [("n", lambda: ae.sample(model, n)), ("steps", lambda: ae.interpolate(model, X[0], X[1], n)),
                       ("samples", lambda: ae.log_likelihood(model, X, n))]:
        with pytest.raises(DataError, match=f"{name} must be {message}"):
            draw()


@each_twin
@pytest.mark.parametrize("name", ["variational"])
def test_importance_weighting_tightens_the_bound(name, twin):
    """Between the ELBO and the bound of 200 samples lies the bound of 5, on average over examples."""
    model = build(twin, name)
    TWINS[twin].fit(model, X, Training(steps=200, batch_size=33))
    elbo = -np.mean([-TWINS[twin].log_likelihood(model, X, 1, seed=s).mean() for s in range(50)])
    five, many = (TWINS[twin].log_likelihood(model, X, k).mean() for k in (5, 200))
    assert elbo < five < many
    assert elbo == pytest.approx(-TWINS[twin].evaluate(model, X)["loss"] - 32 * np.log(np.pi), abs=1)


@each_twin
def test_a_linear_autoencoder_reaches_the_subspace_and_the_error_of_pca(twin):
    rng = np.random.default_rng(1)
    x = (rng.normal(size=(1000, 12)) * np.array([4, 3.5, 3, 2.5] + [0.8] * 8)).astype("f")
    x = (x - x.mean(0)) @ np.linalg.qr(rng.normal(size=(12, 12)))[0].astype("f")
    model = TWINS[twin].Autoencoder(MLP(12, (), 4))
    TWINS[twin].fit(model, x, Training(steps=3000, batch_size=1000, learning_rate=1e-2, schedule="cosine"))
    decoder = TWINS[twin].get_weights(model)["decoder.0.weight"].T
    _, _, components = np.linalg.svd(x - x.mean(0), full_matrices=False)
    from scipy.linalg import subspace_angles
    assert np.degrees(subspace_angles(decoder, components[:4].T)).max() < 1
    assert TWINS[twin].evaluate(model, x)["loss"] == pytest.approx(metrics.pca_error(x, x, 4), rel=1e-3)


@each_twin
@pytest.mark.parametrize("cls, fields, options, word", [
    ("DenoisingAutoencoder", {}, {"corruption": "blur"}, "salt_and_pepper"),
    ("DenoisingAutoencoder", {}, {"level": -1}, "level"),
    ("DenoisingAutoencoder", {}, {"corruption": "masking", "level": 1.5}, "level"),
    ("SparseAutoencoder", {}, {"sparsity": "l0"}, "topk"),
    ("SparseAutoencoder", {}, {"strength": float("nan")}, "strength"),
    ("SparseAutoencoder", {}, {"sparsity": "kl"}, "latent_activation='sigmoid'"),
    ("SparseAutoencoder", {"latent_activation": "sigmoid"}, {"sparsity": "kl", "rho": 1.0}, "rho"),
    ("SparseAutoencoder", {}, {"sparsity": "topk", "k": 9}, "latent_dim = 8"),
    ("ContractiveAutoencoder", {}, {}, "hidden_dims"),
    ("ContractiveAutoencoder", {"hidden_dims": ()}, {"strength": -1}, "strength"),
    ("VariationalAutoencoder", {}, {"beta": -0.5}, "beta"),
    ("VariationalAutoencoder", {"latent_activation": "relu"}, {}, "latent_activation"),
    ("VariationalAutoencoder", {"tied": True}, {}, "tied"),
])
def test_senseless_options(cls, fields, options, word, twin):
    with pytest.raises(SpecError, match=word):
        getattr(TWINS[twin], cls)(MLP(**{"input_dim": 64, "hidden_dims": (16,), "latent_dim": 8} | fields), **options)
