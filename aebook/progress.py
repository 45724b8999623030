"""The progress bar of long work."""
from tqdm import tqdm

__all__ = ["epoch_bar"]


def epoch_bar(total, progress=None):
    """Return a tqdm bar that counts epochs.

    Parameters
    ----------
    total : int
    progress : bool, optional
        True shows the bar at once, False never; by default it appears after one second, so that
        short work stays silent. The environment variable TQDM_DISABLE=1 silences the default.

    Returns
    -------
    tqdm.tqdm

    Examples
    --------
    >>> epoch_bar(3, progress=False).total
    3
    """
    options = {} if progress is None else {"disable": not progress}
    return tqdm(total=total, unit="epoch", delay=0 if progress else 1, **options)
