"""Peak resident memory of one `fit` on 60000 images: python benchmarks/peak_memory.py

Each measurement is a process of its own, which loads the data, imports the framework, builds the
model, asks the kernel to forget the peak so far, and trains. A second process trains on one batch
only: what it needs is the framework's own, such as graphs, kernels and thread stacks. Needs
Linux: resident memory is read from /proc.
"""
import argparse
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from jobs import JOBS
from machine import cores, environment, framework_versions, head, load_average, table, training_images
from rivals import KERAS, LOOP, RIVALS, finish_loading

MIB = 2**20


def resident(field):
    """VmRSS, resident memory now, or VmHWM, its peak, in bytes."""
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(field))


def child(rival, job, images):
    x, _ = training_images()
    x = np.array(x[:images])
    epoch = RIVALS[rival].prepare(JOBS[job], x)
    finish_loading()
    before = resident("VmRSS")
    with open("/proc/self/clear_refs", "w") as file:
        file.write("5")  # the peak is counted from here
    epoch(False)
    versions, device = framework_versions()
    print("\n" + json.dumps({"before": before, "peak": resident("VmHWM"), "data": x.nbytes, "versions": versions,
                             "device": device}))


def measure(rival, job, images, threads):
    command = [sys.executable, __file__, "--child", rival, job, str(images)]
    run = subprocess.run(command, env=environment(threads), capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"{rival}: {run.stderr.strip()}")
    return json.loads(run.stdout.strip().split("\n")[-1])


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--job", choices=JOBS, default="w1")
    parser.add_argument("--rivals", nargs="+", choices=RIVALS, metavar="RIVAL",
                        default=["aebook, PyTorch", "aebook, TensorFlow", LOOP, KERAS])
    parser.add_argument("--images", type=int, default=60000)
    parser.add_argument("--threads", type=int, default=cores())
    parser.add_argument("--repeats", type=int, default=3, help="processes per number; the median is printed")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="also write what is printed here")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        return child(*args.child[:2], int(args.child[2]))
    if not Path("/proc/self/clear_refs").exists():
        raise SystemExit("peak_memory.py reads /proc/self/status, which only Linux has.")
    rows, versions, devices = [], {}, set()
    for rival in args.rivals:
        if not RIVALS[rival].installed:
            print(f"{rival}: not installed", file=sys.stderr)
            continue
        full, one = ([measure(rival, args.job, images, args.threads) for _ in range(args.repeats)]
                     for images in (args.images, JOBS[args.job].batch_size))
        versions.update(full[0]["versions"])
        devices.add(full[0]["device"])
        data = full[0]["data"]
        above, own = (np.median([run["peak"] - run["before"] for run in runs]) for runs in (full, one))
        before = np.median([run["before"] for run in full])
        rows.append([rival, f"{before / MIB:.0f}", f"{above / MIB:.0f}", f"{own / MIB:.0f}", f"{above / data:.2f}",
                     f"{(above - own) / data:.2f}", f"{1 + (above - own) / data:.2f}"])
    text = "\n".join([
        "# Peak memory of one training run", "",
        *head(versions, device=", ".join(sorted(devices)), threads=args.threads, load_average=load_average()), "",
        f"## {args.job}: {JOBS[args.job].title}", "",
        f"{args.images} images, {data / 1e6:.0f} MB; medians of {args.repeats} processes.", "",
        *table(["rival", "resident before (MiB)", "peak above it (MiB)", "the same on one batch (MiB)",
                "peak above / data", "less one batch / data", "with the data itself / data"], rows)])
    print(text)
    if args.markdown:
        args.markdown.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
