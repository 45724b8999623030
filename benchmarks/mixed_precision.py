"""How much accuracy does bfloat16 cost, and how much time does it save?

    python benchmarks/mixed_precision.py --markdown benchmarks/mixed_precision.md

Each network is trained from the same weights on the same batches with and without
`Training(mixed_precision=True)`, in turns; the losses are compared seed by seed. A third run, in
float32 from weights that differ in the seventh digit, shows how much a loss changes for no reason. The
times are those of the last epoch. Threads are those of the environment: OMP_NUM_THREADS,
TF_NUM_INTRAOP_THREADS.
"""
import argparse
import os

import numpy as np
from jobs import JOBS
from machine import framework_versions, head, load_average, table, training_images

import aebook
from aebook.specs import MLP, Training

VARIANTS = {"float32": False, "nudged": False, "bfloat16": True}


def measure(ae, job, seed, x, x_val, epochs):
    """Final training and validation loss, and seconds of the last epoch, for each variant."""
    network, found = JOBS[job], {}
    variational = network.kind == "vae"
    spec = MLP(784, network.widths[1:], network.latent_dim, activation="relu",
               likelihood="bernoulli" if variational else "gaussian")
    for name, mixed in VARIANTS.items():
        model = (ae.VariationalAutoencoder if variational else ae.Autoencoder)(spec, seed=seed)
        if name == "nudged":
            weights = ae.get_weights(model)
            ae.set_weights(model, {k: w * np.float32(1 + 1e-6) for k, w in weights.items()})
        training = Training(epochs=epochs, batch_size=network.batch_size, mixed_precision=mixed, seed=seed)
        history = ae.fit(model, x, training, x_val, progress=False)
        found[name] = history.loss[-1], history.val_loss[-1], history.seconds[-1]
    return found


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jobs", nargs="+", choices=("w1", "w2", "vae"), default=["w1", "w2", "vae"])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=10)
    parser.add_argument("--images", type=int, default=60000)
    parser.add_argument("--markdown", help="also write the tables to this file")
    given = parser.parse_args()
    images, what = training_images(given.images)
    held_out = len(images) // 6
    x, x_val = images[held_out:], images[:held_out]
    rows = []
    for job in given.jobs:
        for ae in aebook.twins():
            runs = [measure(ae, job, seed, x, x_val, given.epochs) for seed in range(given.seeds)]
            exact, nudged, mixed = (np.array([run[name] for run in runs]) for name in VARIANTS)
            change, chance = (100 * (other[:, 1] / exact[:, 1] - 1) for other in (mixed, nudged))
            rows.append([job, ae.NAME, f"{exact[:, 0].mean():.4g}", f"{exact[:, 1].mean():.4g}",
                         *(f"{c.mean():+.3f} ({c.min():+.3f} to {c.max():+.3f})" for c in (change, chance)),
                         f"{np.median(exact[:, 2] / mixed[:, 2]):.2f}"])
    versions, device = framework_versions()
    threads = os.environ.get("OMP_NUM_THREADS", "as many as cores")
    lines = [*head(versions, device=device, threads=threads, data=f"{what}, {len(x)} images to train on, {held_out} "
                   "held out", epochs=given.epochs, seeds=given.seeds, load=load_average()), "",
             *table(["job", "framework", "training loss, float32", "held-out loss, float32",
                     "held-out loss in bfloat16, % more", "the same, float32 nudged by 1e-6",
                     "time float32 / bfloat16"], rows)]
    print("\n".join(lines))
    if given.markdown:
        with open(given.markdown, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
