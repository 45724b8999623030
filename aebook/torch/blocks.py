"""What stands between the layers that carry weights: activations, batch normalization, dropout."""
import torch
from torch import nn

from aebook.torch.activations import activation
from aebook.torch.arrays import uniform
from aebook.torch.dropout import dropout
from aebook.torch.normalization import batch_norm

__all__ = []

MOMENTUM, EPSILON = 0.9, 1e-5  # of batch normalization; PyTorch would call this momentum 0.1


class Activation(nn.Module):
    """An activation by its name."""

    def __init__(self, name):
        super().__init__()
        self.name = name

    def forward(self, a):
        return activation(self.name, a)

    def extra_repr(self):
        return self.name


class BatchNorm(nn.Module):
    """Batch normalization of (batch, channels, ...): by the batch in training, by running statistics in use.

    The running variance follows the variance by which the batch is divided, as in Keras.
    nn.BatchNorm would follow n / (n - 1) times that, and refuses a batch of one.
    """

    def __init__(self, channels, dtype):
        super().__init__()
        dtype = getattr(torch, dtype)
        self.gamma = nn.Parameter(torch.ones(channels, dtype=dtype))
        self.beta = nn.Parameter(torch.zeros(channels, dtype=dtype))
        self.register_buffer("running_mean", torch.zeros(channels, dtype=dtype))
        self.register_buffer("running_var", torch.ones(channels, dtype=dtype))

    def forward(self, h):
        h = h.to(self.gamma.dtype)  # statistics stay exact in mixed precision
        if not self.training:
            return nn.functional.batch_norm(h, self.running_mean, self.running_var, self.gamma, self.beta, eps=EPSILON)
        with torch.no_grad():
            variance, mean = torch.var_mean(h, (0, *range(2, h.ndim)), correction=0)
            self.running_mean.lerp_(mean, 1 - MOMENTUM)
            self.running_var.lerp_(variance, 1 - MOMENTUM)
        return batch_norm(h.movedim(1, -1), self.gamma, self.beta, EPSILON).movedim(-1, 1)


class Dropout(nn.Module):
    """Dropout that decides alike in both frameworks: `fit` sets u to uniform noise from NumPy.

    One number decides about a whole channel: a unit, a map of an image, a unit at all steps.
    """

    def __init__(self, rate, channels, axis=1):
        super().__init__()
        self.rate, self.channels, self.axis, self.u = rate, channels, axis, None

    def forward(self, h):
        if not self.training:
            return h
        shape = [1] * h.ndim
        shape[0], shape[self.axis] = len(h), self.channels
        u = uniform(h.new_empty(shape), None) if self.u is None else self.u.reshape(shape)
        return dropout(h, self.rate, u)


def hidden_blocks(spec, channels):
    """What follows the products of a hidden layer."""
    return [*([BatchNorm(channels, spec.dtype)] if spec.batch_norm else []), Activation(spec.activation),
            *([Dropout(spec.dropout, channels)] if spec.dropout else [])]


def dropout_layers(model):
    """The dropout layers of a model, encoder first."""
    return [module for module in model.modules() if isinstance(module, Dropout)]


def dropout_width(model):
    """How many uniform numbers an example needs for all dropout layers of a model."""
    return sum(layer.channels for layer in dropout_layers(model))


def feed_dropout(model, u):
    """Give each dropout layer its columns of u, of shape (batch, dropout_width), or None: draw anew."""
    layers = dropout_layers(model)
    widths = [layer.channels for layer in layers]
    parts = [None] * len(layers) if u is None or not layers else u.split(widths, dim=1)
    for layer, part in zip(layers, parts):
        layer.u = part
