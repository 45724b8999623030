"""The autoencoder: an encoder, a code, a decoder, and the reconstruction error as the only teacher."""
import keras
import tensorflow as tf

from aebook.random import dense_weights
from aebook.tensorflow.activations import activation
from aebook.tensorflow.layers import decoder, encoder
from aebook.tensorflow.losses import bernoulli_nll, squared_error
from aebook.tensorflow.weights import set_weights

__all__ = ["Autoencoder"]

RECONSTRUCTION = {"gaussian": squared_error, "bernoulli": bernoulli_nll}


class Autoencoder(keras.Model):
    """An autoencoder: z = f(Wx + b), x_hat = g(W'z + b'), trained to make x_hat like x.

    Calling the model returns what the decoder returns: x_hat, or its logits under the Bernoulli
    likelihood.

    Parameters
    ----------
    spec : MLP
        What to build.
    seed : int
        Decides the initial weights, alike in both frameworks.

    Attributes
    ----------
    encoder, decoder : keras.Sequential
    spec : MLP
    noise : None or (str, int)
        Kind and numbers per example of the randomness that `loss_terms` takes as eps.

    Examples
    --------
    >>> import tensorflow as tf
    >>> from aebook.specs import MLP
    >>> model = Autoencoder(MLP(input_dim=4, hidden_dims=(3,), latent_dim=2), seed=0)
    >>> tuple(model.encode(tf.zeros((5, 4))).shape)
    (5, 2)
    """

    noise = None
    outputs_per_code = 1  # numbers that the encoder puts out for each number of the code

    def __init__(self, spec, seed=0):
        super().__init__(dtype=spec.dtype)
        self.spec = spec
        self.kl_weight = tf.Variable(1.0, False, dtype=spec.dtype)  # `fit` lowers it during a warm-up
        self.options = {}
        self.encoder = encoder(spec, self.outputs_per_code * spec.latent_dim)
        self.decoder = decoder(spec, self.encoder)
        self.built = True
        set_weights(self, dense_weights(spec, seed, self.outputs_per_code * spec.latent_dim))

    def call(self, x):
        return self.decoder(self.encoder(x))

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
