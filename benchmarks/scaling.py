"""How the cost of `fit` grows with examples and with parameters: python benchmarks/scaling.py

784-128-32-128-784 on 1e3 to 1e6 synthetic examples, and 784-h-32-h-784 on 20000 examples with h
from 32 to 2048. Each point is a process of its own that trains two epochs. "fit" is a training
run of one epoch, all that comes before it included; "later epoch" is the second epoch alone.
Writes scaling.md and scaling.png beside this file.
"""
import argparse
import json
import subprocess
import sys
import time
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from machine import ROOT, environment, framework_versions, head, load_average, table

TWINS = {"PyTorch": "torch", "TensorFlow": "tensorflow"}
EXAMPLES = (1_000, 3_000, 10_000, 30_000, 100_000, 300_000, 1_000_000)
WIDTHS = (32, 64, 128, 256, 512, 1024, 2048)


def child(framework, examples, width):
    from aebook.specs import MLP, Training
    ae = import_module(f"aebook.{framework}")
    model, training = ae.Autoencoder(MLP(784, (width,), 32)), Training(epochs=2, batch_size=128)
    ae.fit(ae.Autoencoder(MLP(784, (8,), 2)), np.zeros((128, 784)), Training(steps=1))  # what loads on first use
    x = np.random.default_rng(0).random((examples, 784), dtype=np.float32)
    start = time.perf_counter()
    seconds = ae.fit(model, x, training, progress=False).seconds
    total = time.perf_counter() - start
    versions, device = framework_versions()
    parameters = sum(w.size for w in ae.get_weights(model).values())
    print("\n" + json.dumps({"fit": total - seconds[1], "later epoch": seconds[1], "parameters": parameters,
                             "examples": examples, "versions": versions, "device": device}))


def measure(framework, examples, width, threads):
    command = [sys.executable, __file__, "--child", framework, str(examples), str(width)]
    run = subprocess.run(command, env=environment(threads), capture_output=True, text=True)
    if run.returncode:
        raise SystemExit(f"{framework}, {examples} examples, width {width}: {run.stderr.strip()}")
    return json.loads(run.stdout.strip().split("\n")[-1])


def fit_line(n, seconds):
    """Least squares of seconds = a + b n with relative errors, a not below 0: (a, b, R^2 of the logarithms)."""
    n, seconds = np.asarray(n, float), np.asarray(seconds)
    columns = np.stack([1 / seconds, n / seconds], axis=1)
    a, b = np.linalg.lstsq(columns, np.ones(len(n)), rcond=None)[0]
    if a < 0:
        a, b = 0.0, columns[:, 1].sum() / (columns[:, 1] ** 2).sum()
    return a, b, r_squared(np.log(seconds), np.log(a + b * n))


def fit_power(n, seconds):
    """Least squares of log seconds = c + slope log n: (slope, R^2)."""
    slope, c = np.polyfit(np.log(n), np.log(seconds), 1)
    return slope, r_squared(np.log(seconds), c + slope * np.log(n))


def r_squared(y, fitted):
    return 1 - np.sum((y - fitted) ** 2) / np.sum((y - np.mean(y)) ** 2)


def summarize(sweeps):
    """Rows of the table of fits, and {(variable, twin, what): (n, seconds, a, b)} to draw."""
    rows, curves = [], {}
    for variable, points in sweeps.items():
        for twin in points:
            for what in ("fit", "later epoch"):
                n = np.array([runs[0][variable] for runs in points[twin]])
                seconds = np.array([np.median([run[what] for run in runs]) for runs in points[twin]])
                a, b, r2 = fit_line(n, seconds)
                slope, slope_r2 = fit_power(n, seconds)
                large = b * n >= a  # the part that grows is at least the part that does not
                above = f"{fit_power(n[large], seconds[large])[0]:.2f}" if large.sum() >= 3 else ""
                rows.append([variable, twin, what, f"{a:.3f} + {b:.3g} n", f"{r2:.4f}", f"{slope:.2f}",
                             f"{slope_r2:.4f}", above])
                curves[variable, twin, what] = n, seconds, a, b
    return rows, curves


def draw(curves, path):
    import matplotlib
    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    from aebook.plots import LINES, STYLE
    variables = list(dict.fromkeys(variable for variable, _, _ in curves))
    with plt.style.context(STYLE):
        fig, axes = plt.subplots(1, len(variables), figsize=(4.6 * len(variables), 3.6), squeeze=False)
        for (variable, twin, what), (n, seconds, a, b) in curves.items():
            ax = axes[0, variables.index(variable)]
            look, whole = LINES[twin], what == "fit"
            dense = np.geomspace(n.min(), n.max(), 200)
            ax.loglog(dense, a + b * dense, **look, linewidth=2 if whole else 1)
            ax.loglog(n, seconds, color=look["color"], linestyle="", marker="o" if whole else "v",
                      markerfacecolor=None if whole else "white", label=f"{twin}, {what}")
            ax.set(xlabel=variable, ylabel="seconds")
            ax.yaxis.set_minor_formatter("")
        fig.legend(*axes[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
        fig.savefig(path, dpi=150)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--examples", nargs="+", type=int, default=EXAMPLES)
    parser.add_argument("--widths", nargs="+", type=int, default=WIDTHS)
    parser.add_argument("--quick", action="store_true", help="up to 30000 examples and 512 units, once each")
    parser.add_argument("--repeats", type=int, help="processes per point, in turn; their median counts (default: 2)")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--out", type=Path, default=ROOT / "benchmarks" / "scaling", help="name without .md and .png")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.child:
        return child(args.child[0], int(args.child[1]), int(args.child[2]))
    load_before, repeats = load_average(), args.repeats or (1 if args.quick else 2)
    examples = [n for n in args.examples if not args.quick or n <= 30_000]
    widths = [h for h in args.widths if not args.quick or h <= 512]
    twins = {twin: module for twin, module in TWINS.items() if find_spec(module)}
    settings = {"examples": [(n, 128) for n in examples], "parameters": [(20_000, h) for h in widths]}
    sweeps = {variable: {twin: [[] for _ in points] for twin in twins} for variable, points in settings.items()}
    for variable, points in settings.items():
        for turn in range(repeats):
            for i, (n, h) in enumerate(points):
                for twin, module in twins.items():
                    sweeps[variable][twin][i].append(measure(module, n, h, args.threads))
            print(f"{variable}: turn {turn + 1} of {repeats} done", file=sys.stderr, flush=True)
    runs = [run for points in sweeps.values() for twin in points.values() for at in twin for run in at]
    versions = {name: version for run in runs for name, version in run["versions"].items()}
    rows, curves = summarize(sweeps)
    measured = [[variable, twin, what, f"{count}", f"{s:.3f}"]
                for (variable, twin, what), (n, seconds, _, _) in curves.items() for count, s in zip(n, seconds)]
    text = "\n".join([
        "# How the cost of training grows", "",
        *head(versions, device=", ".join(sorted({run["device"] for run in runs})), threads=args.threads,
              load_average=f"{load_before} at the start, {load_average()} at the end"), "",
        f"Batch 128, Adam, medians of {repeats} processes a point. `a + b n` is fitted with relative errors, each R² "
        "is that of the logarithms, and the last column is the slope in log-log where `b n` is at least `a`.", "",
        *table(["n", "framework", "of", "seconds", "R²", "slope in log-log", "R²", "slope above the overhead"], rows),
        "", "## Measured", "", *table(["n", "framework", "of", "n =", "seconds"], measured)])
    print(text)
    args.out.with_suffix(".md").write_text(text + "\n", encoding="utf-8")
    draw(curves, args.out.with_suffix(".png"))


if __name__ == "__main__":
    main()
