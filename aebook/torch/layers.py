"""Encoders and decoders built from a spec."""
import torch
from torch import nn

from aebook.errors import SpecError
from aebook.specs import Custom
from aebook.torch.convolutional import conv_decoder, conv_encoder
from aebook.torch.dense import mlp_decoder, mlp_encoder
from aebook.torch.recurrent import recurrent_decoder, recurrent_encoder

__all__ = ["encoder", "decoder"]

ENCODERS = {"MLP": mlp_encoder, "Conv": conv_encoder, "Recurrent": recurrent_encoder}
DECODERS = {"MLP": mlp_decoder, "Conv": conv_decoder, "Recurrent": recurrent_decoder}


def untouched_random_state():
    """A block that leaves PyTorch's random state as it was: layers draw weights, which are then set from NumPy's."""
    return torch.random.fork_rng(devices=[])  # skip_init does not draw, but takes 1.4 s to load SymPy


def encoder(spec, code_dim=None):
    """Build the encoder of a spec: for an MLP z = f(Wx + b), layer by layer.

    Parameters
    ----------
    spec : MLP, Conv or Recurrent
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
    with untouched_random_state():
        return ENCODERS[type(spec).__name__](spec, code_dim or spec.latent_dim)


def decoder(spec, encoder=None):
    """Build the decoder of a spec: for an MLP x_hat = g(W'z + b'), layer by layer.

    Parameters
    ----------
    spec : MLP, Conv or Recurrent
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
    with untouched_random_state():
        return DECODERS[type(spec).__name__](spec, encoder)


def pair(spec, code_dim, own_encoder, own_decoder, place):
    """The encoder and decoder of a model: built from its spec, or the pair that was passed in."""
    if not isinstance(spec, Custom):
        if own_encoder is not None or own_decoder is not None:
            raise SpecError(f"A {type(spec).__name__} spec says what to build. With an encoder and a decoder of your "
                            f"own use Custom(input_dim={spec.input_dim}, latent_dim={spec.latent_dim}).")
        made = encoder(spec, code_dim)
        return made, decoder(spec, made)
    for name, part in (("encoder", own_encoder), ("decoder", own_decoder)):
        if not isinstance(part, nn.Module):
            raise SpecError(f"A Custom spec needs {name}=, a torch.nn.Module, not {part!r}.")
    for part in (own_encoder, own_decoder):
        part.to(place)
    check_shapes("encoder", own_encoder, spec, spec.input_dim, code_dim, place)
    check_shapes("decoder", own_decoder, spec, spec.latent_dim, spec.input_dim, place)
    return own_encoder, own_decoder


@torch.no_grad()
def check_shapes(name, part, spec, n_in, n_out, place):
    """Try a part of one's own on two examples of zeros."""
    modes = {module: module.training for module in part.modules()}
    part.eval()
    try:
        out = part(torch.zeros(2, n_in, dtype=getattr(torch, spec.dtype), device=place))
    except Exception as error:
        raise SpecError(f"Your {name} fails on an input of shape (2, {n_in}), {spec.dtype}: {error}") from error
    finally:
        for module, training in modes.items():
            module.training = training
    if not isinstance(out, torch.Tensor) or tuple(out.shape) != (2, n_out):
        raise SpecError(f"Your {name} turns an input of shape (2, {n_in}) into "
                        f"{tuple(out.shape) if isinstance(out, torch.Tensor) else type(out).__name__}; "
                        f"the spec and the class of the model need (2, {n_out}).")
