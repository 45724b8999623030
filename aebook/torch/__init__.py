"""The PyTorch twin: models, losses and training as `nn.Module`s and plain functions on tensors."""
try:
    import torch as _framework  # noqa: F401
except ImportError as error:
    from aebook.errors import MissingFrameworkError
    message = "aebook.torch needs PyTorch. Install it with: pip install torch"
    raise MissingFrameworkError(message) from error

from aebook.torch.activations import activation
from aebook.torch.arrays import device, from_numpy, to_numpy
from aebook.torch.autoencoder import Autoencoder
from aebook.torch.files import load, save
from aebook.torch.inference import decode, encode, reconstruct
from aebook.torch.layers import decoder, encoder
from aebook.torch.losses import bernoulli_nll, squared_error
from aebook.torch.optimizers import optimizer
from aebook.torch.training import evaluate, fit
from aebook.torch.weights import get_weights, set_weights

NAME = "PyTorch"

__all__ = ["NAME", "Autoencoder", "activation", "bernoulli_nll", "decode", "decoder", "device", "encode", "encoder",
           "evaluate", "fit", "from_numpy", "get_weights", "load", "optimizer", "reconstruct", "save", "set_weights",
           "squared_error", "to_numpy"]
