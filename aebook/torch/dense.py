"""The fully connected encoder and decoder of an MLP."""
import torch
from torch import nn

from aebook.torch.blocks import Activation, hidden_blocks

__all__ = []


class TiedLinear(nn.Module):
    """The transpose of another linear layer's matrix, with a bias of its own."""

    def __init__(self, source, bias):
        super().__init__()
        self.source = (source,)  # in a tuple, so that its parameters are not counted twice
        self.bias = nn.Parameter(source.weight.new_zeros(source.in_features)) if bias else None

    def forward(self, h):
        return nn.functional.linear(h, self.source[0].weight.T, self.bias)


def linear(fan_in, fan_out, dtype, bias=True):
    """A linear layer; its weights are set later."""
    return nn.Linear(fan_in, fan_out, bias=bias, dtype=getattr(torch, dtype))


def mlp_encoder(spec, code_dim):
    """Hidden layers, then the code."""
    dims, modules = (spec.input_dim, *spec.hidden_dims), []
    for fan_in, fan_out in zip(dims, dims[1:]):
        modules += [linear(fan_in, fan_out, spec.dtype, bias=not spec.batch_norm), *hidden_blocks(spec, fan_out)]
    return nn.Sequential(*modules, linear(dims[-1], code_dim, spec.dtype), Activation(spec.latent_activation))


def mlp_decoder(spec, encoder):
    """The mirror image of the encoder, with its matrices where they are tied."""
    dims, modules = spec.decoder_dims, []
    sources = [module for module in encoder if isinstance(module, nn.Linear)][::-1] if spec.tied else []

    def layer(i, bias):
        return TiedLinear(sources[i], bias) if spec.tied else linear(dims[i], dims[i + 1], spec.dtype, bias)

    for i, units in enumerate(dims[1:-1]):
        modules += [layer(i, not spec.batch_norm), *hidden_blocks(spec, units)]
    return nn.Sequential(*modules, layer(len(dims) - 2, True), Activation(spec.output))
