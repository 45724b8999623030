"""Training choices mean the same in both frameworks: optimizers, schedules, penalties, clipping, early stopping."""
import numpy as np
import pytest
from helpers import TWINS, digits_like, relative

from aebook.errors import SpecError
from aebook.specs import MLP, OPTIMIZERS, Training

X = digits_like(200)
SMOOTH = MLP(64, (32,), 8, activation="tanh", dtype="float64")
RATE = 2**-9  # exact in the float32 in which Keras holds a learning rate
# Largest relative difference of the loss in float64, over how many steps, and why it is not rounding:
PATHS = {
    "sgd": (1e-12, 300, "nothing differs"),
    "momentum": (1e-12, 300, "nothing differs while the rate is constant"),
    "rmsprop": (1e-5, 100, "Keras holds rho in float32: 3e-9 at first, 3e-7 after 100 steps, up to 7e-4 by 300; with "
                           "rho = 0.875, exact in float32, 6e-7 after 300"),
    "adam": (1e-4, 300, "epsilon is added before the bias correction in Keras, after it in PyTorch; betas are float32; "
                        "measured 4e-6"),
    "adamw": (1e-4, 300, "as adam"),
}


def run(twin, spec=SMOOTH, x=X, seed=0, x_val=None, **choices):
    model = TWINS[twin].Autoencoder(spec, seed=seed)
    history = TWINS[twin].fit(model, x, Training(**{"steps": 300, "batch_size": 50, "learning_rate": RATE} | choices),
                              x_val=x_val)
    return TWINS[twin].get_weights(model), history


def test_every_optimizer_is_compared():
    assert tuple(PATHS) == OPTIMIZERS


@pytest.mark.parametrize("optimizer", PATHS)
def test_both_frameworks_walk_the_same_path(optimizer):
    tolerance, steps, _ = PATHS[optimizer]
    choices = {"optimizer": optimizer, "momentum": 0.875, "steps": steps}
    if optimizer == "adamw":
        choices["weight_decay"] = 0.5
    (_, a), (_, b) = (run(twin, **choices) for twin in TWINS)
    worst = np.max(np.abs(a.step_loss - b.step_loss) / a.step_loss)
    print(f"{optimizer}: largest relative difference of the loss {worst:.1e} over {steps} steps")
    assert worst < tolerance
    assert a.step_loss[-10:].mean() < 0.9 * a.step_loss[:10].mean(), "nothing was learned"


@pytest.mark.parametrize("twin", TWINS)
def test_optimizers_differ_from_each_other(twin):
    losses = {o: run(twin, optimizer=o, steps=50)[1].step_loss[-1] for o in ("sgd", "momentum", "rmsprop", "adam")}
    assert len(set(losses.values())) == 4


@pytest.mark.parametrize("choices", [{"l2": 0.01}, {"l1": 0.01}, {"l1": 0.003, "l2": 0.003}, {"clip_norm": 0.5},
                                     {"schedule": "cosine"}, {"schedule": "exponential"}], ids=str)
def test_choices_take_the_same_path_and_change_it(choices):
    """Plain gradient descent in float64. A scheduled rate is held in float32 by Keras: 6e-8 of each step."""
    (weights_a, a), (weights_b, b) = (run(twin, optimizer="sgd", steps=60, **choices) for twin in TWINS)
    _, plain = run("torch", optimizer="sgd", steps=60)
    tolerance = 1e-6 if "schedule" in choices else 1e-12
    assert relative(b.step_loss, a.step_loss) < tolerance
    assert all(relative(weights_b[n], weights_a[n]) < tolerance for n in weights_a)
    assert not np.array_equal(a.step_loss, plain.step_loss)


@pytest.mark.parametrize("twin", TWINS)
def test_penalties_shrink_the_weights_and_spare_the_biases(twin):
    def size(weights, kind):
        return sum(np.abs(w).sum() for n, w in weights.items() if n.endswith(kind))
    plain, l1, l2 = (run(twin, optimizer="sgd", **c)[0] for c in ({}, {"l1": 0.1}, {"l2": 0.1}))
    assert size(l1, "weight") < 0.8 * size(plain, "weight") and size(l2, "weight") < 0.95 * size(plain, "weight")
    assert size(l1, "bias") > 0.8 * size(plain, "bias") and size(l2, "bias") > 0.95 * size(plain, "bias")


@pytest.mark.parametrize("twin", TWINS)
def test_l2_is_the_decay_that_its_name_says(twin):
    """One step of gradient descent on l2 alone multiplies every weight by 1 - 2 rate l2."""
    spec = MLP(4, (), 2, dtype="float64")
    before = TWINS[twin].get_weights(TWINS[twin].Autoencoder(spec))
    zero, penalized = (run(twin, spec, np.zeros((5, 4)), steps=1, optimizer="sgd", l2=c)[0] for c in (0.0, 0.25))
    for name in before:
        factor = 1 - 2 * RATE * 0.25 if name.endswith("weight") else 1
        np.testing.assert_allclose(penalized[name] - zero[name], (factor - 1) * before[name], atol=1e-15)


@pytest.mark.parametrize("twin", TWINS)
def test_decoupled_decay_is_the_same_for_large_and_small_gradients(twin):
    spec = MLP(4, (), 2, dtype="float64")
    before = TWINS[twin].get_weights(TWINS[twin].Autoencoder(spec))["encoder.0.weight"]
    plain, decayed = (run(twin, spec, X[:, :4], steps=1, optimizer=o, **c)[0]["encoder.0.weight"]
                      for o, c in (("adam", {}), ("adamw", {"weight_decay": 0.5})))
    np.testing.assert_allclose(decayed - plain, -RATE * 0.5 * before, rtol=1e-6, atol=1e-12)


@pytest.mark.parametrize("twin", TWINS)
def test_a_clipped_step_has_the_length_that_was_asked_for(twin):
    before = TWINS[twin].get_weights(TWINS[twin].Autoencoder(SMOOTH))
    after, _ = run(twin, optimizer="sgd", steps=1, clip_norm=0.5)
    length = np.sqrt(sum(np.sum((after[n] - before[n]) ** 2) for n in before))
    assert length == pytest.approx(0.5 * RATE, rel=1e-9)


@pytest.mark.parametrize("fields", [{"optimizer": "adam"}, {"optimizer": "adamw", "weight_decay": 0.3}], ids=str)
def test_adam_in_pytorch_is_the_stock_one_bit_for_bit(fields):
    """Also after its state went through a state_dict, which gives each weight a count of its own."""
    import torch
    lean, stock = TWINS["torch"].Autoencoder(SMOOTH), TWINS["torch"].Autoencoder(SMOOTH)
    options = {"lr": RATE, "eps": 1e-8, "fused": True}
    ours = TWINS["torch"].optimizer(lean, Training(learning_rate=RATE, **fields))
    theirs = (torch.optim.Adam(stock.parameters(), **options) if fields["optimizer"] == "adam"
              else torch.optim.AdamW(stock.parameters(), **options, weight_decay=0.3))
    x = TWINS["torch"].from_numpy(X, "float64")
    for step in range(6):
        for model, update in ((lean, ours), (stock, theirs)):
            update.zero_grad()
            model.loss_terms(x)["loss"].backward()
            update.step()
        if step == 2:
            ours.load_state_dict(ours.state_dict())
    assert all(torch.equal(a, b) for a, b in zip(lean.parameters(), stock.parameters()))
    assert {int(state["step"]) for state in ours.state_dict()["state"].values()} == {6}


@pytest.mark.parametrize("fields", [{"optimizer": "adam"}, {"optimizer": "adamw", "weight_decay": 0.3}], ids=str)
def test_adam_in_tensorflow_takes_the_steps_of_the_stock_one(fields):
    """float32, 20 steps: Keras rounds elsewhere than the kernel; measured 7e-6 of each tensor's largest weight."""
    import keras
    import tensorflow as tf
    ae, spec = TWINS["tensorflow"], MLP(64, (32,), 8, activation="tanh")
    fused, stock = ae.Autoencoder(spec), ae.Autoencoder(spec)
    ours = ae.optimizer(fused, Training(learning_rate=RATE, **fields))
    theirs = (keras.optimizers.Adam(RATE, epsilon=1e-8) if fields["optimizer"] == "adam"
              else keras.optimizers.AdamW(RATE, epsilon=1e-8, weight_decay=0.3))
    for _ in range(20):
        for model, update in ((fused, ours), (stock, theirs)):
            with tf.GradientTape() as tape:
                loss = model.loss_terms(tf.constant(X))["loss"]
            update.apply(tape.gradient(loss, model.trainable_variables), model.trainable_variables)
    a, b, start = (ae.get_weights(model) for model in (fused, stock, ae.Autoencoder(spec)))
    worst = max(relative(a[n], b[n]) for n in a)
    print(f"{fields}: {worst:.1e}")
    assert worst < 1e-4 and all(relative(start[n], a[n]) > 1e-2 for n in a)


def test_schedules():
    rates = {s: Training(steps=101, learning_rate=0.5, schedule=s).learning_rates(10)
             for s in ("constant", "cosine", "exponential")}
    assert all(r[0] == 0.5 and len(r) == 101 for r in rates.values())
    assert rates["constant"][-1] == 0.5
    assert rates["cosine"][-1] < 1e-3 and rates["cosine"][50] == pytest.approx(0.25, rel=0.03)
    assert rates["exponential"][-1] == pytest.approx(0.005, rel=0.06)


@pytest.mark.parametrize("twin", TWINS)
def test_early_stopping_returns_to_the_best_epoch(twin):
    """20 examples are soon learned by heart: the validation loss falls, rises, and the run ends."""
    spec = MLP(64, (64,), 32)
    train, val = X[:20], X[100:150]
    model = TWINS[twin].Autoencoder(spec)
    budget = {"epochs": 400, "batch_size": 10, "learning_rate": 3e-3}
    history = TWINS[twin].fit(model, train, Training(**budget, patience=5), x_val=val)
    assert len(history.loss) < 400
    assert history.best_epoch == 1 + int(np.argmin(history.val_loss)) == len(history.loss) - 5
    assert TWINS[twin].evaluate(model, val)["loss"] == pytest.approx(min(history.val_loss), rel=1e-6)


@pytest.mark.parametrize("twin", TWINS)
def test_early_stopping_needs_something_to_watch(twin):
    with pytest.raises(SpecError, match="pass x_val"):
        run(twin, patience=3)


def test_early_stopping_stops_at_the_same_epoch_in_both():
    epochs = [run(twin, MLP(64, (64,), 32, activation="tanh"), X[:20], x_val=X[100:150], steps=None, epochs=200,
                  batch_size=10, learning_rate=2**-8, patience=5)[1].best_epoch for twin in TWINS]
    assert epochs[0] == epochs[1] is not None


@pytest.mark.parametrize("fields, word", [
    ({"schedule": "linear"}, "cosine"), ({"momentum": 1.0}, "momentum"), ({"rho": -0.1}, "rho"),
    ({"weight_decay": 0.1}, "belongs to 'adamw'"), ({"optimizer": "adamw", "weight_decay": -1}, "weight_decay"),
    ({"l1": -1}, "l1"), ({"l2": float("inf")}, "l2"), ({"clip_norm": 0}, "clip_norm"), ({"kl_warmup": -1}, "kl_warmup"),
    ({"patience": 0}, "patience"),
])
def test_senseless_choices(fields, word):
    with pytest.raises(SpecError, match=word):
        Training(**fields)
