"""The recurrent encoder and decoder, for sequences."""
import keras

from aebook.tensorflow.activations import FUNCTIONS
from aebook.tensorflow.blocks import Dropout
from aebook.tensorflow.dense import dense

__all__ = []


def gru_stack(dims, spec, last_only=False):
    """GRU layers, each followed by dropout where the spec asks for it."""
    layers = []
    for i, units in enumerate(dims):
        # reset_after: the form with two biases, PyTorch's only one; a seed, or Keras draws one from Python's generator
        layers.append(keras.layers.GRU(units, return_sequences=not last_only or i < len(dims) - 1, reset_after=True,
                                       kernel_initializer="zeros", recurrent_initializer="zeros", seed=0,
                                       dtype=spec.dtype))
        if spec.dropout:
            layers.append(Dropout(spec.dropout, spec.dtype))
    return layers


def recurrent_encoder(spec, code_dim):
    """The sequence is read step by step; the last state makes the code."""
    own = {"dtype": spec.dtype}
    return keras.Sequential([keras.Input((spec.input_dim,), **own), keras.layers.Reshape(spec.sequence_shape, **own),
                             *gru_stack(spec.hidden_dims, spec, last_only=True),
                             dense(code_dim, spec.dtype, spec.latent_activation)])


def recurrent_decoder(spec, encoder):
    """The code is given at every step; each state makes the features of its step."""
    own, (steps, features) = {"dtype": spec.dtype}, spec.sequence_shape
    return keras.Sequential([keras.Input((spec.latent_dim,), **own), keras.layers.RepeatVector(steps, **own),
                             *gru_stack(spec.hidden_dims[::-1], spec), dense(features, spec.dtype),
                             keras.layers.Flatten(**own), keras.layers.Activation(FUNCTIONS[spec.output], **own)])
