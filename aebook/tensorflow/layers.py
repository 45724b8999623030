"""Encoders and decoders built from a spec."""
import keras
import tensorflow as tf

from aebook.tensorflow.activations import FUNCTIONS

__all__ = ["encoder", "decoder"]


class TiedDense(keras.layers.Layer):
    """The transpose of another dense layer's matrix, with a bias of its own."""

    def __init__(self, source, activation, dtype):
        super().__init__(dtype=dtype)
        self.source = lambda: source  # in a function, so that its weights are not counted twice
        self.activation = activation
        self.bias = self.add_weight(shape=source.kernel.shape[:1], initializer="zeros", name="bias")

    def call(self, h):
        return self.activation(tf.matmul(h, self.source().kernel, transpose_b=True) + self.bias)


def dense_stack(dims, hidden, last, dtype):
    layers = [keras.Input((dims[0],), dtype=dtype)]
    for i, fan_out in enumerate(dims[1:]):
        # zeros: the weights are drawn in NumPy, and Keras's own random state is left alone
        layers.append(keras.layers.Dense(fan_out, FUNCTIONS[hidden if i < len(dims) - 2 else last],
                                         kernel_initializer="zeros", dtype=dtype))
    return keras.Sequential(layers)


def encoder(spec, code_dim=None):
    """Build the encoder of a spec: z = f(Wx + b), layer by layer.

    Parameters
    ----------
    spec : MLP
    code_dim : int, optional
        Numbers to put out, where that is not `latent_dim`.

    Returns
    -------
    keras.Sequential
        From (batch, input_dim) to (batch, code_dim). Its weights are not set yet.

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> encoder(MLP(4, (3,), 2)).count_params()
    23
    """
    dims = (*spec.encoder_dims[:-1], code_dim or spec.latent_dim)
    return dense_stack(dims, spec.activation, spec.latent_activation, spec.dtype)


def decoder(spec, encoder=None):
    """Build the decoder of a spec: x_hat = g(W'z + b'), layer by layer.

    Parameters
    ----------
    spec : MLP
    encoder : keras.Sequential, optional
        Whose matrices a tied decoder uses.

    Returns
    -------
    keras.Sequential
        From (batch, latent_dim) to (batch, input_dim); logits under the Bernoulli likelihood.
        Its weights are not set yet.

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> decoder(MLP(4, (3,), 2)).count_params()
    25
    """
    if not spec.tied:
        return dense_stack(spec.decoder_dims, spec.activation, spec.output, spec.dtype)
    names = [spec.activation] * len(spec.hidden_dims) + [spec.output]
    tied = [TiedDense(source, FUNCTIONS[name], dtype=spec.dtype) for source, name in zip(encoder.layers[::-1], names)]
    return keras.Sequential([keras.Input((spec.latent_dim,), dtype=spec.dtype), *tied])
