"""What to build: one frozen dataclass for each kind of encoder and decoder."""
import math
from dataclasses import dataclass

from aebook.errors import SpecError
from aebook.specs.checks import flag, number, one_of, whole, wholes

__all__ = ["ACTIVATIONS", "LIKELIHOODS", "MLP", "Conv", "Custom", "Recurrent"]

ACTIVATIONS = ("linear", "relu", "leaky_relu", "sigmoid", "tanh", "elu", "gelu")
LIKELIHOODS = ("gaussian", "bernoulli")
OUTPUTS = ("linear", "sigmoid")
DTYPES = ("float32", "float64")


def check_shared(spec):
    """Check the fields that all kinds have but the custom one."""
    whole(spec, "latent_dim", 1)
    for field in ("activation", "latent_activation"):
        one_of(spec, field, ACTIVATIONS)
    one_of(spec, "output", OUTPUTS)
    one_of(spec, "likelihood", LIKELIHOODS)
    number(spec, "dropout", 0, 1, include_low=True)
    one_of(spec, "dtype", DTYPES)
    if spec.likelihood == "bernoulli" and spec.output != "linear":
        raise SpecError("Under likelihood='bernoulli' the decoder returns logits and the sigmoid is "
                        "applied by `reconstruct`: leave output at 'linear'.")


@dataclass(frozen=True)
class MLP:
    """A fully connected autoencoder: an encoder, a code, and the encoder mirrored as decoder.

    With `hidden_dims=(h1, h2)` the layers have input_dim - h1 - h2 - latent_dim - h2 - h1 -
    input_dim units. Each hidden layer computes h = f(Wx + b). Weights start from the
    Glorot-uniform distribution, biases from zero.

    Parameters
    ----------
    input_dim : int
        Number of features of an example, such as 784 pixels.
    hidden_dims : tuple of int
        Units of the encoder's hidden layers, outermost first; may be empty.
    latent_dim : int
        Numbers in the code.
    activation : {"relu", "leaky_relu", "sigmoid", "tanh", "elu", "gelu", "linear"}
        f of every hidden layer.
    latent_activation : the same names
        Activation of the code itself; linear unless you have a reason.
    output : {"linear", "sigmoid"}
        g, the activation of the reconstruction, under the Gaussian likelihood.
    likelihood : {"gaussian", "bernoulli"}
        "gaussian" trains on the squared error. "bernoulli" trains on the cross-entropy: the
        decoder then returns logits, `reconstruct` returns their sigmoid, and the data must lie
        in [0, 1].
    tied : bool
        Whether the decoder uses the encoder's matrices, transposed, with biases of its own.
    batch_norm : bool
        Whether each hidden layer is normalized over the batch before f; its shift then takes the
        place of the bias.
    dropout : float
        Probability of a hidden unit being set to 0, after f, during training.
    dtype : {"float32", "float64"}
        Precision of weights and arithmetic.

    Raises
    ------
    SpecError
        If a field has a value that makes no sense.

    Examples
    --------
    >>> MLP(input_dim=784, hidden_dims=(128,), latent_dim=32).decoder_dims
    (32, 128, 784)
    """

    input_dim: int
    hidden_dims: tuple = (128,)
    latent_dim: int = 32
    activation: str = "relu"
    latent_activation: str = "linear"
    output: str = "linear"
    likelihood: str = "gaussian"
    tied: bool = False
    batch_norm: bool = False
    dropout: float = 0.0
    dtype: str = "float32"

    def __post_init__(self):
        whole(self, "input_dim", 1)
        wholes(self, "hidden_dims", "(128,)")
        flag(self, "tied")
        flag(self, "batch_norm")
        check_shared(self)

    @property
    def encoder_dims(self):
        """Units from the input to the code."""
        return (self.input_dim, *self.hidden_dims, self.latent_dim)

    @property
    def decoder_dims(self):
        """Units from the code to the reconstruction."""
        return self.encoder_dims[::-1]


@dataclass(frozen=True)
class Conv:
    """A convolutional autoencoder for images: each stage of the encoder halves height and width.

    A stage is a convolution with kernel 4, stride 2 and padding 1, the geometry in which PyTorch
    and TensorFlow agree for even sizes. A dense layer makes the code of the last map. The decoder
    mirrors this: a dense layer, then transposed convolutions. Examples are rows of height * width
    * channels numbers, as everywhere in this package, the channel running fastest.

    Parameters
    ----------
    image_shape : tuple of int
        (height, width, channels); height and width divisible by 2 to the number of stages.
    channels : tuple of int
        Channels after each stage of the encoder.
    latent_dim : int
        Numbers in the code.
    activation, latent_activation, output, likelihood
        As in `MLP`.
    batch_norm : bool
        Whether each hidden layer is normalized before f, channel by channel.
    dropout : float
        Probability of a channel being set to 0, after f, during training: the numbers of one
        channel resemble each other too much for single ones to be missed (Tompson et al., 2015).
    dtype : {"float32", "float64"}
        Precision of weights and arithmetic.

    Raises
    ------
    SpecError
        If a field has a value that makes no sense.

    Examples
    --------
    >>> Conv(image_shape=(28, 28, 1), channels=(16, 32)).map_shape
    (7, 7, 32)
    """

    image_shape: tuple
    channels: tuple = (16, 32)
    latent_dim: int = 32
    activation: str = "relu"
    latent_activation: str = "linear"
    output: str = "linear"
    likelihood: str = "gaussian"
    batch_norm: bool = False
    dropout: float = 0.0
    dtype: str = "float32"

    tied = False  # no annotation: a constant, not a field

    def __post_init__(self):
        wholes(self, "image_shape", "(28, 28, 1)", length=3)
        wholes(self, "channels", "(16, 32)")
        if not self.channels:
            raise SpecError("channels must name at least one stage, such as (16,).")
        stride = 2 ** len(self.channels)
        if self.image_shape[0] % stride or self.image_shape[1] % stride:
            raise SpecError(f"{len(self.channels)} stages halve height and width as often: both must be divisible "
                            f"by {stride}, which {self.image_shape[:2]} is not. Use fewer stages or pad the images.")
        flag(self, "batch_norm")
        check_shared(self)

    @property
    def input_dim(self):
        """Numbers in an example."""
        return math.prod(self.image_shape)

    @property
    def map_shape(self):
        """Height, width and channels after the last stage."""
        stride = 2 ** len(self.channels)
        return (self.image_shape[0] // stride, self.image_shape[1] // stride, self.channels[-1])


@dataclass(frozen=True)
class Recurrent:
    """A recurrent autoencoder for sequences of one length: gated recurrent units read and write them.

    The encoder's GRU layers read the sequence; a dense layer makes the code of the last state. The
    decoder's GRU layers get the code at every step, and a dense layer makes the features of each
    step. Examples are rows of steps * features numbers, the feature running fastest.

    Parameters
    ----------
    sequence_shape : tuple of int
        (steps, features).
    hidden_dims : tuple of int
        Units of the encoder's GRU layers, outermost first; the decoder has them in reverse.
    latent_dim : int
        Numbers in the code.
    latent_activation, output, likelihood
        As in `MLP`.
    dropout : float
        Probability of a unit's output being set to 0 during training, in all steps alike (Gal and
        Ghahramani, 2016).
    dtype : {"float32", "float64"}
        Precision of weights and arithmetic.

    Raises
    ------
    SpecError
        If a field has a value that makes no sense.

    References
    ----------
    Cho et al. (2014) for the unit; Srivastava, Mansimov and Salakhutdinov (2015) for the model.

    Examples
    --------
    >>> Recurrent(sequence_shape=(24, 3)).input_dim
    72
    """

    sequence_shape: tuple
    hidden_dims: tuple = (64,)
    latent_dim: int = 16
    latent_activation: str = "linear"
    output: str = "linear"
    likelihood: str = "gaussian"
    dropout: float = 0.0
    dtype: str = "float32"

    tied = False
    activation = "tanh"  # that of the unit itself

    def __post_init__(self):
        wholes(self, "sequence_shape", "(24, 3)", length=2)
        wholes(self, "hidden_dims", "(64,)")
        if not self.hidden_dims:
            raise SpecError("hidden_dims must name at least one recurrent layer, such as (64,).")
        check_shared(self)

    @property
    def input_dim(self):
        """Numbers in an example."""
        return math.prod(self.sequence_shape)


@dataclass(frozen=True)
class Custom:
    """An autoencoder with an encoder and a decoder of your own, in one framework.

    Parameters
    ----------
    input_dim : int
        Numbers in an example: your encoder gets batches of shape (batch, input_dim).
    latent_dim : int
        Numbers in the code. A variational encoder puts out twice as many: mean and log-variance.
    likelihood : {"gaussian", "bernoulli"}
        As in `MLP`; under "bernoulli" your decoder returns logits.
    dtype : {"float32", "float64"}
        Precision of your weights.

    Raises
    ------
    SpecError
        If a field has a value that makes no sense.

    Examples
    --------
    >>> from torch import nn
    >>> from aebook.torch import Autoencoder
    >>> model = Autoencoder(Custom(input_dim=4, latent_dim=2), encoder=nn.Linear(4, 2), decoder=nn.Linear(2, 4))
    """

    input_dim: int
    latent_dim: int
    likelihood: str = "gaussian"
    dtype: str = "float32"

    tied = False
    latent_activation = None  # whatever your encoder ends with

    def __post_init__(self):
        whole(self, "input_dim", 1)
        whole(self, "latent_dim", 1)
        one_of(self, "likelihood", LIKELIHOODS)
        one_of(self, "dtype", DTYPES)
