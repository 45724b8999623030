"""Encoders and decoders built from a spec."""
import keras

from aebook.tensorflow.activations import FUNCTIONS

__all__ = ["encoder", "decoder"]


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


def decoder(spec):
    """Build the decoder of a spec: x_hat = g(W'z + b'), layer by layer.

    Parameters
    ----------
    spec : MLP

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
    return dense_stack(spec.decoder_dims, spec.activation, spec.output, spec.dtype)
