"""Which device to compute on: the one asked for, or that AEBOOK_DEVICE names, else the first GPU, else the CPU."""
import os
import re

from aebook.errors import DeviceError

__all__ = []

NAME = re.compile(r"(?:.*/device:|/)?(cpu|gpu|cuda)(?::(\d+))?", re.IGNORECASE)


def choose(asked, gpus, framework):
    """Return the kind of a device, "cpu" or "gpu", and its number, or None where none was given.

    asked is None or a name: "cpu", "gpu" or "gpu:1", also as the frameworks write them; gpus is
    how many GPUs the framework sees.
    """
    source = "device=" if asked is not None else "AEBOOK_DEVICE="
    asked = os.environ.get("AEBOOK_DEVICE") or None if asked is None else str(asked)
    if asked is None:
        return ("gpu" if gpus else "cpu"), None
    name = NAME.fullmatch(asked.strip())
    if name is None:
        raise DeviceError(f"{source}{asked!r} is no device: write 'cpu', 'gpu', or 'gpu:1' for the second GPU.")
    kind, number = name[1].lower().replace("cuda", "gpu"), None if name[2] is None else int(name[2])
    if kind == "gpu" and (number or 0) >= gpus:
        seen = {0: "no GPU", 1: "one GPU, number 0"}.get(gpus, f"GPUs 0 to {gpus - 1}")
        raise DeviceError(f"{source}{asked!r}: {framework} sees {seen}. Write 'cpu' or leave it out; if there should "
                          f"be a GPU, check that this is {framework}'s GPU build, and CUDA_VISIBLE_DEVICES.")
    return kind, number
