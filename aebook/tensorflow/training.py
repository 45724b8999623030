"""Training: forward, loss, backward, step."""
import time

import numpy as np
import tensorflow as tf

from aebook.errors import SpecError
from aebook.history import History
from aebook.progress import epoch_bar
from aebook.random import batches_at_once, noise, permutation
from aebook.specs import Training
from aebook.stopping import EarlyStopping
from aebook.tensorflow.arrays import from_numpy, to_numpy
from aebook.tensorflow.blocks import dropout_width, feed_dropout
from aebook.tensorflow.optimizers import optimizer
from aebook.tensorflow.penalties import l1_penalty, l2_penalty
from aebook.tensorflow.weights import get_weights, kernels, set_weights
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
    >>> from aebook.tensorflow import Autoencoder
    >>> history = fit(Autoencoder(MLP(4, (3,), 2)), np.eye(4), Training(epochs=3, batch_size=2))
    >>> len(history.loss)
    3
    """
    if training.patience and x_val is None:
        raise SpecError("patience watches the validation loss: pass x_val, or leave patience out.")
    data = _tensor(model, x, "x")
    validation = None if x_val is None else _tensor(model, x_val, "x_val")
    size, plan = training.batch_size, training.plan(len(data))
    whole_batches, one_batch = _compiled(model, data, optimizer(model, training), training)
    rates, kl_weights = training.learning_rates(len(data)), training.kl_weights(len(data))
    history, watch, done = History(), EarlyStopping(training.patience), 0
    with epoch_bar(len(plan), progress) as bar:
        for epoch, steps in enumerate(plan):
            start = time.perf_counter()
            order = permutation(len(data), training.seed, epoch)[:steps * size]
            losses = []
            for first, rows, eps, u in _blocks(model, order, training, epoch):
                whole, at = len(rows) // size, done + first // size
                losses.append(whole_batches(rows, eps, u, rates[at:at + whole], kl_weights[at:at + whole]))
                if len(rows) % size:  # the epoch ends with a smaller batch
                    rest = slice(whole * size, None)
                    losses.append(one_batch(rows[rest], eps[rest], u[rest], rates[at + whole],
                                            kl_weights[at + whole])[None])
            done += steps
            losses = np.concatenate([to_numpy(part) for part in losses])
            seconds = time.perf_counter() - start
            model.kl_weight.assign(1)
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


def _blocks(model, order, training, epoch):
    """Position, row numbers, noise and dropout noise of each block of batches; a graph needs tensors also for none."""
    (kind, width), dropped = model.noise or ("uniform", 0), dropout_width(model)
    length = batches_at_once(training.batch_size, width + dropped) * training.batch_size
    for start in range(0, len(order), length):
        rows = from_numpy(order[start:start + length], "int64")
        eps = noise(kind, (len(rows), width), training.seed, epoch, start)
        u = noise("uniform", (len(rows), dropped), training.seed, epoch, start, 1)
        yield start, rows, from_numpy(eps, model.spec.dtype), from_numpy(u, model.spec.dtype)


def _compiled(model, data, update, training):
    """The training step as two graphs: one that runs all full batches of a block, one for the rest."""
    variables = model.trainable_variables
    penalized = kernels(model)
    size = training.batch_size

    def step(rows, eps, u, rate, kl_weight):
        if training.schedule != "constant":
            update.learning_rate.assign(tf.cast(rate, update.learning_rate.dtype))
        if training.kl_warmup:
            model.kl_weight.assign(tf.cast(kl_weight, model.kl_weight.dtype))
        with tf.GradientTape() as tape:
            feed_dropout(model, u)
            model.training = True
            try:
                loss = model.loss_terms(tf.gather(data, rows), eps)["loss"]
            finally:
                model.training = False
                feed_dropout(model, None)
            objective = loss
            if training.l1 or training.l2:
                objective = loss + sum(training.l1 * l1_penalty(w) + training.l2 * l2_penalty(w) for w in penalized)
        gradients = tape.gradient(objective, variables)
        if training.clip_norm:
            gradients, _ = tf.clip_by_global_norm(gradients, training.clip_norm)
        update.apply(gradients, variables)
        return loss

    def whole_batches(rows, eps, u, rates, kl_weights):
        losses = tf.TensorArray(data.dtype, size=tf.shape(rates)[0])
        for i in tf.range(tf.shape(rates)[0]):
            at = slice(i * size, (i + 1) * size)
            batch = (tf.ensure_shape(part[at], [size, *part.shape[1:]]) for part in (rows, eps, u))
            losses = losses.write(i, step(*batch, rates[i], kl_weights[i]))
        return losses.stack()

    order, eps = tf.TensorSpec([None], tf.int64), tf.TensorSpec([None, (model.noise or (None, 0))[1]], data.dtype)
    u = tf.TensorSpec([None, dropout_width(model)], data.dtype)
    many, one = tf.TensorSpec([None], tf.float64), tf.TensorSpec([], tf.float64)
    return (tf.function(whole_batches, input_signature=[order, eps, u, many, many]),
            tf.function(step, input_signature=[order, eps, u, one, one]))


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
    return _mean_terms(model, _tensor(model, x, "x"))


def _tensor(model, x, name):
    spec = model.spec
    return from_numpy(check_data(x, spec.input_dim, dtype=spec.dtype, name=name,
                                 unit_interval=spec.likelihood == "bernoulli"), spec.dtype)


def _mean_terms(model, data, batch_size=1024):
    totals = {}
    for i, start in enumerate(range(0, len(data), batch_size)):
        batch = data[start:start + batch_size]
        eps = None if model.noise is None else from_numpy(noise(model.noise[0], (len(batch), model.noise[1]), 0, i),
                                                          model.spec.dtype)
        for name, value in model.loss_terms(batch, eps).items():
            totals[name] = totals.get(name, 0) + tf.cast(value, tf.float64) * len(batch)
    return {name: float(total) / len(data) for name, total in totals.items()}
