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
        The fused implementation: one kernel updates all weights.

    Examples
    --------
    >>> from aebook.specs import MLP, Training
    >>> from aebook.torch import Autoencoder
    >>> type(optimizer(Autoencoder(MLP(4, (), 2)), Training(optimizer="sgd"))).__name__
    'SGD'
    """
    if training.optimizer == "sgd":
        return torch.optim.SGD(model.parameters(), lr=training.learning_rate, fused=True)
    return torch.optim.Adam(model.parameters(), lr=training.learning_rate, betas=(training.beta_1, training.beta_2),
                            eps=training.epsilon, fused=True)
