"""Dropout: what is given is obeyed, what is drawn is alike everywhere, and a model in use drops nothing."""
import numpy as np
import pytest
from helpers import TWINS, begin_training, digits_like

from aebook import random, reference
from aebook.specs import MLP, Conv, Recurrent, Training

each_twin = pytest.mark.parametrize("twin", TWINS)
SPECS = [MLP(64, (40, 30), 5, dropout=0.3), Conv((8, 8, 1), (4, 6), 5, dropout=0.3),
         Recurrent((8, 8), (10, 7), 5, dropout=0.3)]


@each_twin
def test_one_number_decides_about_all_that_it_is_broadcast_to(twin):
    ae, x = TWINS[twin], np.ones((2, 3, 4))
    u = np.array([[[0.1, 0.9, 0.4, 0.6]], [[0.6, 0.4, 0.9, 0.1]]])
    mine = ae.to_numpy(ae.dropout(ae.from_numpy(x), 0.5, ae.from_numpy(u, "float64")))
    np.testing.assert_array_equal(mine, reference.dropout(x, 0.5, u))
    assert mine[0, :, 1].tolist() == [2, 2, 2] and mine[0, :, 0].tolist() == [0, 0, 0]


@each_twin
def test_drawn_noise_is_the_same_in_every_room_and_keeps_the_mean(twin):
    ae, x = TWINS[twin], np.full((100, 100), 0.5)
    mine = ae.to_numpy(ae.dropout(ae.from_numpy(x), 0.3, rng=3))
    np.testing.assert_allclose(mine, reference.dropout(x, 0.3, rng=3), rtol=1e-6)
    assert mine.mean() == pytest.approx(0.5, abs=4 * 0.5 * np.sqrt(0.3 / 0.7) / 100)  # four standard errors


@each_twin
@pytest.mark.parametrize("spec", SPECS, ids=lambda s: type(s).__name__)
def test_a_model_drops_in_training_and_not_in_use(spec, twin):
    ae, x = TWINS[twin], digits_like(9)
    model = ae.Autoencoder(spec)
    assert np.array_equal(ae.reconstruct(model, x), ae.reconstruct(model, x))
    used = ae.to_numpy(model(ae.from_numpy(x))) if twin == "tensorflow" else ae.reconstruct(model, x)
    begin_training(twin, model, 9)
    tensor = ae.from_numpy(x)
    first, again = ae.to_numpy(model(tensor)), ae.to_numpy(model(tensor))
    assert np.array_equal(first, again) and not np.allclose(first, used)  # the same noise was fed to both


@each_twin
def test_without_noise_from_fit_each_call_draws_its_own(twin):
    ae, x = TWINS[twin], digits_like(9)
    model = ae.Autoencoder(SPECS[0])
    if twin == "torch":
        model.train()
    else:
        model.training = True
    a, b = (ae.to_numpy(model(ae.from_numpy(x))) for _ in range(2))
    assert not np.array_equal(a, b)


@pytest.mark.parametrize("spec", SPECS[:2], ids=lambda s: type(s).__name__)
def test_both_frameworks_drop_the_same(spec):
    """The losses of each step, from equal weights, over two epochs of float32 gradient descent."""
    x, training = digits_like(40), Training(epochs=2, batch_size=16, optimizer="sgd", learning_rate=2**-9)
    a, b = (ae.fit(ae.Autoencoder(spec, seed=2), x, training).step_loss for ae in TWINS.values())
    np.testing.assert_allclose(b, a, rtol=1e-5)
    plain = TWINS["torch"].fit(TWINS["torch"].Autoencoder(type(spec)(**{**vars(spec), "dropout": 0.0}), seed=2), x,
                               training)
    assert not np.allclose(plain.step_loss, a, rtol=1e-3)


def test_the_noise_of_a_block_is_bounded():
    assert random.batches_at_once(128, 784) == 64
    assert random.batches_at_once(256, 4000) * 256 * 4000 <= 2**23
    assert random.batches_at_once(10**6, 10**6) == 1
