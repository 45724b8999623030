"""Several processes: which rows of a batch each takes, which models allow that, and what to say when one is lost."""
from aebook.errors import LostProcessError, SpecError

__all__ = ["check_shareable", "lost", "share"]


def share(n, rank, processes):
    """Return which of a batch's n rows a process takes, and the weight of their mean loss.

    The mean over the processes of weight * (mean loss of their rows) is the mean loss of the batch. Of a batch with
    fewer rows than processes each takes all.

    Parameters
    ----------
    n, rank, processes : int

    Returns
    -------
    rows : slice
    weight : float

    Examples
    --------
    >>> share(5, 0, 2), share(5, 1, 2)
    ((slice(0, 2, None), 0.8), (slice(2, 5, None), 1.2))
    """
    if n < processes:
        return slice(0, n), 1.0
    start, stop = rank * n // processes, (rank + 1) * n // processes
    return slice(start, stop), (stop - start) * processes / n


def check_shareable(model):
    """Raise a SpecError if the loss of a batch is not the mean of what its rows give one by one.

    Parameters
    ----------
    model : Autoencoder

    Raises
    ------
    SpecError

    Examples
    --------
    >>> from types import SimpleNamespace
    >>> from aebook.specs import MLP
    >>> check_shareable(SimpleNamespace(spec=MLP(4, batch_norm=True), options={}))
    Traceback (most recent call last):
        ...
    aebook.errors.SpecError: Batch normalization needs a whole batch, of which each of several processes sees only \
its share: train in one process, or without it.
    """
    if getattr(model.spec, "batch_norm", False):
        what = "Batch normalization"
    elif model.options.get("sparsity") == "kl":
        what = "The KL penalty on mean activities"
    else:
        return
    raise SpecError(f"{what} needs a whole batch, of which each of several processes sees only its share: "
                    "train in one process, or without it.")


def lost(rank, processes, epochs, checkpoint):
    """Return the error that says from where to go on after a process was lost.

    Parameters
    ----------
    rank, processes : int
    epochs : int
        Finished ones.
    checkpoint : str or None

    Returns
    -------
    LostProcessError

    Examples
    --------
    >>> print(lost(0, 2, 3, "run"))
    Process 0 of 2 lost contact with another one after 3 finished epochs. run holds them: start the same program \
again to go on.
    """
    remedy = (f"{checkpoint} holds them: start the same program again to go on." if checkpoint and epochs else
              "Nothing was saved: pass `checkpoint` to `fit` to go on from there next time.")
    return LostProcessError(f"Process {rank} of {processes} lost contact with another one after {epochs} finished "
                            f"epochs. {remedy}")
