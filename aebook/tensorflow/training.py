"""Training: forward, loss, backward, step."""
import time

import numpy as np
import tensorflow as tf

from aebook.history import History
from aebook.progress import epoch_bar
from aebook.random import permutation
from aebook.specs import Training
from aebook.tensorflow.arrays import from_numpy, to_numpy
from aebook.tensorflow.optimizers import optimizer
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
    >>> from aebook.tensorflow import Autoencoder
    >>> history = fit(Autoencoder(MLP(4, (3,), 2)), np.eye(4), Training(epochs=3, batch_size=2))
    >>> len(history.loss)
    3
    """
    data = _tensor(model, x, "x")
    validation = None if x_val is None else _tensor(model, x_val, "x_val")
    whole_batches, one_batch = _compiled(model, data, optimizer(model, training), training.batch_size)
    schedule, size = training.schedule(len(data)), training.batch_size
    history = History()
    with epoch_bar(len(schedule), progress) as bar:
        for epoch, steps in enumerate(schedule):
            start = time.perf_counter()
            order = from_numpy(permutation(len(data), training.seed, epoch), "int64")
            whole = min(steps, len(data) // size)
            losses = to_numpy(whole_batches(order, tf.constant(whole)))
            sizes = [size] * whole
            if whole < steps:  # the rest of the epoch is one smaller batch
                losses = np.append(losses, to_numpy(one_batch(order[whole * size:])))
                sizes.append(len(data) - whole * size)
            seconds = time.perf_counter() - start
            val_loss = None if validation is None else _mean_terms(model, validation)["loss"]
            history.add_epoch(losses, sizes, seconds, val_loss)
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
    >>> from aebook.tensorflow import Autoencoder
    >>> sorted(evaluate(Autoencoder(MLP(4, (3,), 2)), np.eye(4)))
    ['loss', 'reconstruction']
    """
    return _mean_terms(model, _tensor(model, x, "x"))


def _compiled(model, data, update, size):
    """The training step, as a graph that runs a whole epoch of full batches and as one for the rest."""
    variables = model.trainable_variables

    def step(rows):
        with tf.GradientTape() as tape:
            loss = model.loss_terms(tf.gather(data, rows))["loss"]
        update.apply(tape.gradient(loss, variables), variables)
        return loss

    def whole_batches(order, steps):
        losses = tf.TensorArray(data.dtype, size=steps)
        for i in tf.range(steps):
            losses = losses.write(i, step(tf.ensure_shape(order[i * size:(i + 1) * size], [size])))
        return losses.stack()

    return tf.function(whole_batches), tf.function(step)


def _tensor(model, x, name):
    spec = model.spec
    return from_numpy(check_data(x, spec.input_dim, dtype=spec.dtype, name=name,
                                 unit_interval=spec.likelihood == "bernoulli"), spec.dtype)


def _mean_terms(model, data, batch_size=1024):
    totals = {}
    for i in range(0, len(data), batch_size):
        batch = data[i:i + batch_size]
        for name, value in model.loss_terms(batch).items():
            totals[name] = totals.get(name, 0) + tf.cast(value, tf.float64) * len(batch)
    return {name: float(total) / len(data) for name, total in totals.items()}
