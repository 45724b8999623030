"""An encoder and a decoder of one's own, in every model class and everywhere a model goes."""
import keras
import numpy as np
import pytest
from helpers import TWINS, digits_like
from torch import nn

from aebook.errors import ModelFileError, SpecError
from aebook.specs import MLP, Custom, Training

X = digits_like(40)
each_twin = pytest.mark.parametrize("twin", TWINS)


class Plain(keras.layers.Layer):
    """A layer that knows no argument `training`."""

    def __init__(self, units):
        super().__init__()
        self.inner = keras.layers.Dense(units)

    def call(self, x):
        return self.inner(x)


def pair(twin, code=5):
    if twin == "torch":
        return (nn.Sequential(nn.Linear(64, 20), nn.BatchNorm1d(20), nn.ReLU(), nn.Linear(20, code)),
                nn.Sequential(nn.Linear(5, 20), nn.ReLU(), nn.Dropout(0.1), nn.Linear(20, 64)))
    return (keras.Sequential([keras.layers.Dense(20), keras.layers.BatchNormalization(), keras.layers.ReLU(),
                              keras.layers.Dense(code)]),
            keras.Sequential([keras.layers.Dense(20, "relu"), keras.layers.Dropout(0.1), Plain(64)]))


def build(twin, cls="Autoencoder", code=5, **options):
    encoder, decoder = pair(twin, code)
    return getattr(TWINS[twin], cls)(Custom(64, 5), encoder=encoder, decoder=decoder, **options)


@each_twin
@pytest.mark.parametrize("cls, code, options", [
    ("Autoencoder", 5, {}), ("DenoisingAutoencoder", 5, {"corruption": "masking"}), ("VariationalAutoencoder", 10, {}),
    ("SparseAutoencoder", 5, {"sparsity": "topk", "k": 2})])
def test_every_class_trains_it(cls, code, options, twin):
    ae, model = TWINS[twin], build(twin, cls, code, **options)
    before = ae.evaluate(model, X)["reconstruction"]
    ae.fit(model, X, Training(steps=300, batch_size=20, learning_rate=1e-2, l2=1e-5))
    assert ae.evaluate(model, X)["reconstruction"] < 0.7 * before
    assert ae.encode(model, X).shape == (40, 5) and ae.reconstruct(model, X).shape == X.shape


@each_twin
def test_its_layers_know_whether_they_train(twin):
    """Running statistics move in `fit` and only there; dropout does nothing in use."""
    ae, model = TWINS[twin], build(twin)

    def statistics():
        return {n: a for n, a in ae.get_weights(model).items() if "running" in n or "moving" in n}
    before = statistics()
    assert np.array_equal(ae.reconstruct(model, X), ae.reconstruct(model, X))
    assert len(before) >= 2 and all(np.array_equal(before[n], a) for n, a in statistics().items())
    ae.fit(model, X, Training(steps=3))
    assert any(not np.array_equal(before[n], a) for n, a in statistics().items())


@each_twin
@pytest.mark.parametrize("optimizer", ["adam", "adamw", "momentum", "rmsprop"])
def test_a_frozen_encoder_stays_as_it_is(optimizer, twin):
    ae, (encoder, decoder) = TWINS[twin], pair(twin)
    model = ae.Autoencoder(Custom(64, 5), encoder=encoder, decoder=decoder)
    if twin == "torch":
        encoder.requires_grad_(False)
    else:
        encoder.trainable = False
    before = ae.get_weights(model)
    ae.fit(model, X, Training(steps=3, optimizer=optimizer, clip_norm=1.0))
    changed = {n for n, a in ae.get_weights(model).items() if not np.array_equal(before[n], a)}
    assert changed and not any(n.startswith("encoder") and "running" not in n and "num_batches" not in n
                               for n in changed)


@each_twin
def test_early_stopping_returns_to_its_best_weights(twin):
    ae, model = TWINS[twin], build(twin)
    history = ae.fit(model, X, Training(epochs=30, learning_rate=0.3, patience=2), x_val=X[:10])
    assert ae.evaluate(model, X[:10])["loss"] == pytest.approx(min(history.val_loss), rel=1e-5)


@each_twin
def test_its_weights_move_between_models_of_its_kind(twin):
    ae, a, b = TWINS[twin], build(twin), build(twin)
    ae.set_weights(b, ae.get_weights(a))
    np.testing.assert_array_equal(ae.encode(a, X), ae.encode(b, X))


@each_twin
def test_it_has_no_file_format(twin, tmp_path):
    with pytest.raises(ModelFileError, match="state_dict"):
        TWINS[twin].save(build(twin), tmp_path / "m")
    assert not list(tmp_path.iterdir())


@each_twin
def test_what_does_not_fit_is_told(twin):
    ae, (encoder, decoder) = TWINS[twin], pair(twin)
    for arguments, words in [
        (({}), "needs encoder="), ({"encoder": encoder}, "needs decoder="),
        ({"encoder": encoder, "decoder": lambda z: z}, "needs decoder="),
        ({"encoder": pair(twin, 6)[0], "decoder": decoder}, r"into \(2, 6\).*need \(2, 5\)"),
        ({"encoder": decoder, "decoder": decoder}, r"encoder (fails on|turns) an input of shape \(2, 64\)"),
    ]:
        with pytest.raises(SpecError, match=words):
            ae.Autoencoder(Custom(64, 5), **arguments)
    with pytest.raises(SpecError, match=r"Custom\(input_dim=64, latent_dim=5\)"):
        ae.Autoencoder(MLP(64, (), 5), encoder=encoder, decoder=decoder)
    with pytest.raises(SpecError, match="float64"):
        ae.Autoencoder(Custom(64, 5, dtype="float64"), encoder=encoder, decoder=decoder)
