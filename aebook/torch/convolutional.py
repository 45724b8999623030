"""The convolutional encoder and decoder, for images."""
import math

import torch
from torch import nn

from aebook.torch.blocks import Activation, hidden_blocks
from aebook.torch.dense import linear

__all__ = []


class RowsToMaps(nn.Module):
    """(batch, height * width * channels), the channel running fastest, to (batch, channels, height, width)."""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape

    def forward(self, rows):
        return rows.reshape(-1, *self.shape).permute(0, 3, 1, 2)


class MapsToRows(nn.Module):
    """(batch, channels, height, width) to (batch, height * width * channels), the channel running fastest."""

    def forward(self, maps):
        return maps.permute(0, 2, 3, 1).flatten(1)


def convolution(kind, channels_in, channels_out, dtype, bias=True):
    """A convolution, or a transposed one, in the geometry that both frameworks share."""
    # kernel 4, stride 2, padding 1: exactly what "same" padding means in Keras, in both directions
    return kind(channels_in, channels_out, 4, stride=2, padding=1, bias=bias, dtype=getattr(torch, dtype))


def conv_encoder(spec, code_dim):
    """Convolutions that halve the image, then a dense layer that makes the code."""
    channels, modules = (spec.image_shape[2], *spec.channels), [RowsToMaps(spec.image_shape)]
    for a, b in zip(channels, channels[1:]):
        modules += [convolution(nn.Conv2d, a, b, spec.dtype, bias=not spec.batch_norm), *hidden_blocks(spec, b)]
    return nn.Sequential(*modules, MapsToRows(), linear(math.prod(spec.map_shape), code_dim, spec.dtype),
                         Activation(spec.latent_activation))


def conv_decoder(spec, encoder):
    """The mirror image of the encoder: a dense layer, then transposed convolutions."""
    channels = (spec.image_shape[2], *spec.channels)[::-1]
    modules = [linear(spec.latent_dim, math.prod(spec.map_shape), spec.dtype, bias=not spec.batch_norm),
               RowsToMaps(spec.map_shape), *hidden_blocks(spec, channels[0])]
    for a, b in zip(channels, channels[1:-1]):
        modules += [convolution(nn.ConvTranspose2d, a, b, spec.dtype, bias=not spec.batch_norm),
                    *hidden_blocks(spec, b)]
    return nn.Sequential(*modules, convolution(nn.ConvTranspose2d, channels[-2], channels[-1], spec.dtype),
                         MapsToRows(), Activation(spec.output))
