"""A trained model at work: NumPy in, NumPy out, in batches."""
import contextlib

import numpy as np
import torch

from aebook.torch.arrays import from_numpy, to_numpy, where
from aebook.validation import check_data

__all__ = ["encode", "decode", "reconstruct"]


@contextlib.contextmanager
def evaluating(model):
    """The model in evaluation mode, and afterwards in the mode in which it was."""
    was_training = model.training
    model.eval()
    try:
        yield
    finally:
        model.train(was_training)


@torch.inference_mode()
def in_batches(model, function, x, batch_size):
    """A function applied to NumPy rows in batches, in evaluation mode."""
    with evaluating(model):
        return np.concatenate([to_numpy(function(from_numpy(x[i:i + batch_size], model.spec.dtype, where(model))))
                               for i in range(0, len(x), batch_size)])


def encode(model, x, batch_size=1024):
    """Return the codes of examples.

    Parameters
    ----------
    model : Autoencoder
    x : array_like of shape (examples, input_dim)
    batch_size : int
        Examples at a time; bounds the memory.

    Returns
    -------
    ndarray of shape (examples, latent_dim)

    Raises
    ------
    DataError
        If x has the wrong shape, is not finite, or is out of range under the Bernoulli likelihood.

    Examples
    --------
    >>> import numpy as np
    >>> from aebook.specs import MLP
    >>> from aebook.torch import Autoencoder
    >>> encode(Autoencoder(MLP(4, (3,), 2)), np.zeros((5, 4))).shape
    (5, 2)
    """
    spec = model.spec
    x = check_data(x, spec.input_dim, dtype=spec.dtype, unit_interval=spec.likelihood == "bernoulli")
    return in_batches(model, model.encode, x, batch_size)


def decode(model, z, batch_size=1024):
    """Return the reconstructions that belong to codes.

    Parameters
    ----------
    model : Autoencoder
    z : array_like of shape (examples, latent_dim)
    batch_size : int
        Examples at a time; bounds the memory.

    Returns
    -------
    ndarray of shape (examples, input_dim)
        In the units of the data.

    Raises
    ------
    DataError
        If z has the wrong shape or is not finite.

    Examples
    --------
    >>> import numpy as np
    >>> from aebook.specs import MLP
    >>> from aebook.torch import Autoencoder
    >>> decode(Autoencoder(MLP(4, (3,), 2)), np.zeros((5, 2))).shape
    (5, 4)
    """
    z = check_data(z, model.spec.latent_dim, dtype=model.spec.dtype, name="z")
    return in_batches(model, model.decode, z, batch_size)


def reconstruct(model, x, batch_size=1024):
    """Return the reconstructions of examples: decode(encode(x)).

    Parameters
    ----------
    model : Autoencoder
    x : array_like of shape (examples, input_dim)
    batch_size : int
        Examples at a time; bounds the memory.

    Returns
    -------
    ndarray of shape (examples, input_dim)
        In the units of the data.

    Raises
    ------
    DataError
        If x has the wrong shape, is not finite, or is out of range under the Bernoulli likelihood.

    Examples
    --------
    >>> import numpy as np
    >>> from aebook.specs import MLP
    >>> from aebook.torch import Autoencoder
    >>> reconstruct(Autoencoder(MLP(4, (3,), 2)), np.zeros((5, 4))).shape
    (5, 4)
    """
    spec = model.spec
    x = check_data(x, spec.input_dim, dtype=spec.dtype, unit_interval=spec.likelihood == "bernoulli")
    return in_batches(model, lambda batch: model.decode(model.encode(batch)), x, batch_size)
