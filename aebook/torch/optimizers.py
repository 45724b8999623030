"""The optimizer that a `Training` asks for."""
import torch

__all__ = ["optimizer"]


def optimizer(model, training):
    """Return the optimizer of a training for the weights of a model.

    Parameters
    ----------
    model : Autoencoder
    training : Training

    Returns
    -------
    torch.optim.Optimizer
        The fused implementation where there is one: a single kernel updates all weights.

    Examples
    --------
    >>> from aebook.specs import MLP, Training
    >>> from aebook.torch import Autoencoder
    >>> type(optimizer(Autoencoder(MLP(4, (), 2)), Training(optimizer="sgd"))).__name__
    'SGD'
    """
    parameters, rate = model.parameters(), training.learning_rate
    if training.optimizer == "sgd":
        return torch.optim.SGD(parameters, rate, fused=True)
    if training.optimizer == "momentum":
        return torch.optim.SGD(parameters, rate, momentum=training.momentum, fused=True)
    if training.optimizer == "rmsprop":
        return torch.optim.RMSprop(parameters, rate, alpha=training.rho, eps=training.epsilon, foreach=True)
    moments = {"betas": (training.beta_1, training.beta_2), "eps": training.epsilon, "fused": True}
    if training.optimizer == "adam":
        return torch.optim.Adam(parameters, rate, **moments)
    return torch.optim.AdamW(parameters, rate, weight_decay=training.weight_decay, **moments)
