"""The PyTorch twin: models, losses and training as `nn.Module`s and plain functions on tensors."""
try:
    import torch as _framework  # noqa: F401
except ImportError as error:
    from aebook.errors import MissingFrameworkError
    message = "aebook.torch needs PyTorch. Install it with: pip install torch"
    raise MissingFrameworkError(message) from error

from aebook.torch.activations import activation, activation_grad
from aebook.torch.arrays import device, from_numpy, to_numpy
from aebook.torch.autoencoder import Autoencoder
from aebook.torch.contraction import contractive_penalty
from aebook.torch.contractive import ContractiveAutoencoder
from aebook.torch.corruption import gaussian_noise, masking_noise, salt_and_pepper
from aebook.torch.denoising import DenoisingAutoencoder
from aebook.torch.diagnosis import diagnose
from aebook.torch.dropout import dropout
from aebook.torch.files import load, save
from aebook.torch.inference import decode, encode, reconstruct
from aebook.torch.latent import elbo, gaussian_kl, iwae_bound, reparameterize
from aebook.torch.layers import decoder, encoder
from aebook.torch.losses import bernoulli_nll, bernoulli_nll_from_probabilities, gaussian_nll, squared_error
from aebook.torch.normalization import batch_norm
from aebook.torch.optimizers import optimizer
from aebook.torch.penalties import l1_penalty, l2_penalty
from aebook.torch.processes import connect
from aebook.torch.sparse import SparseAutoencoder
from aebook.torch.sparsity import bernoulli_kl, keep_largest, mean_activity
from aebook.torch.training import evaluate, fit
from aebook.torch.variational import VariationalAutoencoder, interpolate, log_likelihood, sample
from aebook.torch.weights import get_weights, set_weights

NAME = "PyTorch"

__all__ = ["Autoencoder", "ContractiveAutoencoder", "DenoisingAutoencoder", "NAME", "SparseAutoencoder",
           "VariationalAutoencoder", "activation", "activation_grad", "batch_norm", "bernoulli_kl", "bernoulli_nll",
           "bernoulli_nll_from_probabilities", "connect", "contractive_penalty", "decode", "decoder", "device",
           "diagnose", "dropout", "elbo", "encode", "encoder", "evaluate", "fit", "from_numpy", "gaussian_kl",
           "gaussian_nll", "gaussian_noise", "get_weights", "interpolate", "iwae_bound", "keep_largest",
           "l1_penalty", "l2_penalty", "load", "log_likelihood", "masking_noise", "mean_activity", "optimizer",
           "reconstruct", "reparameterize", "salt_and_pepper", "sample", "save", "set_weights", "squared_error",
           "to_numpy"]
