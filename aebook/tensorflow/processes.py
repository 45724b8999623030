"""Several processes: each takes its share of every batch, and all move by the gradient of the whole."""
import contextlib
import json
import os

import tensorflow as tf

from aebook.errors import CheckpointError
from aebook.shares import lost
from aebook.tensorflow.arrays import device, to_numpy

__all__ = ["connect"]

strategy = None  # of the processes that `connect` has joined


def connect():
    """Join the processes that were started to train one model; in a process by itself do nothing.

    Each has its place in the environment variable TF_CONFIG. Call it once, before TensorFlow
    computes anything. From then on `fit` gives each process its share of every batch and averages
    the gradients: the losses are those of one process. All processes must make the same calls, with
    the same data. Process 0 alone writes checkpoints and shows progress; what else a script writes
    or prints, it must restrict itself.

    The processes are joined by a `tf.distribute.MultiWorkerMirroredStrategy`, each with one device:
    of several GPUs give each process its own by CUDA_VISIBLE_DEVICES.

    Returns
    -------
    rank, processes : int
        Which process this is, counted from 0, and how many there are; (0, 1) for a process by itself.

    References
    ----------
    Goyal et al. (2017).

    Examples
    --------
    >>> connect()
    (0, 1)
    """
    global strategy
    workers = json.loads(os.environ.get("TF_CONFIG") or "{}").get("cluster", {}).get("worker", [])
    if strategy is None and len(workers) > 1:
        if "CPU" in device():
            tf.config.set_visible_devices([], "GPU")  # the strategy takes what is visible
        strategy = tf.distribute.MultiWorkerMirroredStrategy()
    return place()


def place():
    """Return the rank of this process, and how many there are."""
    if strategy is None:
        return 0, 1
    return strategy.cluster_resolver.task_id, strategy.num_replicas_in_sync


def average(tensors, op=tf.distribute.ReduceOp.MEAN):
    """Return the mean, or the sum, of each tensor over the processes, in one exchange; for use in a graph."""
    def exchanged():
        placed = [tf.identity(t) for t in tensors]  # an exchange needs to know the device
        return tf.distribute.get_replica_context().all_reduce(op, placed)
    return strategy.run(exchanged)


def start_alike(model, seen):
    """Give every process the weights of process 0, once all are found to have seen equally many epochs."""
    rank, n_processes = place()
    variables = [v.value for v in model.variables]

    @tf.function
    def exchange():
        mine = [tf.cast(v if rank == 0 else tf.zeros_like(v), tf.float64) for v in variables]
        epochs = tf.one_hot(rank, n_processes, dtype=tf.float64) * seen
        return average([epochs, *mine], tf.distribute.ReduceOp.SUM)

    epochs, *weights = exchange()
    epochs = [int(e) for e in to_numpy(epochs)]
    if len(set(epochs)) > 1:
        raise CheckpointError(f"The processes have read checkpoints of {epochs} epochs, in the order of their ranks. "
                              "The path must lead all of them to the same file.")
    for variable, weight in zip(variables, weights):
        variable.assign(tf.cast(weight, variable.dtype))


@contextlib.contextmanager
def lost_ones_are_named(history, checkpoint):
    """Turn the error of an exchange that another process did not take part in into a LostProcessError."""
    try:
        yield
    except (tf.errors.UnavailableError, tf.errors.AbortedError, tf.errors.CancelledError,
            tf.errors.DeadlineExceededError, tf.errors.InternalError) as error:
        if strategy is None:
            raise
        raise lost(*place(), len(history.loss), checkpoint) from error
