"""The denoising autoencoder: sees a corrupted example, is judged by the clean one."""
from aebook.errors import SpecError
from aebook.tensorflow.autoencoder import Autoencoder
from aebook.tensorflow.corruption import gaussian_noise, masking_noise, salt_and_pepper

__all__ = ["DenoisingAutoencoder"]

CORRUPTIONS = {"gaussian": (gaussian_noise, "normal"), "masking": (masking_noise, "uniform"),
               "salt_and_pepper": (salt_and_pepper, "uniform")}


class DenoisingAutoencoder(Autoencoder):
    """A denoising autoencoder: minimizes the reconstruction error of x from a corrupted copy of x.

    Parameters
    ----------
    spec : MLP, Conv, Recurrent or Custom
        What to build.
    corruption : {"gaussian", "masking", "salt_and_pepper"}
        What is done to the input during training and in `evaluate`; never in `reconstruct`.
    level : float
        Standard deviation of Gaussian noise, in the units of the data; for the others the fraction
        of entries that are replaced.
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
        If the corruption is unknown or its level makes no sense.

    References
    ----------
    Vincent et al. (2008, 2010).

    Examples
    --------
    >>> import numpy as np
    >>> from aebook.specs import MLP
    >>> from aebook.tensorflow import evaluate
    >>> model = DenoisingAutoencoder(MLP(4, (3,), 2), corruption="masking", level=0.5)
    >>> sorted(evaluate(model, np.eye(4)))
    ['loss', 'reconstruction']
    """

    def __init__(self, spec, corruption="gaussian", level=0.3, seed=0, *, encoder=None, decoder=None, device=None):
        if corruption not in CORRUPTIONS:
            raise SpecError(f"corruption must be one of {', '.join(map(repr, CORRUPTIONS))}, not {corruption!r}.")
        if not 0 <= level < float("inf") or corruption != "gaussian" and level > 1:
            raise SpecError(f"level must be a standard deviation or a fraction of the entries, not {level!r}.")
        super().__init__(spec, seed, encoder=encoder, decoder=decoder, device=device)
        self.options = {"corruption": corruption, "level": float(level)}
        self.noise = (CORRUPTIONS[corruption][1], spec.input_dim)

    def corrupt(self, x, eps=None):
        """Return a corrupted copy of x; eps is the noise to use, drawn if absent."""
        return CORRUPTIONS[self.options["corruption"]][0](x, self.options["level"], eps)

    def loss_terms(self, x, eps=None):
        """Return the loss of a batch and its named parts, each a scalar per example; eps corrupts x."""
        reconstruction = self.reconstruction_loss(x, self(self.corrupt(x, eps)))
        return {"loss": reconstruction, "reconstruction": reconstruction}
