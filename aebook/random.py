"""All randomness of a run, drawn in NumPy so that both frameworks get the same.

Each use has its own stream, derived from the seed and a key: the order of epoch 7 does not
depend on how many weights were drawn before it, and nothing needs to be remembered to resume.
"""
import numpy as np

__all__ = ["generator", "glorot_uniform", "dense_weights", "permutation", "noise"]

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


def glorot_uniform(rng, fan_in, fan_out):
    """Draw a weight matrix from U(-a, a) with a = sqrt(6 / (fan_in + fan_out)).

    Parameters
    ----------
    rng : numpy.random.Generator
    fan_in, fan_out : int
        Inputs and outputs of the layer.

    Returns
    -------
    ndarray of shape (fan_in, fan_out), float64

    References
    ----------
    Glorot and Bengio (2010), equation 16.

    Examples
    --------
    >>> glorot_uniform(generator(0), 784, 128).shape
    (784, 128)
    """
    bound = np.sqrt(6 / (fan_in + fan_out))
    return rng.uniform(-bound, bound, size=(fan_in, fan_out))


def dense_weights(spec, seed, code_dim=None):
    """Draw the initial weights of a fully connected autoencoder.

    Parameters
    ----------
    spec : MLP
    seed : int
    code_dim : int, optional
        What the encoder puts out, where that is not `latent_dim`: a variational encoder returns
        two numbers for each number of the code.

    Returns
    -------
    dict of str to ndarray
        Canonical layout: `encoder.0.weight` of shape (in, out), `encoder.0.bias` (zeros), ...,
        in the dtype of the spec. Both dtypes start from the same draw.

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> list(dense_weights(MLP(input_dim=4, hidden_dims=(), latent_dim=2), seed=0))
    ['encoder.0.weight', 'encoder.0.bias', 'decoder.0.weight', 'decoder.0.bias']
    """
    rng = generator(seed, WEIGHTS)
    weights = {}
    encoder_dims = (*spec.encoder_dims[:-1], code_dim or spec.latent_dim)
    for part, dims in (("encoder", encoder_dims), ("decoder", spec.decoder_dims)):
        for i, (fan_in, fan_out) in enumerate(zip(dims, dims[1:])):
            if part == "encoder" or not spec.tied:
                weights[f"{part}.{i}.weight"] = glorot_uniform(rng, fan_in, fan_out).astype(spec.dtype)
            weights[f"{part}.{i}.bias"] = np.zeros(fan_out, spec.dtype)
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
