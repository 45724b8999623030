"""Encoders and decoders built from a spec."""
import torch
from torch import nn

from aebook.torch.activations import activation

__all__ = ["encoder", "decoder"]


class Activation(nn.Module):
    def __init__(self, name):
        super().__init__()
        self.name = name

    def forward(self, a):
        return activation(self.name, a)

    def extra_repr(self):
        return self.name


class TiedLinear(nn.Module):
    """The transpose of another linear layer's matrix, with a bias of its own."""

    def __init__(self, source):
        super().__init__()
        self.source = (source,)  # in a tuple, so that its parameters are not counted twice
        self.bias = nn.Parameter(source.weight.new_zeros(source.in_features))

    def forward(self, h):
        return nn.functional.linear(h, self.source[0].weight.T, self.bias)


def dense_stack(dims, hidden, last, dtype):
    layers = []
    for i, (fan_in, fan_out) in enumerate(zip(dims, dims[1:])):
        # skip_init: the weights are drawn in NumPy, and torch's own random state is left alone
        layers.append(nn.utils.skip_init(nn.Linear, fan_in, fan_out, dtype=getattr(torch, dtype)))
        layers.append(Activation(hidden if i < len(dims) - 2 else last))
    return nn.Sequential(*layers)


def encoder(spec, code_dim=None):
    """Build the encoder of a spec: z = f(Wx + b), layer by layer.

    Parameters
    ----------
    spec : MLP
    code_dim : int, optional
        Numbers to put out, where that is not `latent_dim`.

    Returns
    -------
    torch.nn.Sequential
        From (batch, input_dim) to (batch, code_dim). Its weights are not set yet.

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> sum(p.numel() for p in encoder(MLP(4, (3,), 2)).parameters())
    23
    """
    dims = (*spec.encoder_dims[:-1], code_dim or spec.latent_dim)
    return dense_stack(dims, spec.activation, spec.latent_activation, spec.dtype)


def decoder(spec, encoder=None):
    """Build the decoder of a spec: x_hat = g(W'z + b'), layer by layer.

    Parameters
    ----------
    spec : MLP
    encoder : torch.nn.Sequential, optional
        Whose matrices a tied decoder uses.

    Returns
    -------
    torch.nn.Sequential
        From (batch, latent_dim) to (batch, input_dim); logits under the Bernoulli likelihood.
        Its weights are not set yet.

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> sum(p.numel() for p in decoder(MLP(4, (3,), 2)).parameters())
    25
    """
    if not spec.tied:
        return dense_stack(spec.decoder_dims, spec.activation, spec.output, spec.dtype)
    linears = [layer for layer in encoder if isinstance(layer, nn.Linear)]
    names = [spec.activation] * len(spec.hidden_dims) + [spec.output]
    return nn.Sequential(*(module for source, name in zip(reversed(linears), names)
                           for module in (TiedLinear(source), Activation(name))))
