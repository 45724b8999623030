"""The contractive autoencoder: a code that moves little when the input does."""
from aebook.errors import SpecError
from aebook.specs import MLP
from aebook.tensorflow.autoencoder import Autoencoder
from aebook.tensorflow.contraction import contractive_penalty
from aebook.tensorflow.weights import named_tensors

__all__ = ["ContractiveAutoencoder"]


class ContractiveAutoencoder(Autoencoder):
    """A contractive autoencoder: adds strength * mean over examples of ||dz/dx||^2 (Frobenius norm).

    The penalty has a closed form for an encoder of one layer, and the encoder must be one.

    Parameters
    ----------
    spec : MLP
        With `hidden_dims=()`; `latent_activation` decides where the code can be flat.
    strength : float
        Weight of the penalty.
    seed : int
        Decides the initial weights, alike in both frameworks.
    device : str, optional
        Where the model lives and works: "cpu", "gpu", or "gpu:1" for the second GPU. By default
        what the environment variable AEBOOK_DEVICE says, else the first GPU, else the CPU.

    Raises
    ------
    SpecError
        If the encoder has hidden layers, or the strength makes no sense.

    References
    ----------
    Rifai et al. (2011).

    Examples
    --------
    >>> import numpy as np
    >>> from aebook.specs import MLP
    >>> from aebook.tensorflow import evaluate
    >>> model = ContractiveAutoencoder(MLP(4, (), 2, latent_activation="sigmoid"), strength=0.1)
    >>> sorted(evaluate(model, np.eye(4)))
    ['contraction', 'loss', 'reconstruction']
    """

    def __init__(self, spec, strength=0.1, seed=0, *, device=None):
        if not isinstance(spec, MLP) or spec.hidden_dims:
            raise SpecError("The closed form of the contractive penalty needs an encoder of one layer: "
                            f"an MLP with hidden_dims=(), not {spec}.")
        if not 0 <= strength < float("inf"):
            raise SpecError(f"strength must be a number of at least 0, not {strength!r}.")
        super().__init__(spec, seed, device=device)
        self.options = {"strength": float(strength)}

    def loss_terms(self, x, eps=None):
        """Return the loss of a batch and its named parts, each a scalar per example; eps is not used."""
        tensors = named_tensors(self)
        w, b = tensors["encoder.0.weight"], tensors["encoder.0.bias"]
        contraction = contractive_penalty(w, x @ w + b, self.spec.latent_activation)
        reconstruction = self.reconstruction_loss(x, self(x))
        return {"loss": reconstruction + self.options["strength"] * contraction, "reconstruction": reconstruction,
                "contraction": contraction}
