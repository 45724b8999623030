"""Training: forward, loss, backward, step."""
import time
from itertools import repeat

import numpy as np
import torch

from aebook.checkpoints import Checkpoint, describe_run
from aebook.errors import SpecError
from aebook.history import History
from aebook.progress import epoch_bar
from aebook.random import noise
from aebook.shares import check_shareable, share
from aebook.sources import Source, blocks, open_data
from aebook.specs import Training
from aebook.stopping import EarlyStopping
from aebook.torch import processes
from aebook.torch.arrays import from_numpy, to_numpy, where
from aebook.torch.blocks import dropout_width, feed_dropout
from aebook.torch.optimizers import optimizer
from aebook.torch.penalties import l1_penalty, l2_penalty
from aebook.torch.precision import mixed_precision
from aebook.torch.weights import get_weights, kernels, set_weights

__all__ = ["fit", "evaluate"]


def fit(model, x, training=Training(), x_val=None, *, progress=None, checkpoint=None):
    """Train a model to reconstruct x.

    Model, data and optimizer stay on the device of the model. Each epoch visits the data in an
    order drawn once, and the losses of its steps are read once, at its end. Same seed, same batches
    in both frameworks.

    Data that are not to be read at once are visited in blocks of at most 64 batches and, unless a
    batch is larger, 32 MiB. A memory-mapped array gives its blocks in an order drawn anew for each
    epoch, the smaller last one at the end; any other source gives them as they come, and is read
    once before training to count and check its rows. The rows of a block are shuffled.

    Ctrl-C ends training with a warning: the history covers the finished epochs, and the model
    keeps the weights of its last step, or with `patience` those of the best finished epoch.

    After `connect` all processes train one model: each takes its share of every batch, and the
    losses are those that one process would have. Batch normalization and the KL penalty on mean
    activities, which need a whole batch, are refused.

    Parameters
    ----------
    model : Autoencoder
        Changed in place. Calling `fit` again goes on from its weights with a fresh optimizer.
    x : array_like of shape (examples, input_dim), or a source of batches
        A source is a memory-mapped array, or anything that gives arrays of shape (rows, input_dim)
        each time it is iterated over: a list of arrays, a `torch.utils.data` DataLoader or
        Dataset, a `tf.data.Dataset`. Of a tuple the first entry is taken.
    training : Training
    x_val : like x, optional
        Data whose loss is recorded after each epoch, and watched by early stopping.
    progress : bool, optional
        Whether to show a progress bar; by default on work of more than a second.
    checkpoint : str or path-like, optional
        File that holds weights, optimizer and history after each epoch, written whole or not at
        all; the one before it is kept beside it, with `.previous` at the end of its name, and is
        used if the file is damaged. If the file is there when `fit` starts, training goes on after
        its last epoch, whatever the weights of the model, and ends as if it had not been
        interrupted, bit for bit; a finished run returns its history at once. An iterable is told
        from others by its shape alone.

    Returns
    -------
    History

    Raises
    ------
    DataError
        If x or x_val has the wrong shape, is not finite, or is out of range under the Bernoulli
        likelihood.
    SpecError
        If early stopping is asked for without x_val, mixed precision for a float64 model, or the
        model cannot be trained by several processes.
    CheckpointError
        If the checkpoint is damaged, as is the one before it, if it belongs to another model,
        training or data, or cannot be written.
    LostProcessError
        If another process is gone; the message says from where to go on.
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
    training.check(model.spec)
    x, x_val = open_data(x, model.spec), None if x_val is None else open_data(x_val, model.spec, "x_val")
    rank, n_processes = processes.place()
    if n_processes > 1:
        check_shareable(model)
    data, validation = _at_hand(model, x), None if x_val is None else _at_hand(model, x_val)
    update, size, plan = optimizer(model, training), training.batch_size, training.plan(len(data))
    rates, kl_weights = training.learning_rates(len(data)), training.kl_weights(len(data))
    history, watch, file = History(), EarlyStopping(training.patience), None
    if checkpoint is not None:
        file = Checkpoint(checkpoint, describe_run("PyTorch", model, training, x, x_val))
        _restore(model, update, file.read(history, watch))
    stop, seen = file is not None and file.finished, len(history.loss)
    if n_processes > 1:
        processes.start_alike(model, seen)
    if rank > 0:
        progress, file = False, None
    with (epoch_bar(len(plan), progress) as bar, history.until_interrupted(),
          processes.lost_ones_are_named(history, checkpoint)):
        bar.update(seen)
        for epoch, steps in enumerate(plan[seen:] if not stop else (), seen):
            start = time.perf_counter()
            model.train()
            losses = torch.empty(steps, dtype=getattr(torch, model.spec.dtype), device=where(model))
            done = sum(plan[:epoch])
            try:
                for i, (batch, eps, u, weight) in enumerate(_batches(model, data, training, epoch, steps)):
                    if training.schedule != "constant":
                        for group in update.param_groups:
                            group["lr"] = rates[done + i]
                    if training.kl_warmup:
                        model.kl_weight = kl_weights[done + i]
                    losses[i] = _step(model, update, batch, eps, u, weight, training)
            finally:
                model.kl_weight = 1.0
            if n_processes > 1:
                processes.average([losses])
            losses = to_numpy(losses)
            seconds = time.perf_counter() - start
            val_loss = None if validation is None else _mean_terms(model, validation)["loss"]
            history.add_epoch(losses, np.diff([*range(0, min(steps * size, len(data)), size),
                                               min(steps * size, len(data))]), seconds, val_loss)
            bar.set_postfix(loss=f"{history.loss[-1]:.4g}", refresh=False)
            bar.update()
            stop = bool(training.patience) and watch.seen(val_loss, get_weights(model))
            if file is not None:
                file.write(history, watch, _state(model, update), stop or epoch + 1 == len(plan))
            if stop:
                break
    if watch.best_weights is not None:
        set_weights(model, watch.best_weights)
        history.best_epoch = watch.best_epoch
    return history


def _batches(model, data, training, epoch, steps):
    """What this process takes of each batch: rows, noise, dropout noise, weight of their mean loss.

    Order and noise are drawn and moved block by block.
    """
    size, (kind, width), dropped = training.batch_size, model.noise or ("uniform", 0), dropout_width(model)
    place, (rank, n_processes) = where(model), processes.place()
    for start, block, rows in blocks(data, training, epoch, steps, width + dropped):
        block = data if block is None else from_numpy(block, model.spec.dtype, place)
        rows = from_numpy(rows, "int64", place)
        eps = u = repeat(None)
        if width:
            drawn = noise(kind, (len(rows), width), training.seed, epoch, start)
            eps = from_numpy(drawn, model.spec.dtype, place).split(size)
        if dropped:
            drawn = noise("uniform", (len(rows), dropped), training.seed, epoch, start, 1)
            u = from_numpy(drawn, model.spec.dtype, place).split(size)
        for r, e, v in zip(rows.split(size), eps, u):
            weight = 1.0
            if n_processes > 1:
                mine, weight = share(len(r), rank, n_processes)
                r, e, v = (None if part is None else part[mine] for part in (r, e, v))
            yield block.index_select(0, r), e, v, weight


def _step(model, update, batch, eps, u, weight, training):
    _, n_processes = processes.place()
    with mixed_precision(model, training):
        if u is None:
            loss = model.loss_terms(batch, eps)["loss"]
        else:
            feed_dropout(model, u)
            loss = model.loss_terms(batch, eps)["loss"]
            feed_dropout(model, None)
    if n_processes > 1:
        loss = weight * loss
    objective = loss
    if training.l1 or training.l2:
        penalized = kernels(model)
        objective = loss + sum(training.l1 * l1_penalty(w) + training.l2 * l2_penalty(w) for w in penalized)
    update.zero_grad()
    objective.backward()
    if n_processes > 1:
        processes.average([p.grad for p in model.parameters() if p.grad is not None])
    if training.clip_norm:
        gradients = [p.grad for p in model.parameters() if p.grad is not None]  # None: frozen
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
    return _mean_terms(model, _at_hand(model, open_data(x, model.spec)))


def _at_hand(model, x):
    """The data as a tensor, or the source that they are read from."""
    return x if isinstance(x, Source) else from_numpy(x, model.spec.dtype, where(model))


@torch.no_grad()
def _mean_terms(model, data, batch_size=1024):
    was_training = model.training
    model.eval()
    totals = {}
    for i, batch in enumerate(data.pieces(batch_size) if isinstance(data, Source) else data.split(batch_size)):
        batch = from_numpy(batch, model.spec.dtype, where(model)) if isinstance(data, Source) else batch
        eps = None if model.noise is None else from_numpy(noise(model.noise[0], (len(batch), model.noise[1]), 0, i),
                                                          model.spec.dtype, where(model))
        for name, value in model.loss_terms(batch, eps).items():
            totals[name] = totals.get(name, 0) + value.double() * len(batch)
    model.train(was_training)
    return {name: total.item() / len(data) for name, total in totals.items()}


def _state(model, update):
    """What a checkpoint holds of the model and the optimizer, as NumPy arrays."""
    return {f"model.{name}": to_numpy(tensor) for name, tensor in model.state_dict().items()} | {
        f"optimizer.{i}.{name}": to_numpy(tensor) for i, state in update.state_dict()["state"].items()
        for name, tensor in state.items() if tensor is not None}


def _restore(model, update, arrays):
    """Set the model and the optimizer from what a checkpoint holds, if there is one."""
    if arrays is None:
        return
    weights, state = {}, {}
    for name, array in arrays.items():
        kind, name = name.split(".", 1)
        if kind == "model":
            weights[name] = torch.from_numpy(array)
        else:
            i, name = name.split(".", 1)
            state.setdefault(int(i), {})[name] = torch.from_numpy(array)
    model.load_state_dict(weights)
    update.load_state_dict({"state": state, "param_groups": update.state_dict()["param_groups"]})
