"""diagnose names each failure of the gallery in both frameworks, and is silent where there is none."""
from dataclasses import replace

import numpy as np
import pytest
from helpers import TWINS

from aebook import data
from aebook.diagnosis import Findings, Layer, Norm, Readings, judge
from aebook.errors import DataError, NonFiniteLossError, SpecError
from aebook.history import History
from aebook.specs import MLP, Conv, Custom, Recurrent, Training

X = data.load("digits").x_train
VAL, X = X[-200:], X[:800]
SPEC = MLP(64, (32,), 8)
DEEP = replace(SPEC, hidden_dims=(32, 32, 32), activation="sigmoid")
TANH = replace(SPEC, activation="tanh")
COINS = replace(SPEC, likelihood="bernoulli")
GOOD = Training(steps=400, batch_size=32, learning_rate=3e-3)
SHORT = replace(GOOD, steps=100)
SGD = replace(GOOD, optimizer="sgd", learning_rate=3e-2)


def plain(spec):
    return lambda ae: ae.Autoencoder(spec)


def variational(beta=1.0, averaged=False):
    def build(ae):
        class Averaged(ae.VariationalAutoencoder):
            def reconstruction_loss(self, x, out):
                return super().reconstruction_loss(x, out) / 64
        return (Averaged if averaged else ae.VariationalAutoencoder)(COINS, beta=beta)
    return build


def limited(k):
    return lambda ae: ae.SparseAutoencoder(MLP(64, (), 256, latent_activation="relu"), "topk", k=k)


PLAIN, BELIEVER, NORMAL = plain(SPEC), variational(), plain(replace(SPEC, batch_norm=True))

# what is found -> how to build the model, data, training; and the same of the repaired run
GALLERY = {
    "exploding loss": ((PLAIN, X, replace(SGD, learning_rate=1.0)), (PLAIN, X, SGD)),
    "step too small or not finished": ((PLAIN, X, replace(SHORT, learning_rate=1e-5)), (PLAIN, X, GOOD)),
    "stuck at the mean image": ((plain(DEEP), X, replace(SGD, steps=200)),
                                (plain(replace(DEEP, batch_norm=True)), X, SGD)),
    "dead units": ((PLAIN, X, replace(SHORT, learning_rate=0.2)), (PLAIN, X, GOOD)),
    "saturated units": ((plain(TANH), 255 * X, SHORT), (plain(TANH), X, GOOD)),
    "data not scaled": ((PLAIN, 255 * X, SHORT), (PLAIN, X, GOOD)),
    "sum-mean slip": ((variational(averaged=True), X, SHORT), (BELIEVER, X, GOOD)),
    "collapsed posterior": ((variational(30), X, SHORT), (BELIEVER, X, GOOD)),
    "partly collapsed posterior": ((variational(2), X, GOOD), (BELIEVER, X, GOOD)),
    "overfitting": ((plain(replace(SPEC, hidden_dims=(128,))), X[:40], GOOD), (PLAIN, X, GOOD)),
    "unsettled batch statistics": ((NORMAL, X,
                                    replace(GOOD, steps=8, learning_rate=3e-2)),
                                   (NORMAL, X, GOOD)),
}
done = {}


def run(twin, build, x, training):
    """What diagnose finds after a run; each run is made once."""
    key = twin, id(build), len(x), float(x.max()), training
    if key not in done:
        ae = TWINS[twin]
        model = build(ae)
        try:
            history = ae.fit(model, x, training, VAL * (x.max() / X.max()), progress=False)
        except NonFiniteLossError as error:
            history = error.history
        done[key] = ae.diagnose(history, model, x)
    return done[key]


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("name", GALLERY)
def test_the_failure_is_recognized_and_the_repaired_run_is_clean(name, twin):
    failed, repaired = GALLERY[name]
    findings = run(twin, *failed)
    assert name in findings.names, f"{findings}\n{findings.numbers}"
    assert findings.names in ([name], ["data not scaled", name])
    lines = str(findings).splitlines()
    assert lines[0].startswith(findings.names[0]) and max(map(len, lines)) <= 78
    assert findings[0].remedy in " ".join(str(findings).split())
    clean = run(twin, *repaired)
    assert clean == [], f"{clean}\n{clean.numbers}"
    assert str(clean) == "No finding."


def history_of(ae, model, x):
    return ae.fit(model, x, Training(steps=30, batch_size=32), x_val=x, progress=False)


SPECS = {"mlp": SPEC, "sigmoid": replace(SPEC, activation="sigmoid", output="sigmoid", batch_norm=True),
         "elu": replace(SPEC, activation="elu", dropout=0.2), "gelu": replace(SPEC, activation="gelu", tied=True),
         "conv": Conv((8, 8, 1), (4, 8), 8, batch_norm=True, dropout=0.1),
         "recurrent": Recurrent((8, 8), (12, 6), 4, dropout=0.1), "float64": replace(COINS, dtype="float64")}
MODELS = {**{name: plain(spec) for name, spec in SPECS.items()}, "topk": limited(3), "variational": variational(),
          "conv variational": lambda ae: ae.VariationalAutoencoder(SPECS["conv"]),
          "denoising": lambda ae: ae.DenoisingAutoencoder(SPEC), "contractive": lambda ae: ae.ContractiveAutoencoder(
              MLP(64, (), 8, latent_activation="sigmoid"))}


@pytest.mark.parametrize("name", MODELS)
def test_the_same_weights_give_the_same_findings(name):
    """And the model is left as it was, running statistics included."""
    first, second = (MODELS[name](ae) for ae in TWINS.values())
    history = history_of(TWINS["torch"], first, X[:200])
    weights = TWINS["torch"].get_weights(first)
    TWINS["tensorflow"].set_weights(second, weights)
    a, b = (ae.diagnose(history, model, X) for ae, model in zip(TWINS.values(), (first, second)))
    assert a == b and a.left_out == b.left_out and a.numbers.keys() == b.numbers.keys()
    np.testing.assert_allclose(list(a.numbers.values()), list(b.numbers.values()), rtol=2e-4, atol=1e-6)
    for ae, model in zip(TWINS.values(), (first, second)):
        after = ae.get_weights(model)
        assert all(np.array_equal(after[key], weights[key]) for key in weights)


def test_every_hidden_layer_is_read():
    for name, layers in {"mlp": 2, "conv": 4, "recurrent": 4, "elu": 2}.items():
        model = MODELS[name](TWINS["torch"])
        found = TWINS["torch"].diagnose(History(loss=[2.0, 1.0]), model, X)
        assert sum("units, " in key for key in found.numbers) == layers, found.numbers


@pytest.mark.parametrize("twin", TWINS)
def test_a_history_that_ended_in_an_error_is_kept(twin):
    ae = TWINS[twin]
    model = ae.Autoencoder(SPEC)
    with pytest.raises(NonFiniteLossError) as caught:
        ae.fit(model, X, Training(epochs=3, optimizer="sgd", learning_rate=10.0), progress=False)
    history = caught.value.history
    assert len(history.step_loss) and not np.isfinite(history.step_loss[-1])
    findings = ae.diagnose(history, model, X)
    assert findings.names == ["exploding loss"] and "at step" in findings[0].symptom
    assert "units and reconstructions" in findings.left_out


@pytest.mark.parametrize("twin", TWINS)
def test_data_of_another_kind_than_in_training_are_noticed(twin):
    """As after training on corrupted data only: the loss is good, the reconstructions are not."""
    ae = TWINS[twin]
    model = ae.Autoencoder(SPEC)
    history = ae.fit(model, X, GOOD, VAL, progress=False)
    assert ae.diagnose(history, model, X) == []
    assert ae.diagnose(history, model, X[:, ::-1]).names == ["worse in use than in training"]


@pytest.mark.parametrize("twin", TWINS)
def test_of_a_pair_of_ones_own_the_hidden_units_are_left_out(twin):
    ae = TWINS[twin]
    if twin == "torch":
        from torch import nn
        pair = {"encoder": nn.Linear(64, 4), "decoder": nn.Linear(4, 64)}
    else:
        import keras
        pair = {"encoder": keras.layers.Dense(4), "decoder": keras.layers.Dense(64)}
    model = ae.Autoencoder(Custom(64, 4), **pair)
    found = ae.diagnose(ae.fit(model, X, Training(steps=20), progress=False), model, X)
    assert set(found.left_out) == {"hidden units", "overfitting"}
    assert "Not checked: hidden units (an encoder and decoder of your own)" in str(found)


@pytest.mark.parametrize("twin", TWINS)
def test_dead_units_of_a_code_limited_by_a_rule(twin):
    ae = TWINS[twin]
    model = limited(2)(ae)
    weights = ae.get_weights(model)
    weights["encoder.0.bias"][10:] = -100
    ae.set_weights(model, weights)
    found = ae.diagnose(History(loss=[2.0, 1.0]), model, X)
    assert found.names == ["dead units"] and "256 units of code" in found[0].symptom


@pytest.mark.parametrize("twin", TWINS)
def test_bad_input_is_refused(twin):
    ae = TWINS[twin]
    model, history = ae.Autoencoder(SPEC), History(loss=[1.0])
    for bad, words in ((X[0], "For one example"), (X[:1], "one example"), (X[:, :5], "expects"), ([], "shape"),
                       (np.full_like(X, np.nan), "not finite"), (X.astype(str), "dtype")):
        with pytest.raises(DataError, match=words):
            ae.diagnose(history, model, bad)
    with pytest.raises(DataError, match="outside"):
        ae.diagnose(history, ae.Autoencoder(COINS), 255 * X)
    for bad in ([1.0, 0.5], None, {"loss": [1.0]}):
        with pytest.raises(DataError, match="history must be the History"):
            ae.diagnose(bad, model, X)
    other = TWINS["tensorflow" if twin == "torch" else "torch"]
    for bad in (other.Autoencoder(SPEC), None, SPEC):
        with pytest.raises(SpecError, match=f"aebook.{twin}"):
            ae.diagnose(history, bad, X)


# The rules alone, on made-up readings

GOOD_X = np.random.default_rng(0).random((50, 6))


def names(history=None, **changes):
    readings = Readings(GOOD_X, GOOD_X + 0.01)
    for field, value in changes.items():
        setattr(readings, field, value)
    return judge(history or History(loss=[4.0, 2.0, 1.0]), readings).names


def test_a_curve_that_comes_back_is_not_exploding():
    assert names(History(loss=[1.0, 50.0, 2.0, 0.9])) == []
    assert names(History(loss=[4.0, 1.0, 2.0])) == ["exploding loss"]
    assert names(History(loss=[1.0, np.nan])) == names(History(loss=[np.inf])) == ["exploding loss"]
    assert names(History()) == [] == names(History(loss=[3.0]))


def test_overfitting_is_judged_where_the_weights_come_from():
    rising = {"loss": [4.0, 2.0, 1.0], "val_loss": [4.0, 3.0, 3.5]}
    assert names(History(**rising)) == ["overfitting"]
    assert names(History(**rising, best_epoch=2)) == []
    assert names(History(loss=[4.0, 2.0, 1.0], val_loss=[4.0, 3.0, 2.5])) == ["overfitting"]
    assert names(History(loss=[4.0, 2.0, 1.0], val_loss=[4.0, 2.0, np.nan])) == []


def test_data_that_do_not_vary_and_outputs_that_cannot_follow():
    assert names(x=np.ones((50, 6)), x_hat=np.ones((50, 6))) == []
    assert names(x=np.zeros((50, 6)), x_hat=np.zeros((50, 6))) == []
    assert names(x=GOOD_X - 0.5, bounded=True) == ["data not scaled"]
    assert names(x=GOOD_X / 1000, x_hat=GOOD_X / 1000) == ["data not scaled"]
    assert names(x=np.round(GOOD_X), x_hat=np.ones((50, 6)), bounded=True) == ["saturated units"]


@pytest.mark.parametrize("activation, off, on", [
    ("relu", 0.0, 0.1), ("elu", -0.99, -0.5), ("gelu", -1e-4, 0.1), ("sigmoid", 0.001, 0.1), ("tanh", -0.99, 0.5)])
def test_units_of_each_kind_get_stuck_in_their_way(activation, off, on):
    h = np.full((20, 10), off)
    assert Layer("encoder.0", activation, h).stuck()[1] == 1
    assert names(layers=[Layer("encoder.0", activation, h)])[0] in ("dead units", "saturated units")
    h[:5] = on
    assert Layer("encoder.0", activation, h).stuck()[1] == 0
    assert Layer("encoder.0", "leaky_relu", h).stuck() is None


def test_the_weight_of_the_divergence_is_measured_on_both_terms():
    """A divergence that is averaged, too, cancels the slip."""
    mu = np.random.default_rng(1).normal(size=(50, 2))
    posterior, kl = (mu, 0 * mu), np.mean(np.sum(mu**2, axis=1)) / 2
    true = np.mean(np.sum((0.01 * np.ones((50, 6))) ** 2, axis=1))
    for reconstruction, divergence, expected in ((true, kl, 1), (true / 6, kl, 6), (true / 6, kl / 6, 1)):
        readings = Readings(GOOD_X, GOOD_X + 0.01, posterior=posterior,
                            terms={"reconstruction": reconstruction, "kl": divergence})
        found = judge(History(loss=[2.0, 1.0]), readings)
        assert found.numbers["weight of the KL"] == pytest.approx(expected)
        assert found.names == (["sum-mean slip"] if expected == 6 else [])


def test_norms_and_findings_print():
    ones = np.ones(3)
    assert Norm("encoder.0", ones, ones, ones, ones).off() == 0
    assert names(norms=[Norm("encoder.0", ones, 9 * ones, ones, ones)]) == ["unsettled batch statistics"]
    assert str(Findings()) == "No finding."
