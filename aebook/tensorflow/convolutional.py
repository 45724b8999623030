"""The convolutional encoder and decoder, for images."""
import math

import keras

from aebook.tensorflow.activations import FUNCTIONS
from aebook.tensorflow.blocks import hidden_blocks
from aebook.tensorflow.dense import dense

__all__ = []


def convolution(kind, channels_out, dtype, bias=True):
    """A convolution, or a transposed one, in the geometry that both frameworks share."""
    # kernel 4, stride 2: "same" then means padding 1 for even sizes, in both directions
    return kind(channels_out, 4, strides=2, padding="same", use_bias=bias, kernel_initializer="zeros", dtype=dtype)


def conv_encoder(spec, code_dim):
    """Convolutions that halve the image, then a dense layer that makes the code."""
    own = {"dtype": spec.dtype}  # every layer needs it: left out of one, float64 would be rounded there
    layers = [keras.Input((spec.input_dim,), **own), keras.layers.Reshape(spec.image_shape, **own)]
    for b in spec.channels:
        layers += [convolution(keras.layers.Conv2D, b, spec.dtype, bias=not spec.batch_norm), *hidden_blocks(spec)]
    layers += [keras.layers.Flatten(**own), dense(code_dim, spec.dtype, spec.latent_activation)]
    return keras.Sequential(layers)


def conv_decoder(spec, encoder):
    """The mirror image of the encoder: a dense layer, then transposed convolutions."""
    own = {"dtype": spec.dtype}
    layers = [keras.Input((spec.latent_dim,), **own),
              dense(math.prod(spec.map_shape), spec.dtype, bias=not spec.batch_norm),
              keras.layers.Reshape(spec.map_shape, **own), *hidden_blocks(spec)]
    for b in spec.channels[-2::-1]:
        layers += [convolution(keras.layers.Conv2DTranspose, b, spec.dtype, bias=not spec.batch_norm),
                   *hidden_blocks(spec)]
    layers += [convolution(keras.layers.Conv2DTranspose, spec.image_shape[2], spec.dtype),
               keras.layers.Flatten(**own), keras.layers.Activation(FUNCTIONS[spec.output], **own)]
    return keras.Sequential(layers)
