"""The fully connected encoder and decoder of an MLP."""
import keras
import tensorflow as tf

from aebook.tensorflow.activations import FUNCTIONS
from aebook.tensorflow.blocks import hidden_blocks

__all__ = []


class TiedDense(keras.layers.Layer):
    """The transpose of another dense layer's matrix, with a bias of its own."""

    def __init__(self, source, bias, dtype):
        super().__init__(dtype=dtype)
        self.source = lambda: source  # in a function, so that its weights are not counted twice
        self.bias = self.add_weight(shape=source.kernel.shape[:1], initializer="zeros", name="bias") if bias else None

    def call(self, h):
        h = tf.matmul(h, self.source().kernel, transpose_b=True)
        return h if self.bias is None else h + self.bias


def dense(units, dtype, activation="linear", bias=True):
    """A dense layer whose weights are not drawn yet."""
    # zeros: the weights are drawn in NumPy, and Keras's own random state is left alone
    return keras.layers.Dense(units, FUNCTIONS[activation], use_bias=bias, kernel_initializer="zeros", dtype=dtype)


def mlp_encoder(spec, code_dim):
    """Hidden layers, then the code."""
    layers = [keras.Input((spec.input_dim,), dtype=spec.dtype)]
    for units in spec.hidden_dims:
        layers += [dense(units, spec.dtype, bias=not spec.batch_norm), *hidden_blocks(spec)]
    return keras.Sequential([*layers, dense(code_dim, spec.dtype, spec.latent_activation)])


def mlp_decoder(spec, encoder):
    """The mirror image of the encoder, with its matrices where they are tied."""
    dims, layers = spec.decoder_dims, [keras.Input((spec.latent_dim,), dtype=spec.dtype)]
    sources = [layer for layer in encoder.layers if isinstance(layer, keras.layers.Dense)][::-1] if spec.tied else []

    def layer(i, bias):
        return TiedDense(sources[i], bias, spec.dtype) if spec.tied else dense(dims[i + 1], spec.dtype, bias=bias)

    for i in range(len(dims) - 2):
        layers += [layer(i, not spec.batch_norm), *hidden_blocks(spec)]
    output = keras.layers.Activation(FUNCTIONS[spec.output], dtype=spec.dtype)
    return keras.Sequential([*layers, layer(len(dims) - 2, True), output])
