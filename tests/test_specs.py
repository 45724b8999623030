"""Specs: what they derive, and the error each senseless field gets."""
import dataclasses
import re

import pytest

from aebook.errors import AebookError, SpecError
from aebook.specs import MLP, Conv, Custom, Recurrent, Training


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
    ({"batch_norm": "yes"}, "batch_norm"), ({"dropout": 1.0}, "dropout"), ({"dropout": -0.1}, "dropout"),
])
def test_senseless_models(fields, word):
    with pytest.raises(SpecError, match=word):
        MLP(**{"input_dim": 784, **fields})


@pytest.mark.parametrize("fields, word", [
    ({"image_shape": (28, 28)}, "3 numbers"), ({"image_shape": 784}, "image_shape"),
    ({"image_shape": (28, 0, 1)}, "image_shape"), ({"channels": ()}, "at least one stage"),
    ({"channels": 16}, "channels"), ({"channels": (4, 8, 16)}, "divisible by 8, which (28, 28) is not"),
    ({"image_shape": (28, 27, 1)}, "pad the images"),
    ({"latent_dim": 0}, "latent_dim"), ({"batch_norm": 1}, "batch_norm"), ({"dropout": 2}, "dropout"),
    ({"likelihood": "bernoulli", "output": "sigmoid"}, "logits"),
])
def test_senseless_convolutions(fields, word):
    with pytest.raises(SpecError, match=re.escape(word)):
        Conv(**{"image_shape": (28, 28, 1), **fields})


@pytest.mark.parametrize("fields, word", [
    ({"sequence_shape": (24,)}, "2 numbers"), ({"sequence_shape": "24"}, "sequence_shape"),
    ({"hidden_dims": ()}, "at least one recurrent layer"), ({"hidden_dims": (0,)}, "hidden_dims"),
    ({"latent_dim": 1.5}, "latent_dim"), ({"dropout": float("nan")}, "dropout"),
])
def test_senseless_recurrences(fields, word):
    with pytest.raises(SpecError, match=word):
        Recurrent(**{"sequence_shape": (24, 3), **fields})


def test_what_images_and_sequences_derive():
    assert Conv([28, 28, 3], [8, 16]).input_dim == 2352 and Conv((28, 28, 3), (8, 16)).map_shape == (7, 7, 16)
    assert Recurrent([24, 3]).input_dim == 72
    assert Conv([8, 8, 1]) == Conv((8, 8, 1)) and hash(Recurrent([24, 3])) == hash(Recurrent((24, 3)))


@pytest.mark.parametrize("fields, word", [({"input_dim": 0}, "input_dim"), ({"likelihood": "mse"}, "likelihood"),
                                          ({"dtype": "float16"}, "dtype")])
def test_senseless_custom_models(fields, word):
    with pytest.raises(SpecError, match=word):
        Custom(**{"input_dim": 4, "latent_dim": 2, **fields})


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
