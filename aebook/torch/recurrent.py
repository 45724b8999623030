"""The recurrent encoder and decoder, for sequences."""
import torch
from torch import nn

from aebook.torch.blocks import Activation, Dropout
from aebook.torch.dense import linear

__all__ = []


class GRU(nn.GRU):
    """One layer of gated recurrent units that returns its states at all steps, (batch, steps, units)."""

    def __init__(self, units_in, units_out, dtype):
        super().__init__(units_in, units_out, batch_first=True, dtype=dtype)

    def forward(self, h):
        return super().forward(h)[0]


class Repeat(nn.Module):
    """(batch, features) to (batch, steps, features), the same at every step."""

    def __init__(self, steps):
        super().__init__()
        self.steps = steps

    def forward(self, z):
        return z[:, None].expand(-1, self.steps, -1)


class Last(nn.Module):
    """(batch, steps, features) to (batch, features): the last step."""

    def forward(self, h):
        return h[:, -1]


def gru_stack(dims, spec):
    """GRU layers, each followed by dropout where the spec asks for it."""
    modules = []
    for a, b in zip(dims, dims[1:]):
        modules.append(GRU(a, b, getattr(torch, spec.dtype)))
        if spec.dropout:
            modules.append(Dropout(spec.dropout, b, axis=2))
    return modules


def recurrent_encoder(spec, code_dim):
    """The sequence is read step by step; the last state makes the code."""
    dims = (spec.sequence_shape[1], *spec.hidden_dims)
    return nn.Sequential(nn.Unflatten(1, spec.sequence_shape), *gru_stack(dims, spec), Last(),
                         linear(dims[-1], code_dim, spec.dtype), Activation(spec.latent_activation))


def recurrent_decoder(spec, encoder):
    """The code is given at every step; each state makes the features of its step."""
    dims = (spec.latent_dim, *spec.hidden_dims[::-1])
    return nn.Sequential(Repeat(spec.sequence_shape[0]), *gru_stack(dims, spec),
                         linear(dims[-1], spec.sequence_shape[1], spec.dtype), nn.Flatten(), Activation(spec.output))
