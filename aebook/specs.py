"""What to build and how to train it: frozen dataclasses that both twins read.

Every default on which the frameworks differ is written out here, so that neither twin relies
on its framework's own.
"""
import math
import operator
from dataclasses import dataclass

import numpy as np

from aebook.errors import SpecError

__all__ = ["ACTIVATIONS", "LIKELIHOODS", "OPTIMIZERS", "MLP", "Training"]

ACTIVATIONS = ("linear", "relu", "leaky_relu", "sigmoid", "tanh", "elu", "gelu")
LIKELIHOODS = ("gaussian", "bernoulli")
OUTPUTS = ("linear", "sigmoid")
OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam", "adamw")
SCHEDULES = ("constant", "cosine", "exponential")
DTYPES = ("float32", "float64")


@dataclass(frozen=True)
class MLP:
    """A fully connected autoencoder: an encoder, a code, and the encoder mirrored as decoder.

    With `hidden_dims=(h1, h2)` the layers have input_dim - h1 - h2 - latent_dim - h2 - h1 -
    input_dim units. Each hidden layer computes h = f(Wx + b). Weights start from the
    Glorot-uniform distribution, biases from zero.

    Parameters
    ----------
    input_dim : int
        Number of features of an example, such as 784 pixels.
    hidden_dims : tuple of int
        Units of the encoder's hidden layers, outermost first; may be empty.
    latent_dim : int
        Numbers in the code.
    activation : {"relu", "leaky_relu", "sigmoid", "tanh", "elu", "gelu", "linear"}
        f of every hidden layer.
    latent_activation : the same names
        Activation of the code itself; linear unless you have a reason.
    output : {"linear", "sigmoid"}
        g, the activation of the reconstruction, under the Gaussian likelihood.
    likelihood : {"gaussian", "bernoulli"}
        "gaussian" trains on the squared error. "bernoulli" trains on the cross-entropy: the
        decoder then returns logits, `reconstruct` returns their sigmoid, and the data must lie
        in [0, 1].
    tied : bool
        Whether the decoder uses the encoder's matrices, transposed, with biases of its own.
    dtype : {"float32", "float64"}
        Precision of weights and arithmetic.

    Raises
    ------
    SpecError
        If a field has a value that makes no sense.

    Examples
    --------
    >>> MLP(input_dim=784, hidden_dims=(128,), latent_dim=32).decoder_dims
    (32, 128, 784)
    """

    input_dim: int
    hidden_dims: tuple = (128,)
    latent_dim: int = 32
    activation: str = "relu"
    latent_activation: str = "linear"
    output: str = "linear"
    likelihood: str = "gaussian"
    tied: bool = False
    dtype: str = "float32"

    def __post_init__(self):
        _whole(self, "input_dim", 1)
        _whole(self, "latent_dim", 1)
        if isinstance(self.hidden_dims, (str, bytes)) or not hasattr(self.hidden_dims, "__iter__"):
            raise SpecError(f"hidden_dims must be a tuple of layer sizes such as (128,), not {self.hidden_dims!r}.")
        dims = tuple(_index(d, "hidden_dims", 1) for d in self.hidden_dims)
        object.__setattr__(self, "hidden_dims", dims)
        _one_of(self, "activation", ACTIVATIONS)
        _one_of(self, "latent_activation", ACTIVATIONS)
        _one_of(self, "output", OUTPUTS)
        _one_of(self, "likelihood", LIKELIHOODS)
        _one_of(self, "dtype", DTYPES)
        if not isinstance(self.tied, bool):
            raise SpecError(f"tied must be True or False, not {self.tied!r}.")
        if self.likelihood == "bernoulli" and self.output != "linear":
            raise SpecError("Under likelihood='bernoulli' the decoder returns logits and the sigmoid is "
                            "applied by `reconstruct`: leave output at 'linear'.")

    @property
    def encoder_dims(self):
        """Units from the input to the code."""
        return (self.input_dim, *self.hidden_dims, self.latent_dim)

    @property
    def decoder_dims(self):
        """Units from the code to the reconstruction."""
        return self.encoder_dims[::-1]


@dataclass(frozen=True)
class Training:
    """How long, with which optimizer, and in which order to train.

    Parameters
    ----------
    epochs : int, optional
        Passes over the data; 10 if neither `epochs` nor `steps` is given.
    steps : int, optional
        Parameter updates instead of epochs: the budget to compare data sets of different size.
    batch_size : int
        Examples per update; the last batch of an epoch may be smaller.
    optimizer : {"sgd", "momentum", "rmsprop", "adam", "adamw"}
        Gradient descent on minibatches; with momentum; RMSprop; Adam (Kingma and Ba, 2015,
        Algorithm 1); Adam with decoupled weight decay (Loshchilov and Hutter, 2019).
    learning_rate : float
        Step size at the start.
    schedule : {"constant", "cosine", "exponential"}
        Course of the learning rate over all steps: as it is, down to 0 along half a cosine, or
        down to a hundredth in equal factors.
    momentum : float
        Share of the last step that "momentum" keeps.
    rho : float
        RMSprop's decay rate of the squared gradient (PyTorch calls it alpha, with default 0.99).
    beta_1, beta_2 : float
        Decay rates of Adam's first and second moment.
    epsilon : float
        Guard against division by zero in RMSprop and Adam. PyTorch defaults to 1e-8, Keras to
        1e-7; both get this one. They still add it in different places.
    weight_decay : float
        Decoupled decay of "adamw": each step shrinks every parameter by learning_rate *
        weight_decay.
    l1, l2 : float
        Added to the loss during training: l1 * sum |w| + l2 * sum w^2 over all weight matrices,
        not the biases, without a factor 1/2. The history reports the loss without them.
    clip_norm : float, optional
        Scale the gradient of all parameters together so that its norm is at most this.
    kl_warmup : int
        Steps over which the weight of a variational autoencoder's KL term grows from 0 to full.
    patience : int, optional
        Stop after so many epochs without a better validation loss, and return to the weights of
        the best epoch. Needs x_val.
    seed : int
        Decides the order of the examples and the noise, alike in both frameworks.

    Raises
    ------
    SpecError
        If a field has a value that makes no sense.

    Examples
    --------
    >>> Training(steps=300, optimizer="sgd", learning_rate=2**-7).epochs is None
    True
    """

    epochs: int | None = None
    steps: int | None = None
    batch_size: int = 128
    optimizer: str = "adam"
    learning_rate: float = 1e-3
    schedule: str = "constant"
    momentum: float = 0.9
    rho: float = 0.9
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    weight_decay: float = 0.0
    l1: float = 0.0
    l2: float = 0.0
    clip_norm: float | None = None
    kl_warmup: int = 0
    patience: int | None = None
    seed: int = 0

    def __post_init__(self):
        if self.epochs is not None and self.steps is not None:
            raise SpecError("Give a budget in epochs or in steps, not both "
                            f"(epochs={self.epochs!r}, steps={self.steps!r}).")
        if self.steps is not None:
            _whole(self, "steps", 1)
        else:
            object.__setattr__(self, "epochs", 10 if self.epochs is None else self.epochs)
            _whole(self, "epochs", 1)
        _whole(self, "batch_size", 1)
        _whole(self, "seed", 0)
        _whole(self, "kl_warmup", 0)
        if self.patience is not None:
            _whole(self, "patience", 1)
        _one_of(self, "optimizer", OPTIMIZERS)
        _one_of(self, "schedule", SCHEDULES)
        _number(self, "learning_rate", 0, math.inf)
        _number(self, "momentum", 0, 1, include_low=True)
        _number(self, "rho", 0, 1, include_low=True)
        for field in ("weight_decay", "l1", "l2"):
            _number(self, field, 0, math.inf, include_low=True)
        if self.clip_norm is not None:
            _number(self, "clip_norm", 0, math.inf)
        if self.weight_decay and self.optimizer != "adamw":
            raise SpecError(f"weight_decay belongs to 'adamw', not {self.optimizer!r}. For a penalty on the "
                            "weights under another optimizer use l2 = weight_decay / 2.")
        _number(self, "beta_1", 0, 1, include_low=True)
        _number(self, "beta_2", 0, 1, include_low=True)
        _number(self, "epsilon", 0, math.inf)

    def plan(self, n):
        """Return how many steps each epoch takes for `n` examples; the last may be cut short."""
        per_epoch = -(-n // self.batch_size)
        if self.steps is None:
            return [per_epoch] * self.epochs
        whole, rest = divmod(self.steps, per_epoch)
        return [per_epoch] * whole + [rest] * (rest > 0)

    def learning_rates(self, n):
        """Return the learning rate of every step for `n` examples, as a float64 array."""
        steps = sum(self.plan(n))
        done = np.arange(steps) / steps
        factor = {"constant": np.ones(steps), "cosine": 0.5 * (1 + np.cos(np.pi * done)),
                  "exponential": 0.01**done}[self.schedule]
        return self.learning_rate * factor

    def kl_weights(self, n):
        """Return the weight of the KL term at every step for `n` examples, as a float64 array."""
        steps = np.arange(1, sum(self.plan(n)) + 1)
        return np.minimum(1, steps / self.kl_warmup) if self.kl_warmup else np.ones(len(steps))


def _index(value, field, low):
    try:
        if isinstance(value, bool):
            raise TypeError
        number = operator.index(value)
    except TypeError:
        raise SpecError(f"{field} must be a whole number, not {value!r}.") from None
    if number < low:
        raise SpecError(f"{field} must be at least {low}, not {number}.")
    return number


def _whole(spec, field, low):
    object.__setattr__(spec, field, _index(getattr(spec, field), field, low))


def _number(spec, field, low, high, include_low=False):
    value = getattr(spec, field)
    try:
        number = float(value)
    except (TypeError, ValueError):
        raise SpecError(f"{field} must be a number, not {value!r}.") from None
    if not (low < number < high or include_low and number == low):
        bracket = "[" if include_low else "("
        raise SpecError(f"{field} must lie in {bracket}{low}, {high}), not {value!r}.")
    object.__setattr__(spec, field, number)


def _one_of(spec, field, known):
    value = getattr(spec, field)
    if value not in known:
        raise SpecError(f"{field} must be one of {', '.join(map(repr, known))}, not {value!r}.")
