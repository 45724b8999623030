"""Between NumPy and the framework's tensors."""
import numpy as np
import torch

from aebook.devices import choose

__all__ = ["device", "from_numpy", "to_numpy"]


def device(name=None):
    """Return where new models and tensors live: the first GPU if there is one, else the CPU.

    Parameters
    ----------
    name : str or torch.device, optional
        "cpu", "gpu", or "gpu:1" for the second GPU; "cuda" means the same as "gpu". Without it,
        the environment variable AEBOOK_DEVICE decides, where it is set.

    Returns
    -------
    torch.device

    Raises
    ------
    DeviceError
        If there is no such device.

    Examples
    --------
    >>> device("cpu").type
    'cpu'
    """
    kind, number = choose(name, torch.cuda.device_count(), "PyTorch")
    if kind == "cpu":
        return torch.device("cpu")
    return torch.device("cuda") if number is None else torch.device("cuda", number)


device_named = device  # for functions with a parameter called device


def where(model):
    """The device of a model's weights."""
    first = next(model.parameters(), None)
    return device() if first is None else first.device


def from_numpy(array, dtype="float32", device=None):
    """Return a tensor with the values of a NumPy array, on `device()` or where it is asked to be.

    Parameters
    ----------
    array : array_like
    dtype : str
        Name of the tensor's dtype.
    device : str or torch.device, optional
        Another than `device()`.

    Returns
    -------
    torch.Tensor
        May share memory with the array.

    Examples
    --------
    >>> from_numpy([1, 2]).dtype
    torch.float32
    """
    array = np.asarray(array, dtype)
    # a tensor cannot promise to leave shared memory alone, nor run backwards through it
    if not array.flags.writeable or min(array.strides, default=0) < 0:
        array = array.copy()
    return torch.as_tensor(array, device=device_named() if device is None else device)


def floating(tensor):
    """The tensor itself, or as float32 if it holds integers, whose arithmetic would wrap around."""
    return tensor if tensor.is_floating_point() else tensor.float()


def standard_normal(like, rng):
    """Standard normal noise from NumPy, of the shape, dtype and device of a tensor."""
    return torch.from_numpy(np.asarray(np.random.default_rng(rng).standard_normal(like.shape))).to(like)


def uniform(like, rng):
    """Noise from NumPy, uniform in [0, 1), of the shape and device of a tensor, in float64."""
    return torch.from_numpy(np.asarray(np.random.default_rng(rng).random(like.shape))).to(like.device)


def to_numpy(tensor):
    """Return a NumPy array with the values of a tensor.

    Parameters
    ----------
    tensor : torch.Tensor

    Returns
    -------
    ndarray

    Examples
    --------
    >>> to_numpy(from_numpy([1.0, 2.0])).tolist()
    [1.0, 2.0]
    """
    return tensor.detach().cpu().numpy()
