"""The sparse autoencoder: a code with few active units, by penalty or by rule."""
import tensorflow as tf

from aebook.errors import SpecError
from aebook.tensorflow.autoencoder import Autoencoder
from aebook.tensorflow.penalties import l1_penalty
from aebook.tensorflow.sparsity import bernoulli_kl, keep_largest, mean_activity

__all__ = ["SparseAutoencoder"]

SPARSITIES = ("l1", "kl", "topk")


class SparseAutoencoder(Autoencoder):
    """A sparse autoencoder: the reconstruction error plus a price on activity, or a limit to it.

    "l1" adds strength * mean over examples of sum_j |z_j|. "kl" adds strength * sum_j KL(rho ||
    rho_hat_j), rho_hat_j being the mean activity of unit j over the batch; it needs
    `latent_activation="sigmoid"`. "topk" adds nothing: the code keeps the k largest units of each
    example and sets the rest to zero.

    Parameters
    ----------
    spec : MLP, Conv, Recurrent or Custom
        What to build; the code may be larger than the input.
    sparsity : {"l1", "kl", "topk"}
    strength : float
        Weight of the penalty, for "l1" and "kl".
    rho : float
        Target activity, for "kl".
    k : int
        Units to keep, for "topk".
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
        If a parameter makes no sense.

    References
    ----------
    Ng (2011), "Sparse autoencoder"; Makhzani and Frey (2013).

    Examples
    --------
    >>> import numpy as np
    >>> from aebook.specs import MLP
    >>> from aebook.tensorflow import encode
    >>> model = SparseAutoencoder(MLP(4, (), 8), sparsity="topk", k=2)
    >>> (encode(model, np.ones((3, 4))) != 0).sum(axis=1).tolist()
    [2, 2, 2]
    """

    def __init__(self, spec, sparsity="l1", strength=1.0, rho=0.05, k=10, seed=0, *, encoder=None, decoder=None,
                 device=None):
        if sparsity not in SPARSITIES:
            raise SpecError(f"sparsity must be one of {', '.join(map(repr, SPARSITIES))}, not {sparsity!r}.")
        if not 0 <= strength < float("inf"):
            raise SpecError(f"strength must be a number of at least 0, not {strength!r}.")
        if sparsity == "kl" and not 0 < rho < 1:
            raise SpecError(f"rho must lie in (0, 1), not {rho!r}.")
        if sparsity == "kl" and spec.latent_activation not in ("sigmoid", None):
            raise SpecError("sparsity='kl' compares mean activities with rho in (0, 1): "
                            f"it needs latent_activation='sigmoid', not {spec.latent_activation!r}.")
        if sparsity == "topk" and not 1 <= k <= spec.latent_dim:
            raise SpecError(f"k must lie between 1 and latent_dim = {spec.latent_dim}, not {k!r}.")
        super().__init__(spec, seed, encoder=encoder, decoder=decoder, device=device)
        self.options = {"sparsity": sparsity, "strength": float(strength), "rho": float(rho), "k": int(k)}

    def encode(self, x):
        """Return the code z of x; shapes (batch, input_dim) -> (batch, latent_dim)."""
        z = self.encoder(x, training=self.training)
        return keep_largest(z, self.options["k"]) if self.options["sparsity"] == "topk" else z

    def loss_terms(self, x, eps=None):
        """Return the loss of a batch and its named parts, each a scalar per example; eps is not used."""
        z = self.encode(x)
        reconstruction = self.reconstruction_loss(x, self.decoder(z, training=self.training))
        if self.options["sparsity"] == "topk":
            return {"loss": reconstruction, "reconstruction": reconstruction}
        if self.options["sparsity"] == "l1":
            sparsity = l1_penalty(z) / tf.cast(tf.shape(x)[0], x.dtype)
        else:
            sparsity = bernoulli_kl(mean_activity(z), self.options["rho"])
        return {"loss": reconstruction + self.options["strength"] * sparsity, "reconstruction": reconstruction,
                "sparsity": sparsity}
