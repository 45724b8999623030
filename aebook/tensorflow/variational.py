"""The variational autoencoder: a distribution over codes instead of a point."""
import math

import numpy as np
import tensorflow as tf

from aebook.errors import SpecError
from aebook.random import generator, noise
from aebook.tensorflow.arrays import beside_the_model, from_numpy, to_numpy, where
from aebook.tensorflow.autoencoder import Autoencoder
from aebook.tensorflow.inference import decode, encode
from aebook.tensorflow.latent import gaussian_kl, reparameterize
from aebook.validation import check_count, check_data

__all__ = ["VariationalAutoencoder", "sample", "interpolate", "log_likelihood"]


class VariationalAutoencoder(Autoencoder):
    """A variational autoencoder: minimizes -log p(x|z) + beta KL(q(z|x) || N(0, I)), z = mu + sigma eps.

    The encoder returns mu and log sigma^2, side by side; `encode` returns mu. Under the Gaussian
    likelihood p(x|z) has variance 1/2, so that -log p(x|z) is the squared error plus a constant,
    (d/2) log pi, which the loss leaves out.

    Parameters
    ----------
    spec : MLP, Conv, Recurrent or Custom
        What to build.
    beta : float
        Weight of the KL term; 1 makes the loss a bound on -log p(x).
    seed : int
        Decides the initial weights, alike in both frameworks.
    encoder, decoder : keras.Model or keras.Layer, optional
        A pair of your own, with a `Custom` spec.
    device : str, optional
        Where the model lives and works: "cpu", "gpu", or "gpu:1" for the second GPU. By default
        what the environment variable AEBOOK_DEVICE says, else the first GPU, else the CPU.

    Raises
    ------
    SpecError
        If beta makes no sense, the code has an activation, or the weights are tied.

    References
    ----------
    Kingma and Welling (2014); for beta, Higgins et al. (2017).

    Examples
    --------
    >>> import numpy as np
    >>> from aebook.specs import MLP
    >>> from aebook.tensorflow import evaluate
    >>> model = VariationalAutoencoder(MLP(4, (3,), 2, likelihood="bernoulli"))
    >>> sorted(evaluate(model, np.eye(4)))
    ['kl', 'loss', 'reconstruction']
    """

    outputs_per_code = 2

    def __init__(self, spec, beta=1.0, seed=0, *, encoder=None, decoder=None, device=None):
        if not 0 <= beta < float("inf"):
            raise SpecError(f"beta must be a number of at least 0, not {beta!r}.")
        if spec.latent_activation not in ("linear", None):
            raise SpecError("A mean and a log-variance may be any number: leave latent_activation at 'linear', "
                            f"not {spec.latent_activation!r}.")
        if spec.tied:
            raise SpecError("A variational encoder puts out two numbers for each one that the decoder takes in: "
                            "their matrices cannot be tied.")
        super().__init__(spec, seed, encoder=encoder, decoder=decoder, device=device)
        self.options = {"beta": float(beta)}
        self.noise = ("normal", spec.latent_dim)

    def posterior(self, x):
        """Return mu and log sigma^2 of q(z|x), each of shape (batch, latent_dim)."""
        return tf.split(self.encoder(x, training=self.training), 2, axis=1)

    def encode(self, x):
        """Return the mean code mu of x; shapes (batch, input_dim) -> (batch, latent_dim)."""
        return self.posterior(x)[0]

    def loss_terms(self, x, eps=None):
        """Return the loss of a batch and its named parts, each a scalar per example; eps draws the code."""
        mu, log_var = self.posterior(x)
        z = reparameterize(mu, log_var, eps)
        reconstruction = self.reconstruction_loss(x, self.decoder(z, training=self.training))
        kl = gaussian_kl(mu, log_var)
        return {"loss": reconstruction + self.kl_weight * self.options["beta"] * kl, "reconstruction": reconstruction,
                "kl": kl}


def sample(model, n, seed=0):
    """Return new examples: codes drawn from the prior N(0, I), decoded.

    Parameters
    ----------
    model : VariationalAutoencoder
    n : int
    seed : int
        Decides the codes, alike in both frameworks.

    Returns
    -------
    ndarray of shape (n, input_dim)
        Means of p(x|z), in the units of the data.

    Raises
    ------
    DataError
        If n is no whole number of at least 1.

    Examples
    --------
    >>> from aebook.specs import MLP
    >>> sample(VariationalAutoencoder(MLP(4, (3,), 2)), 5).shape
    (5, 4)
    """
    return decode(model, generator(seed).standard_normal((check_count(n, "n"), model.spec.latent_dim)))


def interpolate(model, a, b, steps=8):
    """Return the examples on the way from one to another: equal steps between their codes, decoded.

    Parameters
    ----------
    model : Autoencoder
    a, b : array_like of shape (input_dim,)
    steps : int
        Examples to return, both ends included.

    Returns
    -------
    ndarray of shape (steps, input_dim)
        The ends are reconstructions of a and b.

    Raises
    ------
    DataError
        If a or b has the wrong length or is not finite, or steps is no whole number of at least 1.

    Examples
    --------
    >>> import numpy as np
    >>> from aebook.specs import MLP
    >>> interpolate(VariationalAutoencoder(MLP(4, (3,), 2)), np.zeros(4), np.ones(4), steps=3).shape
    (3, 4)
    """
    start, end = encode(model, [np.ravel(a), np.ravel(b)])
    share = np.linspace(0, 1, check_count(steps, "steps"))[:, None]
    return decode(model, (1 - share) * start + share * end)


@beside_the_model
def log_likelihood(model, x, samples=100, seed=0):
    """Return an estimate of log p(x) by importance sampling from the encoder.

    log 1/K sum_k p(x|z_k) p(z_k) / q(z_k|x) with z_k from q(z|x), by logsumexp. Its expectation is
    a lower bound on log p(x) that rises with K.

    Parameters
    ----------
    model : VariationalAutoencoder
    x : array_like of shape (examples, input_dim)
    samples : int
        K, codes drawn for each example.
    seed : int
        Decides the draws, alike in both frameworks.

    Returns
    -------
    ndarray of shape (examples,), float64
        Nats; the constants of both likelihoods are included.

    Raises
    ------
    DataError
        If x has the wrong shape, is not finite, or is out of range under the Bernoulli likelihood; if samples is
        no whole number of at least 1.

    References
    ----------
    Burda, Grosse and Salakhutdinov (2016), equation 8.

    Examples
    --------
    >>> import numpy as np
    >>> from aebook.specs import MLP
    >>> log_likelihood(VariationalAutoencoder(MLP(4, (3,), 2)), np.eye(4), samples=5).shape
    (4,)
    """
    spec, samples = model.spec, check_count(samples, "samples")
    x = from_numpy(check_data(x, spec.input_dim, dtype=spec.dtype, unit_interval=spec.likelihood == "bernoulli"),
                   spec.dtype, where(model))
    mu, log_var = model.posterior(x)
    log_weights = []
    for k in range(samples):
        eps = from_numpy(noise("normal", tuple(mu.shape), seed, k), spec.dtype, where(model))
        z = reparameterize(mu, log_var, eps)
        if spec.likelihood == "bernoulli":
            nats = tf.nn.sigmoid_cross_entropy_with_logits(labels=x, logits=model.decoder(z))
            log_p = -tf.reduce_sum(nats, axis=1)
        else:
            log_p = -tf.reduce_sum((x - model.decoder(z)) ** 2, axis=1) - spec.input_dim / 2 * math.log(math.pi)
        log_ratio = 0.5 * tf.reduce_sum(log_var + eps**2 - z**2, axis=1)  # log p(z) - log q(z|x)
        log_weights.append(tf.cast(log_p + log_ratio, tf.float64))
    return to_numpy(tf.reduce_logsumexp(tf.stack(log_weights), axis=0)) - math.log(samples)
