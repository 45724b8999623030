"""Several processes: each takes its share of every batch, and all move by the gradient of the whole."""
import atexit
import contextlib
import os

import torch
from torch import distributed

from aebook.errors import CheckpointError
from aebook.shares import lost
from aebook.torch.arrays import device, from_numpy, where

__all__ = ["connect"]

STARTED_WITH = {"RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT"}  # what torchrun sets


def connect():
    """Join the processes that were started to train one model; in a process by itself do nothing.

    torchrun starts them, or anything that sets RANK, WORLD_SIZE, MASTER_ADDR and MASTER_PORT. Call
    it once, before models are made. From then on `fit` gives each process its share of every
    batch and averages the gradients: the losses are those of one process. All processes must make
    the same calls, with the same data. Process 0 alone writes checkpoints and shows progress;
    what else a script writes or prints, it must restrict itself.

    GPUs are connected by NCCL, one for each process; CPUs by gloo.

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
    if STARTED_WITH <= os.environ.keys() and not distributed.is_initialized():
        on_gpus = device().type == "cuda"
        if on_gpus:
            torch.cuda.set_device(int(os.environ.get("LOCAL_RANK", 0)))
        distributed.init_process_group("nccl" if on_gpus else "gloo")
        atexit.register(disconnect)
    return place()


def disconnect():
    if distributed.is_initialized():
        distributed.destroy_process_group()


def place():
    """Return the rank of this process, and how many there are."""
    if distributed.is_available() and distributed.is_initialized():
        return distributed.get_rank(), distributed.get_world_size()
    return 0, 1


def average(tensors):
    """Replace tensors by their mean over the processes, in one exchange."""
    flat = torch.cat([t.reshape(-1) for t in tensors])
    distributed.all_reduce(flat)
    flat /= distributed.get_world_size()
    for tensor, mean in zip(tensors, flat.split([t.numel() for t in tensors])):
        tensor.copy_(mean.view_as(tensor))


def start_alike(model, seen):
    """Give every process the weights of process 0, once all are found to have seen equally many epochs."""
    epochs = [torch.empty(1, dtype=torch.int64, device=where(model)) for _ in range(place()[1])]
    distributed.all_gather(epochs, from_numpy([seen], "int64", where(model)))
    epochs = [int(e) for e in epochs]
    if len(set(epochs)) > 1:
        raise CheckpointError(f"The processes have read checkpoints of {epochs} epochs, in the order of their ranks. "
                              "The path must lead all of them to the same file.")
    with torch.no_grad():
        for tensor in model.state_dict().values():
            distributed.broadcast(tensor, 0)


@contextlib.contextmanager
def lost_ones_are_named(history, checkpoint):
    """Turn the error of an exchange that another process did not take part in into a LostProcessError."""
    try:
        yield
    except RuntimeError as error:
        if place()[1] == 1 or not (isinstance(error, distributed.DistError) or "gloo" in str(error)):
            raise
        raise lost(*place(), len(history.loss), checkpoint) from error
