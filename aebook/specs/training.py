"""How to train: the budget, the optimizer, and what is added to the loss.

Every default on which the frameworks differ is written out here, so that neither twin relies
on its framework's own.
"""
import math
from dataclasses import dataclass

import numpy as np

from aebook.errors import SpecError
from aebook.specs.checks import flag, number, one_of, whole

__all__ = ["OPTIMIZERS", "SCHEDULES", "Training"]

OPTIMIZERS = ("sgd", "momentum", "rmsprop", "adam", "adamw")
SCHEDULES = ("constant", "cosine", "exponential")


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
    mixed_precision : bool
        Compute the layers in bfloat16, forward and backward; weights, losses, the optimizer and
        all that follows training stay in float32 (Micikevicius et al., 2018; Kalamkar et al., 2019).
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
    mixed_precision: bool = False
    seed: int = 0

    def __post_init__(self):
        if self.epochs is not None and self.steps is not None:
            raise SpecError("Give a budget in epochs or in steps, not both "
                            f"(epochs={self.epochs!r}, steps={self.steps!r}).")
        if self.steps is not None:
            whole(self, "steps", 1)
        else:
            object.__setattr__(self, "epochs", 10 if self.epochs is None else self.epochs)
            whole(self, "epochs", 1)
        whole(self, "batch_size", 1)
        whole(self, "seed", 0)
        whole(self, "kl_warmup", 0)
        flag(self, "mixed_precision")
        if self.patience is not None:
            whole(self, "patience", 1)
        one_of(self, "optimizer", OPTIMIZERS)
        one_of(self, "schedule", SCHEDULES)
        number(self, "learning_rate", 0, math.inf)
        number(self, "momentum", 0, 1, include_low=True)
        number(self, "rho", 0, 1, include_low=True)
        for field in ("weight_decay", "l1", "l2"):
            number(self, field, 0, math.inf, include_low=True)
        if self.clip_norm is not None:
            number(self, "clip_norm", 0, math.inf)
        if self.weight_decay and self.optimizer != "adamw":
            raise SpecError(f"weight_decay belongs to 'adamw', not {self.optimizer!r}. For a penalty on the "
                            "weights under another optimizer use l2 = weight_decay / 2.")
        number(self, "beta_1", 0, 1, include_low=True)
        number(self, "beta_2", 0, 1, include_low=True)
        number(self, "epsilon", 0, math.inf)

    def check(self, spec):
        """Raise a SpecError if models of that spec cannot be trained so."""
        if self.mixed_precision and spec.dtype != "float32":
            raise SpecError(f"mixed_precision computes in bfloat16 and float32, and the spec says {spec.dtype}: "
                            "leave one of the two out.")

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
