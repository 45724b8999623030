"""The autoencoder: an encoder, a code, a decoder, and the reconstruction error as the only teacher."""
import keras

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

    Examples
    --------
    >>> import tensorflow as tf
    >>> from aebook.specs import MLP
    >>> model = Autoencoder(MLP(input_dim=4, hidden_dims=(3,), latent_dim=2), seed=0)
    >>> tuple(model.encode(tf.zeros((5, 4))).shape)
    (5, 2)
    """

    def __init__(self, spec, seed=0):
        super().__init__(dtype=spec.dtype)
        self.spec = spec
        self.encoder = encoder(spec)
        self.decoder = decoder(spec)
        self.built = True
        set_weights(self, dense_weights(spec, seed))

    def call(self, x):
        return self.decoder(self.encoder(x))

    def encode(self, x):
        """Return the code z of x; shapes (batch, input_dim) -> (batch, latent_dim)."""
        return self.encoder(x)

    def decode(self, z):
        """Return x_hat in the units of the data; shapes (batch, latent_dim) -> (batch, input_dim)."""
        x_hat = self.decoder(z)
        return activation("sigmoid", x_hat) if self.spec.likelihood == "bernoulli" else x_hat

    def loss_terms(self, x):
        """Return the loss of a batch and its named parts, each a scalar per example."""
        reconstruction = RECONSTRUCTION[self.spec.likelihood](x, self(x))
        return {"loss": reconstruction, "reconstruction": reconstruction}
