"""Kill training at random moments, resume it from its checkpoint, and compare its end with that of an undisturbed run.

    python benchmarks/kill_and_resume.py --twin torch --kills 20

A process that has only imported the framework forks one child for each run, and kills it with
SIGKILL: every fourth at any moment since the fork, the others at any moment since the child wrote
its first checkpoint. When a child reaches the end, its losses and weights must equal the
undisturbed run's bit for bit; then its files are deleted and the next one starts anew, until there
were enough kills.
"""
import argparse
import importlib
import os
import pathlib
import signal
import tempfile
import time

import numpy as np

from aebook.specs import MLP, Training


def train(ae, folder, checkpoint):
    """Train in a child process; return its number."""
    pid = os.fork()
    if pid:
        return pid
    try:
        x = np.random.default_rng(0).random((200, 16), np.float32)
        model = ae.VariationalAutoencoder(MLP(16, (12,), 4))
        history = ae.fit(model, x, Training(epochs=100, batch_size=32, kl_warmup=100), checkpoint=checkpoint)
        np.savez(folder / "end.npz", losses=history.step_loss, seconds=sum(history.seconds[1:]),
                 **ae.get_weights(model))
        os._exit(0)
    finally:
        os._exit(1)


def end_of(pid, folder):
    """Wait for a child; return what it ended with, or None if it was killed."""
    _, status = os.waitpid(pid, 0)
    if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
        return None
    if status:
        raise SystemExit(f"a run failed with status {status}")
    with np.load(folder / "end.npz") as found:
        return dict(found)


def written(file):
    """When a file was written, None if it is not there."""
    return file.stat().st_mtime_ns if file.exists() else None


def runs(pid):
    """Whether a child has not ended."""
    return os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None


def kill_and_resume(ae, kills, seed, folder):
    """Return how many kills hit while a checkpoint was there, and how many runs were compared."""
    rng, hits, resumed, ends, start = np.random.default_rng(seed), 0, 0, 0, time.perf_counter()
    whole = end_of(train(ae, folder, None), folder)
    whole_seconds, training_seconds = time.perf_counter() - start, whole.pop("seconds")
    while hits < kills or not ends:
        before = written(folder / "run")
        pid = train(ae, folder, folder / "run")
        if hits < kills:
            if hits % 4 == 0:
                time.sleep(rng.uniform(0, whole_seconds))
            else:
                while written(folder / "run") == before and runs(pid):
                    time.sleep(0.001)
                time.sleep(rng.uniform(0, training_seconds))
            os.kill(pid, signal.SIGKILL)
        end = end_of(pid, folder)
        if end is None:
            hits, resumed = hits + 1, resumed + (folder / "run").exists()
            continue
        ends += 1
        different = [name for name in whole if not np.array_equal(whole[name], end[name])]
        if different:
            raise SystemExit(f"after {hits} kills a resumed run ends otherwise: {', '.join(different)}")
        for file in folder.glob("run*"):
            file.unlink()
    return resumed, ends


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--twin", choices=["torch", "tensorflow"], required=True)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        resumed, ends = kill_and_resume(importlib.import_module(f"aebook.{given.twin}"), given.kills, given.seed,
                                        pathlib.Path(folder))
    print(f"{given.twin}: {given.kills} kills, {resumed} of them after the first checkpoint; "
          f"{ends} runs came to an end, all equal to the undisturbed one")
