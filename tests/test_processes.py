"""Several processes train as one would: the same losses, and from the checkpoint on where one of them was lost."""
import contextlib
import importlib
import json
import os
import pathlib
import socket
import subprocess
import sys

import numpy as np
import pytest
import train_together
from helpers import TWINS, relative

from aebook.errors import SpecError
from aebook.shares import share
from aebook.specs import MLP

PROGRAM = pathlib.Path(train_together.__file__)
SINGLE_THREAD = dict.fromkeys(("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"), "1")
each_twin = pytest.mark.parametrize("twin", TWINS)


def free_ports(n):
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(n)]
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]


def places(twin):
    """The environment of each of two processes, as torchrun or a cluster's manager would set it."""
    ports = free_ports(2)
    if twin == "torch":
        return [{"RANK": str(i), "WORLD_SIZE": "2", "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(ports[0])}
                for i in range(2)]
    workers = [f"127.0.0.1:{port}" for port in ports]
    return [{"TF_CONFIG": json.dumps({"cluster": {"worker": workers}, "task": {"type": "worker", "index": i}})}
            for i in range(2)]


def start(command, environment):
    root = str(PROGRAM.parents[1])
    return subprocess.Popen(command, env=os.environ | SINGLE_THREAD | {"PYTHONPATH": root} | environment,
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd=root)


def run(twin, folder, *options):
    """Run the program in two processes; return the exit status and the output of each."""
    running = [start([sys.executable, str(PROGRAM), twin, str(folder), *options], place) for place in places(twin)]
    try:
        outputs = [process.communicate(timeout=240)[0] for process in running]
    finally:
        for process in running:
            process.kill()
    return [process.returncode for process in running], outputs


def end_of(folder):
    with np.load(folder / "end.npz") as found:
        return dict(found)


@each_twin
def test_two_processes_train_as_one(twin, tmp_path):
    """Over ten steps, also where the last batch is shared unequally or has a single row."""
    statuses, outputs = run(twin, tmp_path)
    assert statuses == [0, 0], outputs
    together, alone = end_of(tmp_path), train_together.train_all(TWINS[twin])
    assert together.keys() == alone.keys() and len(alone) > 20
    for name, values in alone.items():
        assert relative(together[name], values) < 1e-6, name


@each_twin
def test_a_lost_process_ends_the_job_which_goes_on_from_its_checkpoint(twin, tmp_path):
    (status, killed), outputs = run(twin, tmp_path, "--die-in", "3")
    assert killed == -9 and status not in (0, None) and not (tmp_path / "end.npz").exists()
    assert (f"LostProcessError: Process 0 of 2 lost contact with another one after 2 finished epochs. "
            f"{tmp_path / 'run'} holds them: start the same program again to go on.") in outputs[0]
    statuses, outputs = run(twin, tmp_path, "--die-in", "3")
    assert statuses == [0, 0], outputs
    resumed, alone = end_of(tmp_path)["losses"], train_together.train_one(TWINS[twin])["losses"]
    assert len(alone) == 16 and relative(resumed, alone) < 1e-6


def test_torchrun_starts_the_processes(tmp_path):
    command = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2", "--rdzv-backend", "c10d",
               "--rdzv-endpoint", "localhost:0", str(PROGRAM), "torch", str(tmp_path), "--die-in", "5"]
    process = start(command, {})        # there are four epochs: nobody dies
    output, _ = process.communicate(timeout=240)
    assert process.returncode == 0, output
    assert relative(end_of(tmp_path)["losses"], train_together.train_one(TWINS["torch"])["losses"]) < 1e-6


@pytest.mark.parametrize("n, processes", [(1, 2), (2, 2), (7, 3), (128, 8)])
def test_shares_make_up_the_batch_and_their_weights_its_mean(n, processes):
    values = np.random.default_rng(0).random(n)
    shares = [share(n, rank, processes) for rank in range(processes)]
    assert np.mean([weight * values[rows].mean() for rows, weight in shares]) == pytest.approx(values.mean(), rel=1e-12)
    if n >= processes:
        assert np.array_equal(np.concatenate([values[rows] for rows, _ in shares]), values)


@each_twin
@pytest.mark.parametrize("fields, options, word", [
    ({"batch_norm": True}, {}, "Batch normalization needs a whole batch"),
    ({"latent_activation": "sigmoid"}, {"sparsity": "kl"}, "The KL penalty on mean activities needs")])
def test_what_needs_a_whole_batch_is_refused(twin, fields, options, word, monkeypatch):
    cls = "SparseAutoencoder" if options else "Autoencoder"
    model = getattr(TWINS[twin], cls)(MLP(4, (3,), 2, **fields), **options)
    monkeypatch.setattr(importlib.import_module(f"aebook.{twin}.processes"), "place", lambda: (0, 2))
    with pytest.raises(SpecError, match=word):
        TWINS[twin].fit(model, np.eye(4))
