"""A program that several processes run alike: python train_together.py {torch,tensorflow} FOLDER [--die-in EPOCH]

Process 0 writes losses and weights of each run to FOLDER/end.npz. With --die-in there is one run, with a
checkpoint in FOLDER; if none is there yet, the last process kills itself when that epoch reads its data.
"""
import argparse
import importlib
import os
import pathlib
import signal

import numpy as np

from aebook.specs import MLP, Conv, Training

X = np.random.default_rng(0).random((103, 64)).astype("float32")  # batches of 25 leave one of 3; of 34, one of 1
TANH = {"hidden_dims": (32,), "latent_dim": 8, "activation": "tanh"}


def train_all(ae):
    """Losses and weights of several runs of ten steps."""
    ends = {}
    for name, model, training in (
            ("plain", ae.Autoencoder(MLP(64, **TANH)), {"l2": 1e-4, "clip_norm": 5.0}),
            ("a batch of one", ae.Autoencoder(MLP(64, **TANH)), {"batch_size": 34, "schedule": "cosine"}),
            ("variational", ae.VariationalAutoencoder(MLP(64, **TANH)),
             {"kl_warmup": 5, "optimizer": "momentum", "learning_rate": 1e-3}),
            ("denoising", ae.DenoisingAutoencoder(MLP(64, dropout=0.2, **TANH)), {}),
            ("convolutional", ae.SparseAutoencoder(Conv((8, 8, 1), (4,), 8, activation="tanh"), "topk", k=5), {})):
        history = ae.fit(model, X, Training(**{"steps": 10, "batch_size": 25} | training), x_val=X[:20])
        ends[name] = history.step_loss
        ends |= {f"{name}: {weight}": array for weight, array in ae.get_weights(model).items()}
    return ends


class Batches:
    """Four batches; the first pass counts them, the others are epochs, in one of which the process may die."""

    def __init__(self, deadly_epoch=None):
        self.deadly_epoch, self.passes = deadly_epoch, -1

    def __iter__(self):
        self.passes += 1
        if self.passes == self.deadly_epoch:
            os.kill(os.getpid(), signal.SIGKILL)
        return iter(np.split(X[:100], 4))


def train_one(ae, deadly_epoch=None, checkpoint=None):
    """Losses of a run of four epochs."""
    model = ae.Autoencoder(MLP(64, **TANH))
    history = ae.fit(model, Batches(deadly_epoch), Training(epochs=4, batch_size=25), checkpoint=checkpoint)
    return {"losses": history.step_loss}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("framework")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--die-in", type=int)
    args = parser.parse_args()
    ae = importlib.import_module(f"aebook.{args.framework}")
    rank, processes = ae.connect()
    if args.die_in:
        checkpoint = args.folder / "run"
        deadly = args.die_in if rank == processes - 1 and not checkpoint.exists() else None
        end = train_one(ae, deadly, checkpoint)
    else:
        end = train_all(ae)
    if rank == 0:
        np.savez(args.folder / "end.npz", **end)
