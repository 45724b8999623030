"""Encoders and decoders built from a spec."""
import keras
import tensorflow as tf

from aebook.errors import SpecError
from aebook.specs import Custom
from aebook.tensorflow.convolutional import conv_decoder, conv_encoder
from aebook.tensorflow.dense import mlp_decoder, mlp_encoder
from aebook.tensorflow.recurrent import recurrent_decoder, recurrent_encoder

__all__ = ["encoder", "decoder"]

ENCODERS = {"MLP": mlp_encoder, "Conv": conv_encoder, "Recurrent": recurrent_encoder}
DECODERS = {"MLP": mlp_decoder, "Conv": conv_decoder, "Recurrent": recurrent_decoder}


def encoder(spec, code_dim=None):
    """Build the encoder of a spec: for an MLP z = f(Wx + b), layer by layer.

    Parameters
    ----------
    spec : MLP, Conv or Recurrent
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
    return ENCODERS[type(spec).__name__](spec, code_dim or spec.latent_dim)


def decoder(spec, encoder=None):
    """Build the decoder of a spec: for an MLP x_hat = g(W'z + b'), layer by layer.

    Parameters
    ----------
    spec : MLP, Conv or Recurrent
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
    return DECODERS[type(spec).__name__](spec, encoder)

def pair(spec, code_dim, own_encoder, own_decoder):
    """The encoder and decoder of a model: built from its spec, or the pair that was passed in."""
    if not isinstance(spec, Custom):
        if own_encoder is not None or own_decoder is not None:
            raise SpecError(f"A {type(spec).__name__} spec says what to build. With an encoder and a decoder of your "
                            f"own use Custom(input_dim={spec.input_dim}, latent_dim={spec.latent_dim}).")
        made = encoder(spec, code_dim)
        return made, decoder(spec, made)
    for name, part in (("encoder", own_encoder), ("decoder", own_decoder)):
        if not isinstance(part, keras.layers.Layer):
            raise SpecError(f"A Custom spec needs {name}=, a keras.Model or keras.Layer, not {part!r}.")
    check_shapes("encoder", own_encoder, spec, spec.input_dim, code_dim)
    check_shapes("decoder", own_decoder, spec, spec.latent_dim, spec.input_dim)
    return own_encoder, own_decoder


def check_shapes(name, part, spec, n_in, n_out):
    """Try a part of one's own on two examples of zeros, which also builds it."""
    try:
        out = part(tf.zeros((2, n_in), spec.dtype), training=False)
    except Exception as error:
        raise SpecError(f"Your {name} fails on an input of shape (2, {n_in}), {spec.dtype}: {error}") from error
    if not isinstance(out, tf.Tensor) or tuple(out.shape) != (2, n_out):
        raise SpecError(f"Your {name} turns an input of shape (2, {n_in}) into "
                        f"{tuple(out.shape) if isinstance(out, tf.Tensor) else type(out).__name__}; "
                        f"the spec and the class of the model need (2, {n_out}).")
    if out.dtype != spec.dtype:
        raise SpecError(f"Your {name} computes in {out.dtype.name}; the spec says {spec.dtype}. "
                        f"Make its layers with dtype={spec.dtype!r}.")
