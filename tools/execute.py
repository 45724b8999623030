"""Run notebooks and store their outputs: python tools/execute.py book/structure/*.ipynb

What is stored as output depends on the notebook alone: no timings, no paths, no object addresses,
and text that arrived in pieces is joined. Two hashes go with it, of the code and of every output in
full, images and ignored cells included, which nbval does not compare. `problems` says where a
notebook and its hashes disagree; `tests/test_notebooks.py` asks it. The notebook's metadata also
tell how long the run took and with which versions, for the site.
"""
import hashlib
import json
import os
import platform
import re
import resource
import sys
import time
from importlib import metadata

import environment

environment.fix()

import nbformat  # noqa: E402
from nbclient import NotebookClient  # noqa: E402

LARGEST = 400_000  # bytes: a notebook must open in a browser without a wait
METADATA = {"kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"}}
PACKAGES = ("torch", "tensorflow", "keras", "numpy", "scikit-learn")
MACHINE = re.compile(r"(?<![\w.])/(?:tmp|root|home|work|Users)/\S*|ipykernel_\d+|\b0x[0-9a-f]{8,}\b")


def code_cells(nb):
    """The cells that run: code cells with something in them."""
    return [cell for cell in nb.cells if cell.cell_type == "code" and cell.source.strip()]


def digest(value):
    """Sixteen hexadecimal digits that stand for a JSON value."""
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()[:16]


def hashes(nb):
    """The hash of the code, and the hash of all that was stored for it."""
    cells = code_cells(nb)
    return {"code_hash": digest([cell.source for cell in cells]),
            "output_hash": digest([[cell.execution_count, cell.outputs] for cell in cells])}


def strings(value):
    """Every text in an output, pictures in base64 left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, item in value.items():
            if not re.fullmatch(r"image/(png|jpeg)", key):
                yield from strings(item)
    elif isinstance(value, list):
        for item in value:
            yield from strings(item)


def problems(nb):
    """What is wrong with the stored outputs, as sentences; an empty list if nothing is."""
    found = []
    cells = code_cells(nb)
    counts = [cell.execution_count for cell in cells]
    if counts != list(range(1, len(cells) + 1)):
        found.append(f"execution counts are {counts}, not 1 to {len(cells)}")
    for name, value in hashes(nb).items():
        if nb.metadata.get("aebook", {}).get(name) != value:
            found.append(f"{name} is not that of the cells: run make execute")
    for cell in cells:
        if cell.source.rstrip().endswith(";"):
            found.append(f"cell {cell.execution_count} ends with a semicolon, which hides its value from Jupyter "
                         "but not from nbval: end with plt.show(), or begin with _ =")
        for text in strings(cell.outputs):
            for match in MACHINE.findall(text):
                found.append(f"cell {cell.execution_count} stores what only this machine has: {match}")
        if any(output.get("metadata", {}).get("aebook", {}).get("claim", {}).get("judged") is False
               for output in cell.outputs):
            found.append(f"cell {cell.execution_count} ran on stand-in data: set AEBOOK_DATA and run it again")
    size = len(nbformat.writes(nb).encode())
    if size > LARGEST:
        found.append(f"{size} bytes, more than {LARGEST}")
    return found


def processor_seconds():
    """Processor time of the kernels that have ended: on a busy machine it grows less than the time on the clock."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def versions():
    """With what a notebook is run: Python, and those of the book's packages that are installed."""
    found = {"python": platform.python_version()}
    for package in PACKAGES:
        for name in (package, f"{package}-cpu"):
            try:
                found[package] = metadata.version(name).split("+")[0]
            except metadata.PackageNotFoundError:
                pass
    return found


def execute(path):
    """Run one notebook in its own folder and store the outputs, or raise and leave the file alone."""
    nb = nbformat.read(path, as_version=4)
    before = processor_seconds()
    NotebookClient(nb, timeout=600, kernel_name="python3", record_timing=False, coalesce_streams=True,
                   extra_arguments=["--log-level=ERROR"],
                   resources={"metadata": {"path": os.path.dirname(path) or "."}}).execute()
    for cell in nb.cells:
        cell.metadata.pop("execution", None)
    run = {"seconds": round(processor_seconds() - before), "versions": versions()}
    nb.metadata = nbformat.from_dict(METADATA | {"aebook": hashes(nb) | run})
    nbformat.validate(nb)
    if found := problems(nb):
        raise SystemExit("\n".join(f"{path}: {problem}" for problem in found))
    write(nb, path)


def write(nb, path):
    """Write a notebook whole or not at all, and see that it reads back as it was."""
    nbformat.write(nb, f"{path}.part")
    if problems(nbformat.read(f"{path}.part", as_version=4)) != problems(nb):
        raise SystemExit(f"{path}: what was written does not read back")
    os.replace(f"{path}.part", path)


if __name__ == "__main__":
    if not sys.argv[1:]:
        raise SystemExit(__doc__)
    for path in sys.argv[1:]:
        start = time.perf_counter()
        execute(path)
        print(f"{path}: {time.perf_counter() - start:.1f} s", flush=True)
