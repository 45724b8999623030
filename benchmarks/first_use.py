"""A user's first minutes: the built wheel and one framework in a clean environment, and the README's example.

    python benchmarks/first_use.py torch
    python benchmarks/first_use.py tensorflow

The arguments are handed to `uv pip install` beside the wheel. Prints how long each part took.
"""
import os
import re
import subprocess
import sys
import tempfile
import time
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
INSPECT = ("import importlib.util, aebook; print(aebook.__file__); "
           "print(*(name for name in ('torch', 'tensorflow') if importlib.util.find_spec(name)))")
EXPECTED = "(500, 2) [-1 -1 -1] [3 3 3]"


def example():
    """The README's example of a table, as it is printed there."""
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## In your own project")[1]
    return re.search(r"```python\n(.*?)```", section, re.DOTALL)[1]


def timed(what, command, **options):
    """Run a command, print the seconds it took, and return what it printed."""
    start = time.perf_counter()
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, **options)
    print(f"{what}: {time.perf_counter() - start:.1f} s", flush=True)
    return done.stdout


def main(packages):
    uv = Path(sys.executable).with_name("uv")
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        clean = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", "VIRTUAL_ENV")}
        timed("build the wheel", [uv, "build", "--quiet", "--wheel", "--out-dir", folder, ROOT], env=clean)
        venv.create(folder / "env", clear=True)
        python = folder / "env" / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
        timed(f"install it and {packages[-1].split(';')[0]}", [uv, "pip", "install", "--quiet", "--python", python,
                                                next(folder.glob("*.whl")), *packages], env=clean)
        where, *frameworks = timed("import", [python, "-c", INSPECT], cwd=folder, env=clean).split()
        assert Path(where).is_relative_to(folder) and len(frameworks) == 1, (where, frameworks)
        for turn in ("first", "second"):
            printed = timed(f"README's example, {turn} time", [python, "-c", example()], cwd=folder, env=clean)
            assert printed.strip() == EXPECTED, printed
    print(f"The README's example works with the wheel and {frameworks[0]} alone.")


if __name__ == "__main__":
    main(sys.argv[1:])
