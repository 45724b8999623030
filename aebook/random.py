"""All randomness of a run, drawn in NumPy so that both frameworks get the same.

Each use has its own stream, derived from the seed and a key: the order of epoch 7 does not
depend on how many weights were drawn before it, and nothing needs to be remembered to resume.
"""
import math

import numpy as np

from aebook.weights import weight_shapes

__all__ = ["batches_at_once", "generator", "glorot_uniform", "initial_weights", "noise", "permutation"]

WEIGHTS, ORDER, NOISE = 0, 1, 2


def generator(seed, *key):
    """Return the NumPy generator of one stream of the seed.

    Parameters
    ----------
    seed : int
    *key : int
        Which stream, such as (use, epoch).

    Returns
    -------
    numpy.random.Generator

    Examples
    --------
    >>> float(generator(0, 1).uniform()) == float(generator(0, 1).uniform())
    True
    """
    return np.random.default_rng(np.random.SeedSequence(seed, spawn_key=key))


def glorot_uniform(rng, fan_in, fan_out, shape=None):
    """Draw a weight matrix from U(-a, a) with a = sqrt(6 / (fan_in + fan_out)).

    Parameters
    ----------
    rng : numpy.random.Generator
    fan_in, fan_out : int
        Inputs of each output, and outputs that each input reaches.
    shape : tuple of int, optional
        (fan_in, fan_out) if absent.

    Returns
    -------
    ndarray of that shape, float64

    References
    ----------
    Glorot and Bengio (2010), equation 16.

    Examples
    --------
    >>> glorot_uniform(generator(0), 784, 128).shape
    (784, 128)
    """
    bound = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=shape or (fan_in, fan_out))


def initial_weights(spec, seed, code_dim=None):
    """Draw the initial weights of an autoencoder.

    Kernels are Glorot-uniform, each gate of a GRU on its own; the matrices by which a GRU's state
    meets itself are orthogonal; biases and shifts are 0, scales and variances 1.

    Parameters
    ----------
    spec : MLP, Conv or Recurrent
    seed : int
    code_dim : int, optional
        What the encoder puts out, where that is not `latent_dim`: a variational encoder returns
        two numbers for each number of the code.

    Returns
    -------
    dict of str to ndarray
        In the canonical layout of `aebook.weights`, in the dtype of the spec. Both dtypes start
        from the same draw.

    References
    ----------
    Glorot and Bengio (2010); Saxe, McClelland and Ganguli (2014) for the orthogonal matrices.

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> list(initial_weights(MLP(input_dim=4, hidden_dims=(), latent_dim=2), seed=0))
    ['encoder.0.weight', 'encoder.0.bias', 'decoder.0.weight', 'decoder.0.bias']
    """
    rng, weights, shapes = generator(seed, WEIGHTS), {}, weight_shapes(spec, code_dim)
    for name, shape in shapes.items():
        layer, kind = name.rsplit(".", 1)
        if kind == "recurrent_weight":
            drawn = np.concatenate([np.linalg.qr(rng.standard_normal((shape[0],) * 2))[0] for _ in range(3)], axis=1)
        elif kind == "weight" and f"{layer}.recurrent_weight" in shapes:
            drawn = np.concatenate([glorot_uniform(rng, shape[0], shape[1] // 3) for _ in range(3)], axis=1)
        elif kind == "weight":
            field = math.prod(shape[:-2])  # positions of a convolution's kernel
            drawn = glorot_uniform(rng, field * shape[-2], field * shape[-1], shape)
        else:
            drawn = np.full(shape, 1.0 if kind in ("gamma", "running_var") else 0.0)
        weights[name] = drawn.astype(spec.dtype)
    return weights


def permutation(n, seed, epoch):
    """Return the order in which an epoch visits the examples.

    Parameters
    ----------
    n : int
        Number of examples.
    seed, epoch : int

    Returns
    -------
    ndarray of shape (n,), int64

    Examples
    --------
    >>> sorted(permutation(3, seed=0, epoch=0).tolist())
    [0, 1, 2]
    """
    return generator(seed, ORDER, epoch).permutation(n)


def batches_at_once(batch_size, width):
    """Return of how many batches `fit` draws order and noise at a time, so that they fit into little memory.

    Parameters
    ----------
    batch_size : int
    width : int
        Random numbers that an example needs.

    Returns
    -------
    int
        At most 64, and at most 2**23 numbers in all, which are 64 MB; at least 1.

    Examples
    --------
    >>> batches_at_once(128, 784)
    64
    """
    return max(1, min(64, 2**23 // max(1, batch_size * width)))


def noise(kind, shape, seed=None, *key):
    """Draw the noise of a part of an epoch.

    Parameters
    ----------
    kind : {"normal", "uniform"}
        Standard normal, or uniform on [0, 1).
    shape : tuple of int
    seed : int, optional
        Without one the draw is not reproducible.
    *key : int
        Which part, such as (epoch, block).

    Returns
    -------
    ndarray of that shape, float64
        Both dtypes of a model get the same draw.

    Examples
    --------
    >>> noise("uniform", (2, 3), 0).shape
    (2, 3)
    """
    rng = np.random.default_rng() if seed is None else generator(seed, NOISE, *key)
    return rng.standard_normal(shape) if kind == "normal" else rng.random(shape)
