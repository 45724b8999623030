"""What to build and how to train it: frozen dataclasses that both twins read.

Every default on which the frameworks differ is written out here, so that neither twin relies
on its framework's own.
"""
from aebook.specs.architectures import ACTIVATIONS, LIKELIHOODS, MLP, Conv, Custom, Recurrent
from aebook.specs.training import OPTIMIZERS, Training

__all__ = ["ACTIVATIONS", "LIKELIHOODS", "OPTIMIZERS", "MLP", "Conv", "Custom", "Recurrent", "Training"]
