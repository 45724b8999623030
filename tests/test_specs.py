"""Specs: what they derive, and the error each senseless field gets."""
import dataclasses

import pytest

from aebook.errors import AebookError, SpecError
from aebook.specs import MLP, Training


def test_dims_are_mirrored():
    spec = MLP(784, [512, 128], 32)
    assert spec.encoder_dims == (784, 512, 128, 32)
    assert spec.decoder_dims == (32, 128, 512, 784)


def test_specs_are_values():
    assert MLP(4, [3], 2) == MLP(4, (3,), 2)
    assert hash(Training()) == hash(Training(epochs=10))
    with pytest.raises(dataclasses.FrozenInstanceError):
        Training().epochs = 3


@pytest.mark.parametrize("fields, word", [
    ({"input_dim": 0}, "input_dim"), ({"input_dim": 7.5}, "input_dim"), ({"input_dim": True}, "input_dim"),
    ({"latent_dim": -1}, "latent_dim"), ({"hidden_dims": 128}, "hidden_dims"), ({"hidden_dims": "128"}, "hidden_dims"),
    ({"hidden_dims": (128, 0)}, "hidden_dims"), ({"activation": "swish"}, "'relu'"),
    ({"likelihood": "mse"}, "gaussian"),
    ({"output": "relu"}, "output"), ({"dtype": "float16"}, "dtype"),
    ({"latent_activation": None}, "latent_activation"),
    ({"likelihood": "bernoulli", "output": "sigmoid"}, "logits"), ({"tied": 1}, "tied"),
])
def test_senseless_models(fields, word):
    with pytest.raises(SpecError, match=word):
        MLP(**{"input_dim": 784, **fields})


@pytest.mark.parametrize("fields, word", [
    ({"epochs": 0}, "epochs"), ({"steps": -3}, "steps"), ({"epochs": 3, "steps": 3}, "not both"),
    ({"batch_size": 1.5}, "batch_size"), ({"optimizer": "lbfgs"}, "optimizer"), ({"learning_rate": 0}, "learning_rate"),
    ({"learning_rate": float("nan")}, "learning_rate"), ({"learning_rate": "fast"}, "learning_rate"),
    ({"beta_1": 1}, "beta_1"), ({"epsilon": 0}, "epsilon"), ({"seed": -1}, "seed"),
])
def test_senseless_trainings(fields, word):
    with pytest.raises(SpecError, match=word) as caught:
        Training(**fields)
    assert isinstance(caught.value, (AebookError, ValueError))


@pytest.mark.parametrize("training, n, plan", [
    (Training(epochs=2, batch_size=4), 9, [3, 3]), (Training(epochs=1, batch_size=4), 8, [2]),
    (Training(steps=7, batch_size=4), 9, [3, 3, 1]), (Training(steps=6, batch_size=4), 9, [3, 3]),
    (Training(epochs=1, batch_size=400), 9, [1]),
])
def test_plan(training, n, plan):
    assert training.plan(n) == plan
