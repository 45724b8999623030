"""What stands between the layers that carry weights: activations, batch normalization, dropout."""
import keras
import tensorflow as tf

from aebook.tensorflow.activations import FUNCTIONS
from aebook.tensorflow.arrays import uniform
from aebook.tensorflow.dropout import dropout

__all__ = []

MOMENTUM, EPSILON = 0.9, 1e-5  # of batch normalization; PyTorch would call this momentum 0.1


class Dropout(keras.layers.Layer):
    """Dropout that decides alike in both frameworks: `fit` sets u to uniform noise from NumPy.

    One number decides about a whole channel: a unit, a map of an image, a unit at all steps.
    """

    def __init__(self, rate, dtype):
        super().__init__(dtype=dtype)
        self.rate, self.u = rate, None

    def build(self, shape):
        self.channels = shape[-1]

    def call(self, h, training=None):
        if not training:
            return h
        shape = [tf.shape(h)[0], *[1] * (h.shape.rank - 2), self.channels]
        u = uniform(tf.zeros(shape), None) if self.u is None else tf.reshape(self.u, shape)
        return dropout(h, self.rate, u)


def hidden_blocks(spec):
    """What follows the products of a hidden layer."""
    return [*([keras.layers.BatchNormalization(momentum=MOMENTUM, epsilon=EPSILON, dtype=spec.dtype)]
              if spec.batch_norm else []),
            keras.layers.Activation(FUNCTIONS[spec.activation], dtype=spec.dtype),
            *([Dropout(spec.dropout, spec.dtype)] if spec.dropout else [])]


def dropout_layers(model):
    """The dropout layers of a model, encoder first."""
    return [layer for part in (model.encoder, model.decoder) for layer in getattr(part, "layers", [])
            if isinstance(layer, Dropout)]


def dropout_width(model):
    """How many uniform numbers an example needs for all dropout layers of a model."""
    return sum(layer.channels for layer in dropout_layers(model))


def feed_dropout(model, u):
    """Give each dropout layer its columns of u, of shape (batch, dropout_width), or None: draw anew."""
    layers = dropout_layers(model)
    widths = [layer.channels for layer in layers]
    parts = [None] * len(layers) if u is None or not layers else tf.split(u, widths, axis=1)
    for layer, part in zip(layers, parts):
        layer.u = part
