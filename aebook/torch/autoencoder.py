"""The autoencoder: an encoder, a code, a decoder, and the reconstruction error as the only teacher."""
from torch import nn

from aebook.random import initial_weights
from aebook.specs import Custom
from aebook.torch.activations import activation
from aebook.torch.arrays import device_named
from aebook.torch.layers import pair
from aebook.torch.losses import bernoulli_nll, squared_error
from aebook.torch.weights import set_weights

__all__ = ["Autoencoder"]

RECONSTRUCTION = {"gaussian": squared_error, "bernoulli": bernoulli_nll}


class Autoencoder(nn.Module):
    """An autoencoder: z = f(Wx + b), x_hat = g(W'z + b'), trained to make x_hat like x.

    Calling the model returns what the decoder returns: x_hat, or its logits under the Bernoulli
    likelihood.

    Parameters
    ----------
    spec : MLP, Conv, Recurrent or Custom
        What to build.
    seed : int
        Decides the initial weights, alike in both frameworks; of no effect on a custom pair.
    encoder, decoder : torch.nn.Module, optional
        A pair of your own, with a `Custom` spec: from (batch, input_dim) to (batch, latent_dim) and
        back. All model classes take one.
    device : str or torch.device, optional
        Where the model lives and works: "cpu", "gpu", or "gpu:1" for the second GPU. By default
        what the environment variable AEBOOK_DEVICE says, else the first GPU, else the CPU.

    Attributes
    ----------
    encoder, decoder : torch.nn.Module
    spec : MLP, Conv, Recurrent or Custom
    noise : None or (str, int)
        Kind and numbers per example of the randomness that `loss_terms` takes as eps.

    Raises
    ------
    SpecError
        If a pair of your own is not one, or its shapes are not those that the spec announces.

    Examples
    --------
    >>> import torch
    >>> from aebook.specs import MLP
    >>> model = Autoencoder(MLP(input_dim=4, hidden_dims=(3,), latent_dim=2), seed=0)
    >>> tuple(model.encode(torch.zeros(5, 4)).shape)
    (5, 2)
    """

    noise = None
    outputs_per_code = 1  # numbers that the encoder puts out for each number of the code

    def __init__(self, spec, seed=0, *, encoder=None, decoder=None, device=None):
        super().__init__()
        place = device_named(device)
        self.spec = spec
        self.kl_weight = 1.0  # `fit` lowers it while a variational model warms up
        self.options = {}
        self.encoder, self.decoder = pair(spec, self.outputs_per_code * spec.latent_dim, encoder, decoder, place)
        if not isinstance(spec, Custom):
            set_weights(self, initial_weights(spec, seed, self.outputs_per_code * spec.latent_dim))
        self.to(place)

    def forward(self, x):
        return self.decoder(self.encode(x))

    def encode(self, x):
        """Return the code z of x; shapes (batch, input_dim) -> (batch, latent_dim)."""
        return self.encoder(x)

    def decode(self, z):
        """Return x_hat in the units of the data; shapes (batch, latent_dim) -> (batch, input_dim)."""
        x_hat = self.decoder(z)
        return activation("sigmoid", x_hat) if self.spec.likelihood == "bernoulli" else x_hat

    def reconstruction_loss(self, x, out):
        """Return the loss of what the decoder put out, under the likelihood of the spec."""
        return RECONSTRUCTION[self.spec.likelihood](x, out)

    def loss_terms(self, x, eps=None):
        """Return the loss of a batch and its named parts, each a scalar per example; eps is not used."""
        reconstruction = self.reconstruction_loss(x, self(x))
        return {"loss": reconstruction, "reconstruction": reconstruction}
