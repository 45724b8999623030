"""Training: forward, loss, backward, step."""
import time

import numpy as np
import torch

from aebook.errors import SpecError
from aebook.history import History
from aebook.progress import epoch_bar
from aebook.random import noise, permutation
from aebook.specs import Training
from aebook.stopping import EarlyStopping
from aebook.torch.arrays import from_numpy, to_numpy
from aebook.torch.optimizers import optimizer
from aebook.torch.penalties import l1_penalty, l2_penalty
from aebook.torch.weights import get_weights, named_tensors, set_weights
from aebook.validation import check_data

__all__ = ["fit", "evaluate"]

BLOCK = 64  # batches whose order and noise are drawn and moved at once: bounds the memory


def fit(model, x, training=Training(), x_val=None, *, progress=None):
    """Train a model to reconstruct x.

    The data stay on the device; each epoch visits them in an order drawn once, and the losses of
    its steps are read once, at its end. Same seed, same batches in both frameworks.

    Parameters
    ----------
    model : Autoencoder
        Changed in place. Calling `fit` again goes on from its weights with a fresh optimizer.
    x : array_like of shape (examples, input_dim)
    training : Training
    x_val : array_like of shape (examples, input_dim), optional
        Data whose loss is recorded after each epoch, and watched by early stopping.
    progress : bool, optional
        Whether to show a progress bar; by default on work of more than a second.

    Returns
    -------
    History

    Raises
    ------
    DataError
        If x or x_val has the wrong shape, is not finite, or is out of range under the Bernoulli
        likelihood.
    SpecError
        If early stopping is asked for without x_val.
    NonFiniteLossError
        If the loss becomes NaN or infinite; names the epoch and the step.

    Examples
    --------
    >>> import numpy as np
    >>> from aebook.specs import MLP, Training
    >>> from aebook.torch import Autoencoder
    >>> history = fit(Autoencoder(MLP(4, (3,), 2)), np.eye(4), Training(epochs=3, batch_size=2))
    >>> len(history.loss)
    3
    """
    if training.patience and x_val is None:
        raise SpecError("patience watches the validation loss: pass x_val, or leave patience out.")
    data = _tensor(model, x, "x")
    validation = None if x_val is None else _tensor(model, x_val, "x_val")
    update, size = optimizer(model, training), training.batch_size
    plan = training.plan(len(data))
    rates, kl_weights = training.learning_rates(len(data)), training.kl_weights(len(data))
    history, watch, done = History(), EarlyStopping(training.patience), 0
    with epoch_bar(len(plan), progress) as bar:
        for epoch, steps in enumerate(plan):
            start = time.perf_counter()
            model.train()
            order = permutation(len(data), training.seed, epoch)[:steps * size]
            losses = []
            for batch, eps in _batches(model, data, order, training, epoch):
                if training.schedule != "constant":
                    for group in update.param_groups:
                        group["lr"] = rates[done + len(losses)]
                if training.kl_warmup:
                    model.kl_weight = kl_weights[done + len(losses)]
                losses.append(_step(model, update, batch, eps, training))
            done += steps
            model.kl_weight = 1.0
            losses = to_numpy(torch.stack(losses))
            seconds = time.perf_counter() - start
            val_loss = None if validation is None else _mean_terms(model, validation)["loss"]
            history.add_epoch(losses, np.diff([*range(0, len(order), size), len(order)]), seconds, val_loss)
            bar.set_postfix(loss=f"{history.loss[-1]:.4g}", refresh=False)
            bar.update()
            if training.patience and watch.seen(val_loss, get_weights(model)):
                break
    if training.patience:
        set_weights(model, watch.best_weights)
        history.best_epoch = watch.best_epoch
    return history


def _batches(model, data, order, training, epoch):
    """Rows and noise of each batch; order and noise are drawn and moved block by block."""
    size = training.batch_size
    for start in range(0, len(order), BLOCK * size):
        rows = from_numpy(order[start:start + BLOCK * size], "int64").split(size)
        eps = [None] * len(rows)
        if model.noise is not None:
            kind, width = model.noise
            drawn = noise(kind, (sum(map(len, rows)), width), training.seed, epoch, start)
            eps = from_numpy(drawn, model.spec.dtype).split(size)
        for r, e in zip(rows, eps):
            yield data.index_select(0, r), e


def _step(model, update, batch, eps, training):
    loss = model.loss_terms(batch, eps)["loss"]
    objective = loss
    if training.l1 or training.l2:
        kernels = [w for name, w in named_tensors(model).items() if name.endswith("weight")]
        objective = loss + sum(training.l1 * l1_penalty(w) + training.l2 * l2_penalty(w) for w in kernels)
    update.zero_grad()
    objective.backward()
    if training.clip_norm:
        gradients = [p.grad for p in model.parameters()]
        norm = torch.nn.utils.get_total_norm(gradients)
        shrink = (training.clip_norm / norm).clamp(max=1)
        for gradient in gradients:
            gradient.mul_(shrink)
    update.step()
    return loss.detach()


def evaluate(model, x):
    """Return the loss of a model on data and its named parts.

    Parameters
    ----------
    model : Autoencoder
    x : array_like of shape (examples, input_dim)

    Returns
    -------
    dict of str to float
        Means over the examples, as `loss_terms` names them.

    Raises
    ------
    DataError
        If x has the wrong shape, is not finite, or is out of range under the Bernoulli likelihood.

    Examples
    --------
    >>> import numpy as np
    >>> from aebook.specs import MLP
    >>> from aebook.torch import Autoencoder
    >>> sorted(evaluate(Autoencoder(MLP(4, (3,), 2)), np.eye(4)))
    ['loss', 'reconstruction']
    """
    return _mean_terms(model, _tensor(model, x, "x"))


def _tensor(model, x, name):
    spec = model.spec
    return from_numpy(check_data(x, spec.input_dim, dtype=spec.dtype, name=name,
                                 unit_interval=spec.likelihood == "bernoulli"), spec.dtype)


@torch.no_grad()
def _mean_terms(model, data, batch_size=1024):
    was_training = model.training
    model.eval()
    totals = {}
    for i, batch in enumerate(data.split(batch_size)):
        eps = None if model.noise is None else from_numpy(noise(model.noise[0], (len(batch), model.noise[1]), 0, i),
                                                          model.spec.dtype)
        for name, value in model.loss_terms(batch, eps).items():
            totals[name] = totals.get(name, 0) + value.double() * len(batch)
    model.train(was_training)
    return {name: total.item() / len(data) for name, total in totals.items()}
