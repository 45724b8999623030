"""Training: forward, loss, backward, step."""
import time

import torch

from aebook.history import History
from aebook.progress import epoch_bar
from aebook.random import permutation
from aebook.specs import Training
from aebook.torch.arrays import from_numpy, to_numpy
from aebook.torch.optimizers import optimizer
from aebook.validation import check_data

__all__ = ["fit", "evaluate"]


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
        Data whose loss is recorded after each epoch.
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
    data = _tensor(model, x, "x")
    validation = None if x_val is None else _tensor(model, x_val, "x_val")
    update = optimizer(model, training)
    schedule, size = training.schedule(len(data)), training.batch_size
    history = History()
    with epoch_bar(len(schedule), progress) as bar:
        for epoch, steps in enumerate(schedule):
            start = time.perf_counter()
            model.train()
            batches = from_numpy(permutation(len(data), training.seed, epoch), "int64").split(size)[:steps]
            losses = torch.empty(steps, dtype=data.dtype, device=data.device)
            for i, rows in enumerate(batches):
                loss = model.loss_terms(data[rows])["loss"]
                update.zero_grad()
                loss.backward()
                update.step()
                losses[i] = loss.detach()
            losses = to_numpy(losses)
            seconds = time.perf_counter() - start
            val_loss = None if validation is None else _mean_terms(model, validation)["loss"]
            history.add_epoch(losses, [len(rows) for rows in batches], seconds, val_loss)
            bar.set_postfix(loss=f"{history.loss[-1]:.4g}", refresh=False)
            bar.update()
    return history


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
    for batch in data.split(batch_size):
        for name, value in model.loss_terms(batch).items():
            totals[name] = totals.get(name, 0) + value.double() * len(batch)
    model.train(was_training)
    return {name: total.item() / len(data) for name, total in totals.items()}
