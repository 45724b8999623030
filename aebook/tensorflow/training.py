"""Training: forward, loss, backward, step."""
import dataclasses
import math
import time
from functools import partial

import numpy as np
import tensorflow as tf

from aebook.checkpoints import Checkpoint, describe_run
from aebook.errors import SpecError
from aebook.history import History
from aebook.progress import epoch_bar
from aebook.random import noise
from aebook.shares import check_shareable, share
from aebook.sources import Source, block_length, blocks, open_data
from aebook.specs import Training
from aebook.stopping import EarlyStopping
from aebook.tensorflow import processes
from aebook.tensorflow.arrays import beside_the_model, from_numpy, to_numpy, where
from aebook.tensorflow.blocks import dropout_width, feed_dropout
from aebook.tensorflow.optimizers import optimizer
from aebook.tensorflow.penalties import l1_penalty, l2_penalty
from aebook.tensorflow.precision import mixed_precision
from aebook.tensorflow.weights import get_weights, kernels, set_weights, variables

__all__ = ["fit", "evaluate"]

ALIGNED = 64  # bytes; TensorFlow copies arrays that start elsewhere, and its kernels end the process if told not to


@beside_the_model
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
    >>> from aebook.tensorflow import Autoencoder
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
    update, whole_batches, one_batch = _steps(model, training)
    size, plan = training.batch_size, training.plan(len(data))
    mine = _mine(size, size, rank, n_processes)
    rates, kl_weights = training.learning_rates(len(data)), training.kl_weights(len(data))
    history, watch, file = History(), EarlyStopping(training.patience), None
    if checkpoint is not None:
        file = Checkpoint(checkpoint, describe_run("TensorFlow", model, training, x, x_val))
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
            done, losses = sum(plan[:epoch]), []
            try:
                for first, n, block, eps, u in _blocks(model, data, training, epoch, steps):
                    whole, at = n // size, done + first // size
                    losses.append(whole_batches(block, eps, u, rates[at:at + whole], kl_weights[at:at + whole]))
                    if n % size:  # the epoch ends with a smaller batch
                        _, weight = share(n % size, rank, n_processes)
                        rest = (part[whole * len(mine):] for part in (block, eps, u))
                        losses.append(one_batch(*rest, rates[at + whole], kl_weights[at + whole], weight)[None])
            finally:
                model.kl_weight.assign(1)
            losses = np.concatenate([to_numpy(part) for part in losses])
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


def _blocks(model, data, training, epoch, steps):
    """What this process takes of each block: rows in order, noise, dropout noise; with position and length of all.

    A graph needs tensors also for no noise.
    """
    (kind, width), dropped = model.noise or ("uniform", 0), dropout_width(model)
    place, (rank, n_processes) = where(model), processes.place()
    length = block_length(training.batch_size, model.spec.input_dim * np.dtype(model.spec.dtype).itemsize)
    for start, block, rows in blocks(data, training, epoch, steps, width + dropped):
        eps = noise(kind, (len(rows), width), training.seed, epoch, start)
        u = noise("uniform", (len(rows), dropped), training.seed, epoch, start, 1)
        for first in range(0, len(rows), length):
            n = min(length, len(rows) - first)
            part = first + _mine(n, training.batch_size, rank, n_processes)
            yield (start + first, n, _gather(data if block is None else block, rows[part], place),
                   from_numpy(eps[part], model.spec.dtype, place), from_numpy(u[part], model.spec.dtype, place))


def _mine(n, size, rank, n_processes):
    """The rows that this process takes of n rows in batches of a size."""
    rows = np.arange(n)
    if n_processes == 1:
        return rows
    batches = np.split(rows, range(size, n, size))
    return np.concatenate([batch[share(len(batch), rank, n_processes)[0]] for batch in batches])


def _gather(data, rows, place):
    """Those rows as a tensor; from NumPy they are copied once, to where TensorFlow can use them without a copy."""
    if isinstance(data, tf.Tensor):
        return tf.gather(data, from_numpy(rows, "int64", place))
    shape = (len(rows), data.shape[1])
    room = np.empty(data.itemsize * math.prod(shape) + ALIGNED, np.uint8)
    start = -room.ctypes.data % ALIGNED
    block = room[start:start + room.size - ALIGNED].view(data.dtype).reshape(shape)
    np.take(data, rows, axis=0, out=block, mode="clip")  # "raise" would need a copy
    if "CPU" in place:
        return tf.experimental.dlpack.from_dlpack(block.__dlpack__())
    return from_numpy(block, data.dtype, place)


def _steps(model, training):
    """The optimizer and the compiled training step; a model that keeps them gets them back, the optimizer as new."""
    if model.kept_steps is None:
        update = optimizer(model, training)
        return update, *_compiled(model, update, training)
    # what a graph does not contain: how many steps to run, on which examples, and the optimizer's learning rate
    key = dataclasses.replace(training, epochs=1, steps=None, seed=0, patience=None, learning_rate=1)
    if key not in model.kept_steps:
        update = optimizer(model, training)
        model.kept_steps[key] = update, *_compiled(model, update, training)
    update = model.kept_steps[key][0]
    for variable in update.variables:  # the step count and all moments start at 0
        variable.assign(tf.zeros_like(variable))
    update.learning_rate = training.learning_rate
    return model.kept_steps[key]


def _compiled(model, update, training):
    """The training step as two graphs: one that runs all full batches of a block, one for the rest."""
    trained = model.trainable_variables
    penalized = kernels(model)
    size, (rank, n_processes) = training.batch_size, processes.place()
    mine, whole_weight = share(size, rank, n_processes)
    own = mine.stop - mine.start

    def step(batch, eps, u, rate, kl_weight, weight):
        if training.schedule != "constant":
            update.learning_rate.assign(tf.cast(rate, update.learning_rate.dtype))
        if training.kl_warmup:
            model.kl_weight.assign(tf.cast(kl_weight, model.kl_weight.dtype))
        with tf.GradientTape() as tape:
            feed_dropout(model, u)
            model.training = True
            try:
                with mixed_precision(model, training):
                    loss = model.loss_terms(batch, eps)["loss"]
            finally:
                model.training = False
                feed_dropout(model, None)
            if n_processes > 1:
                loss = tf.cast(weight, loss.dtype) * loss
            objective = loss
            if training.l1 or training.l2:
                objective = loss + sum(training.l1 * l1_penalty(w) + training.l2 * l2_penalty(w) for w in penalized)
        gradients = tape.gradient(objective, trained)
        if n_processes > 1:
            loss, *gradients = processes.average([loss, *gradients])
        if training.clip_norm:
            gradients, _ = tf.clip_by_global_norm(gradients, training.clip_norm)
        update.apply(gradients, trained)
        return loss

    def whole_batches(block, eps, u, rates, kl_weights):
        losses = tf.TensorArray(block.dtype, size=tf.shape(rates)[0])
        for i in tf.range(tf.shape(rates)[0]):
            batch = (tf.ensure_shape(part[i * own:(i + 1) * own], [own, part.shape[1]]) for part in (block, eps, u))
            losses = losses.write(i, step(*batch, rates[i], kl_weights[i], whole_weight))
        return losses.stack()

    widths = (model.spec.input_dim, (model.noise or (None, 0))[1], dropout_width(model))
    rows = [tf.TensorSpec([None, width], model.spec.dtype) for width in widths]
    many, one = tf.TensorSpec([None], tf.float64), tf.TensorSpec([], tf.float64)
    # TensorFlow counts traces by the code of a function and warns after five; a partial is counted by itself.
    return (tf.function(partial(whole_batches), input_signature=[*rows, many, many]),
            tf.function(partial(step), input_signature=[*rows, one, one, one]))


@beside_the_model
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
    >>> from aebook.tensorflow import Autoencoder
    >>> sorted(evaluate(Autoencoder(MLP(4, (3,), 2)), np.eye(4)))
    ['loss', 'reconstruction']
    """
    return _mean_terms(model, _at_hand(model, open_data(x, model.spec)))


def _at_hand(model, x):
    """The data where they are gathered from: on a GPU as a tensor, else as they are."""
    return x if isinstance(x, Source) or "CPU" in where(model) else from_numpy(x, model.spec.dtype, where(model))


def _mean_terms(model, data, batch_size=1024):
    totals = {}
    pieces = (data.pieces(batch_size) if isinstance(data, Source)
              else (data[start:start + batch_size] for start in range(0, len(data), batch_size)))
    for i, batch in enumerate(pieces):
        batch = batch if isinstance(batch, tf.Tensor) else from_numpy(batch, model.spec.dtype, where(model))
        eps = None if model.noise is None else from_numpy(noise(model.noise[0], (len(batch), model.noise[1]), 0, i),
                                                          model.spec.dtype, where(model))
        for name, value in model.loss_terms(batch, eps).items():
            totals[name] = totals.get(name, 0) + tf.cast(value, tf.float64) * len(batch)
    return {name: float(total) / len(data) for name, total in totals.items()}


def _variables(model, update):
    """Each variable that a checkpoint holds, by name."""
    weights = {id(v): v for v in (*model.variables, *variables(model).values())}.values()
    return {f"{kind}.{i}": v for kind, found in (("model", weights), ("optimizer", update.variables))
            for i, v in enumerate(found)}


def _state(model, update):
    """What a checkpoint holds of the model and the optimizer, as NumPy arrays."""
    return {name: to_numpy(variable) for name, variable in _variables(model, update).items()}


def _restore(model, update, arrays):
    """Set the model and the optimizer from what a checkpoint holds, if there is one."""
    if arrays is not None:
        for name, variable in _variables(model, update).items():
            variable.assign(arrays[name])
