"""The TensorFlow twin: models, losses and training as Keras models and plain functions on tensors."""
try:
    import tensorflow as _framework  # noqa: F401
except ImportError as error:
    from aebook.errors import MissingFrameworkError
    message = "aebook.tensorflow needs TensorFlow. Install it with: pip install tensorflow"
    raise MissingFrameworkError(message) from error

from aebook.tensorflow.activations import activation
from aebook.tensorflow.arrays import device, from_numpy, to_numpy
from aebook.tensorflow.autoencoder import Autoencoder
from aebook.tensorflow.files import load, save
from aebook.tensorflow.inference import decode, encode, reconstruct
from aebook.tensorflow.layers import decoder, encoder
from aebook.tensorflow.losses import bernoulli_nll, squared_error
from aebook.tensorflow.optimizers import optimizer
from aebook.tensorflow.training import evaluate, fit
from aebook.tensorflow.weights import get_weights, set_weights

NAME = "TensorFlow"

__all__ = ["NAME", "Autoencoder", "activation", "bernoulli_nll", "decode", "decoder", "device", "encode", "encoder",
           "evaluate", "fit", "from_numpy", "get_weights", "load", "optimizer", "reconstruct", "save", "set_weights",
           "squared_error", "to_numpy"]
