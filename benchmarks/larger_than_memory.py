"""Train on data larger than memory should hold, and report how much memory that took.

    python benchmarks/larger_than_memory.py --gigabytes 2 --steps 400

Synthetic images are written to a temporary folder piece by piece, and are deleted at the end.
Each twin trains on them by memory map, in a process of its own. What counts is the most resident
memory of that process (Linux: VmHWM) above what it was after a first small training.
"""
import argparse
import gc
import importlib
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time

import numpy as np

FEATURES = 784


def write(path, gigabytes):
    n = int(gigabytes * 1e9 / 4 / FEATURES)
    x = np.lib.format.open_memmap(path, mode="w+", dtype=np.float32, shape=(n, FEATURES))
    mix = np.random.default_rng(0).standard_normal((8, FEATURES), np.float32)
    for i, start in enumerate(range(0, n, 8192)):
        z = np.random.default_rng(i + 1).standard_normal((min(8192, n - start), 8), np.float32)
        x[start:start + 8192] = 1 / (1 + np.exp(z @ mix))
    x.flush()


def resident(key):
    """VmRSS or VmHWM of this process in MB."""
    with open("/proc/self/status") as file:
        return next(int(line.split()[1]) / 1e3 for line in file if line.startswith(key))


def measure(twin, path, steps):
    from aebook.specs import MLP, Training
    ae = importlib.import_module(f"aebook.{twin}")
    x = np.load(path, mmap_mode="r")
    spec = MLP(FEATURES, (128,), 32)
    ae.fit(ae.Autoencoder(spec), np.array(x[:256]), Training(steps=2, batch_size=128))
    gc.collect()
    own = resident("VmRSS")
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak is counted from here
    start = time.perf_counter()
    history = ae.fit(ae.Autoencoder(spec), x, Training(steps=steps, batch_size=128))
    print(json.dumps({"examples": len(x), "steps": len(history.step_loss), "seconds": time.perf_counter() - start,
                      "own": own, "above": resident("VmHWM") - own, "first": history.step_loss[:20].mean(),
                      "last": history.step_loss[-20:].mean()}))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gigabytes", type=float, default=2.0)
    parser.add_argument("--steps", type=int, default=400)
    parser.add_argument("--twins", nargs="+", default=["torch", "tensorflow"])
    parser.add_argument("--measure", help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.measure:
        measure(given.twins[0], given.measure, given.steps)
        sys.exit()
    folder = tempfile.mkdtemp()
    try:
        path = os.path.join(folder, "x.npy")
        write(path, given.gigabytes)
        print(f"{os.path.getsize(path) / 1e9:.2f} GB on disk")
        for twin in given.twins:
            done = subprocess.run([sys.executable, __file__, "--twins", twin, "--measure", path, "--steps",
                                   str(given.steps)], stdout=subprocess.PIPE, text=True, check=True)
            found = json.loads(done.stdout.splitlines()[-1])
            print("{twin}: {examples} examples, {steps} steps in {seconds:.1f} s, loss {first:.2f} -> {last:.2f}; "
                  "{own:.0f} MB before, at most {above:.0f} MB more".format(twin=twin, **found))
    finally:
        shutil.rmtree(folder)
