"""Training: it learns, it repeats itself bitwise, and both frameworks walk the same path."""
import numpy as np
import pytest
from helpers import TWINS, digits_like, relative

from aebook import metrics
from aebook.errors import DataError, NonFiniteLossError
from aebook.specs import MLP, Training

X = digits_like(200)
SPEC = MLP(64, (32,), 8)


def trained(twin, spec, x, training, seed=0, **options):
    model = TWINS[twin].Autoencoder(spec, seed=seed)
    return model, TWINS[twin].fit(model, x, training, **options)


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("likelihood", ["gaussian", "bernoulli"])
def test_thirty_two_examples_are_overfitted(likelihood, twin):
    """40 numbers hold 32 examples without loss; the mean example and an untrained model do not."""
    x = X[:32]
    spec = MLP(64, (128,), 40, likelihood=likelihood)
    model, history = trained(twin, spec, x, Training(steps=1500, batch_size=32, learning_rate=3e-3))
    error = metrics.squared_errors(x, TWINS[twin].reconstruct(model, x)).mean()
    baseline = metrics.squared_errors(x, np.broadcast_to(x.mean(0), x.shape)).mean()
    assert error < 0.02 * baseline
    assert history.loss[-1] < history.loss[0]


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_same_seed_is_bitwise_equal(optimizer, twin):
    training = Training(epochs=2, batch_size=64, optimizer=optimizer)  # 200 = 3 * 64 + 8: the last batch is smaller
    (a, history_a), (b, history_b) = (trained(twin, SPEC, X, training) for _ in range(2))
    weights_a, weights_b = TWINS[twin].get_weights(a), TWINS[twin].get_weights(b)
    assert all(np.array_equal(weights_a[n], weights_b[n]) for n in weights_a)
    assert np.array_equal(history_a.step_loss, history_b.step_loss)
    _, other = trained(twin, SPEC, X, Training(epochs=2, batch_size=64, optimizer=optimizer, seed=1))
    assert not np.array_equal(history_a.step_loss, other.step_loss)


@pytest.mark.parametrize("twin", TWINS)
def test_history(twin):
    model, history = trained(twin, SPEC, X, Training(epochs=3, batch_size=64), x_val=X[:50])
    assert len(history.loss) == len(history.val_loss) == len(history.seconds) == 3
    assert len(history.step_loss) == 3 * 4
    assert history.loss[0] == pytest.approx(np.average(history.step_loss[:4], weights=[64, 64, 64, 8]))
    assert history.val_loss[-1] == pytest.approx(TWINS[twin].evaluate(model, X[:50])["loss"])
    assert history.loss[-1] < history.loss[0]


@pytest.mark.parametrize("twin", TWINS)
@pytest.mark.parametrize("n, batch_size", [(129, 128), (5, 128), (1, 1), (128, 128)])
def test_odd_batches(n, batch_size, twin):
    """A last batch of one, a batch larger than the data, a single example."""
    _, history = trained(twin, SPEC, X[:n], Training(epochs=2, batch_size=batch_size))
    assert len(history.step_loss) == 2 * -(-n // batch_size) and np.isfinite(history.step_loss).all()


@pytest.mark.parametrize("twin", TWINS)
def test_budget_in_steps(twin):
    _, history = trained(twin, SPEC, X, Training(steps=7, batch_size=64))
    assert len(history.step_loss) == 7 and len(history.loss) == 2
    _, whole = trained(twin, SPEC, X, Training(epochs=2, batch_size=64))
    assert np.array_equal(history.step_loss, whole.step_loss[:7])


@pytest.mark.parametrize("twin", TWINS)
def test_non_finite_loss_stops_the_run(twin):
    with pytest.raises(NonFiniteLossError, match=r"epoch \d+, step \d+ of 4"):
        trained(twin, SPEC, X, Training(epochs=30, batch_size=64, optimizer="sgd", learning_rate=100))


@pytest.mark.parametrize("twin", TWINS)
def test_a_last_step_that_diverges_shows_in_the_validation_loss(twin):
    model = TWINS[twin].Autoencoder(SPEC)
    with pytest.raises(NonFiniteLossError, match="validation loss became (nan|inf) after the last step of epoch 1"):
        TWINS[twin].fit(model, X, Training(steps=1, optimizer="sgd", learning_rate=1e30), x_val=X)


@pytest.mark.parametrize("twin", TWINS)
def test_bad_validation_data_are_named_before_training(twin):
    model = TWINS[twin].Autoencoder(SPEC)
    before = TWINS[twin].get_weights(model)
    with pytest.raises(DataError, match="x_val has shape"):
        TWINS[twin].fit(model, X, x_val=X[:, :3])
    assert all(np.array_equal(before[n], w) for n, w in TWINS[twin].get_weights(model).items())


@pytest.mark.parametrize("twin", TWINS)
def test_the_data_are_not_changed(twin):
    x = X.copy()
    x.flags.writeable = False
    trained(twin, SPEC, x, Training(epochs=1))
    assert np.array_equal(x, X)


@pytest.mark.parametrize("twin", TWINS)
def test_progress_bar_on_demand_only(twin, capsys):
    trained(twin, SPEC, X, Training(epochs=2))
    assert capsys.readouterr() == ("", "")
    trained(twin, SPEC, X, Training(epochs=2), progress=True)
    out, err = capsys.readouterr()
    assert out == "" and "2/2" in err and "loss=" in err


@pytest.mark.parametrize("spec", [MLP(64, (32,), 8, dtype="float64"),
                                  MLP(64, (32,), 8, activation="tanh", likelihood="bernoulli", dtype="float64")],
                         ids=["relu, squared error", "tanh, bernoulli"])
def test_300_steps_of_gradient_descent_follow_the_same_path(spec):
    """float64, learning rate 2^-7 (exact in Keras's float32): weights equal to 1e-12 of each tensor's largest."""
    training = Training(steps=300, batch_size=64, optimizer="sgd", learning_rate=2**-7)
    models, histories = zip(*(trained(twin, spec, X, training) for twin in TWINS))
    a, b = (TWINS[twin].get_weights(model) for twin, model in zip(TWINS, models))
    start = TWINS["torch"].get_weights(TWINS["torch"].Autoencoder(spec, seed=0))
    for name in a:
        assert relative(b[name], a[name]) < 1e-12, name
        assert relative(start[name], a[name]) > 1e-3, f"{name} has not moved"
    assert relative(histories[1].step_loss, histories[0].step_loss) < 1e-12


def test_one_epoch_of_mnist_has_the_same_loss_curve(mnist):
    """tanh, Adam, float32, 784-128-32-128-784, batch 128: step by step within 1e-4 relative."""
    spec = MLP(784, (128,), 32, activation="tanh")
    a, b = (trained(twin, spec, mnist.x_train, Training(epochs=1))[1].step_loss for twin in TWINS)
    worst = np.max(np.abs(a - b) / np.abs(a))
    print(f"loss curves of one epoch: largest relative difference {worst:.1e} over {len(a)} steps")
    assert len(a) == 469 and worst < 1e-4
    assert a[-50:].mean() < 0.4 * a[:5].mean(), "nothing was learned"


@pytest.mark.parametrize("twin", TWINS)
def test_ten_epochs_of_mnist_beat_pca(twin, mnist):
    """784-128-32-128-784, ReLU, Adam. Five seeds in both frameworks: 10.19 to 10.67; PCA: 13.193."""
    model, _ = trained(twin, MLP(784, (128,), 32), mnist.x_train, Training(epochs=10))
    error = metrics.squared_errors(mnist.x_test, TWINS[twin].reconstruct(model, mnist.x_test)).mean()
    print(f"{twin}: {error:.3f} squared error per test image, PCA 13.193")
    assert error < 11.5


def test_many_models_in_a_loop_bring_no_advice_about_retracing(caplog):
    """TensorFlow warns after five traces of one function; here each model has a graph of its own, traced once."""
    import logging
    logger = logging.getLogger("tensorflow")
    logger.addHandler(caplog.handler)
    try:
        for seed in range(7):
            trained("tensorflow", MLP(64, (), 2), X[:20], Training(epochs=2, batch_size=16), seed=seed, progress=False)
    finally:
        logger.removeHandler(caplog.handler)
    assert [record.message for record in caplog.records if "retracing" in record.message] == []
