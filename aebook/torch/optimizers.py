"""The optimizer that a `Training` asks for."""
import torch

__all__ = ["optimizer"]


class LeanAdam(torch.optim.Adam):
    """PyTorch's fused Adam, same kernel and same numbers, with one step count for all weights.

    The stock `step` sorts the weights by device and counts steps for each: on a small model that
    takes longer than the update itself.
    """

    def __init__(self, parameters, rate, decoupled=False, **options):
        super().__init__(parameters, rate, fused=True, **options)
        self.update = torch._fused_adamw_ if decoupled else torch._fused_adam_
        for p in self.param_groups[0]["params"]:
            self.state[p].update(step=torch.zeros((), device=p.device), exp_avg=torch.zeros_like(p),
                                 exp_avg_sq=torch.zeros_like(p))

    def zero_grad(self, set_to_none=True):
        for p in self.param_groups[0]["params"]:
            p.grad = None

    @torch.no_grad()
    def step(self):
        (group,) = self.param_groups
        moved = [p for p in group["params"] if p.grad is not None]
        states = [self.state[p] for p in moved]
        count = states[0]["step"].add_(1)
        for state in states:  # after load_state_dict each has its own
            state["step"] = count
        self.update(moved, [p.grad for p in moved], [s["exp_avg"] for s in states], [s["exp_avg_sq"] for s in states],
                    [], [count] * len(moved), lr=group["lr"], beta1=group["betas"][0], beta2=group["betas"][1],
                    weight_decay=group["weight_decay"], eps=group["eps"], amsgrad=False, maximize=False)


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
    moments = {"betas": (training.beta_1, training.beta_2), "eps": training.epsilon}
    if training.optimizer == "adam":
        return LeanAdam(parameters, rate, **moments)
    return LeanAdam(parameters, rate, decoupled=True, weight_decay=training.weight_decay, **moments)
