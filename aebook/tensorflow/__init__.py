"""The TensorFlow twin: models, losses and training as Keras models and plain functions on tensors."""
try:
    import tensorflow as _framework  # noqa: F401
except ImportError as error:
    from aebook.errors import MissingFrameworkError
    message = "aebook.tensorflow needs TensorFlow. Install it with: pip install tensorflow"
    raise MissingFrameworkError(message) from error

from aebook.tensorflow.activations import activation, activation_grad
from aebook.tensorflow.arrays import device, from_numpy, to_numpy
from aebook.tensorflow.autoencoder import Autoencoder
from aebook.tensorflow.contraction import contractive_penalty
from aebook.tensorflow.contractive import ContractiveAutoencoder
from aebook.tensorflow.corruption import gaussian_noise, masking_noise, salt_and_pepper
from aebook.tensorflow.denoising import DenoisingAutoencoder
from aebook.tensorflow.diagnosis import diagnose
from aebook.tensorflow.dropout import dropout
from aebook.tensorflow.files import load, save
from aebook.tensorflow.inference import decode, encode, reconstruct
from aebook.tensorflow.latent import elbo, gaussian_kl, iwae_bound, reparameterize
from aebook.tensorflow.layers import decoder, encoder
from aebook.tensorflow.losses import bernoulli_nll, bernoulli_nll_from_probabilities, gaussian_nll, squared_error
from aebook.tensorflow.normalization import batch_norm
from aebook.tensorflow.optimizers import optimizer
from aebook.tensorflow.penalties import l1_penalty, l2_penalty
from aebook.tensorflow.processes import connect
from aebook.tensorflow.sparse import SparseAutoencoder
from aebook.tensorflow.sparsity import bernoulli_kl, keep_largest, mean_activity
from aebook.tensorflow.training import evaluate, fit
from aebook.tensorflow.variational import VariationalAutoencoder, interpolate, log_likelihood, sample
from aebook.tensorflow.weights import get_weights, set_weights

NAME = "TensorFlow"

__all__ = ["Autoencoder", "ContractiveAutoencoder", "DenoisingAutoencoder", "NAME", "SparseAutoencoder",
           "VariationalAutoencoder", "activation", "activation_grad", "batch_norm", "bernoulli_kl", "bernoulli_nll",
           "bernoulli_nll_from_probabilities", "connect", "contractive_penalty", "decode", "decoder", "device",
           "diagnose", "dropout", "elbo", "encode", "encoder", "evaluate", "fit", "from_numpy", "gaussian_kl",
           "gaussian_nll", "gaussian_noise", "get_weights", "interpolate", "iwae_bound", "keep_largest",
           "l1_penalty", "l2_penalty", "load", "log_likelihood", "masking_noise", "mean_activity", "optimizer",
           "reconstruct", "reparameterize", "salt_and_pepper", "sample", "save", "set_weights", "squared_error",
           "to_numpy"]
