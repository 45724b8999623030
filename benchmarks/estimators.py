"""The estimators against their peers, in one run and in turn: fit time, ROC AUC, reconstruction.

    python benchmarks/estimators.py
    pip install pyod          # one more peer, measured where installed

Outlier detection against PyOD's AutoEncoder: fitted to usual rows, judged on other usual rows and unusual
ones. Reconstruction against scikit-learn's MLPRegressor, fitted to predict its own input. In each comparison
all have the same layers, Adam with the same rate, batches and epochs, and standardized columns but for pixels;
PyOD adds batch normalization and dropout, as it does by default. Several seeds; the first fit is not counted in the
median, it is shown apart: in TensorFlow it compiles the graph.
"""
import argparse
import os
import sys
import time
import warnings
from pathlib import Path

from machine import cores, framework_versions, head, load_average, table

for variable in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"):
    os.environ.setdefault(variable, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np  # noqa: E402
from sklearn.datasets import load_breast_cancer, load_digits  # noqa: E402
from sklearn.metrics import r2_score, roc_auc_score  # noqa: E402
from sklearn.model_selection import train_test_split  # noqa: E402
from sklearn.neural_network import MLPRegressor  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

import aebook  # noqa: E402
from aebook.estimators import AutoencoderDetector, AutoencoderTransformer  # noqa: E402

HIDDEN, CODE, RATE = (64,), 8, 1e-3
FRAMEWORKS = {"torch": "PyTorch", "tensorflow": "TensorFlow"}


def tables(rows):
    """(name, rows, classes, the usual class, whether to standardize, epochs, batch size) of each data set at hand."""
    cancer, digits = load_breast_cancer(), load_digits()
    yield "breast cancer", cancer.data, cancer.target, 1, True, 50, 32
    yield "digits", digits.data / 16, digits.target, 8, False, 50, 32
    try:
        mnist = aebook.data.load("mnist")
        yield "MNIST", mnist.x_train[:rows], mnist.y_train[:rows], 8, False, 10, 128
    except aebook.errors.DatasetError:
        print("MNIST is not to be had: left out", file=sys.stderr)


def detectors(scaled, epochs, batch):
    """{name: function of a seed that makes what is to be fitted, function of it and rows that scores them}."""
    def own(framework):
        return lambda seed: AutoencoderDetector(CODE, hidden_dims=HIDDEN, epochs=epochs, batch_size=batch,
                                                learning_rate=RATE, standardize=scaled, framework=framework,
                                                random_state=seed)
    rivals = {f"AutoencoderDetector, {FRAMEWORKS[f]}": (own(f), lambda d, x: -d.score_samples(x))
              for f in aebook._installed()}
    try:
        from pyod.models.auto_encoder import AutoEncoder
        rivals["PyOD AutoEncoder"] = (
            lambda seed: AutoEncoder(hidden_neuron_list=[*HIDDEN, CODE], epoch_num=epochs, batch_size=batch, lr=RATE,
                                     preprocessing=scaled, random_state=seed, verbose=0),
            lambda d, x: d.decision_function(x))
    except ImportError:
        rivals["PyOD AutoEncoder"] = None
    return rivals


def reconstructors(scaled, epochs, batch):
    """The same for reconstruction; MLPRegressor gets rows that are standardized already."""
    def own(framework):
        return lambda seed: AutoencoderTransformer(CODE, hidden_dims=HIDDEN, epochs=epochs, batch_size=batch,
                                                   learning_rate=RATE, standardize=scaled, framework=framework,
                                                   random_state=seed)
    rivals = {f"AutoencoderTransformer, {FRAMEWORKS[f]}": (own(f), lambda t, x: t.inverse_transform(t.transform(x)))
              for f in aebook._installed()}
    rivals["MLPRegressor"] = (
        lambda seed: MLPRegressor(hidden_layer_sizes=(*HIDDEN, CODE, *HIDDEN[::-1]), max_iter=epochs, batch_size=batch,
                                  learning_rate_init=RATE, alpha=0, tol=0, n_iter_no_change=epochs,
                                  random_state=seed),
        lambda m, x: m.predict(x))
    return rivals


def race(rivals, x, judge, seeds):
    """Rows of a table: the rivals, fitted in turn with each seed."""
    seconds, quality = {name: [] for name in rivals}, {name: [] for name in rivals}
    for seed in (0, *seeds):        # seed 0 twice: the first fit warms up
        for name, rival in rivals.items():
            if rival is not None:
                start = time.perf_counter()
                made = rival[0](seed)
                made.fit(x, x) if isinstance(made, MLPRegressor) else made.fit(x)
                seconds[name].append(time.perf_counter() - start)
                quality[name].append(judge(lambda rows: rival[1](made, rows)))  # noqa: B023
    peer = [name for name in rivals][-1]
    for name, rival in rivals.items():
        if rival is None:
            yield [name, "not installed", "", "", ""]
            continue
        steady, good = np.median(seconds[name][1:]), quality[name][1:]
        ratio = f"{np.median(seconds[peer][1:]) / steady:.1f}" if seconds[peer] else ""
        yield [name, f"{seconds[name][0]:.2f}", f"{steady:.2f}", ratio,
               f"{np.mean(good):.3f} ({min(good):.3f} to {max(good):.3f})"]


def detection(x, kind, usual, scaled, epochs, batch, seeds):
    train, usual_test = train_test_split(x[kind == usual], test_size=0.4, random_state=0)
    test = np.concatenate([usual_test, x[kind != usual]])
    unusual = np.arange(len(test)) >= len(usual_test)
    return len(train), race(detectors(scaled, epochs, batch), train,
                            lambda score: roc_auc_score(unusual, score(test)), seeds)


def reconstruction(x, scaled, epochs, batch, seeds):
    train, test = train_test_split(x, test_size=0.2, random_state=0)
    if scaled:
        scaler = StandardScaler().fit(train)
        train, test = scaler.transform(train), scaler.transform(test)
    return len(train), race(reconstructors(scaled, epochs, batch), train,
                            lambda restore: r2_score(test, restore(test), multioutput="variance_weighted"), seeds)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--rows", type=int, default=20000, help="of MNIST")
    parser.add_argument("--epochs", type=int, help="for all, instead of 50 (MNIST: 10)")
    parser.add_argument("--markdown", type=Path, metavar="FILE", help="also write what is printed here")
    args = parser.parse_args()
    warnings.simplefilter("ignore")     # constant pixels; MLPRegressor says that it has not converged
    load_before, lines, seeds = load_average(), [], range(args.seeds)
    for name, x, kind, usual, scaled, epochs, batch in tables(args.rows):
        epochs = args.epochs or epochs
        for title, good, (n, rows) in (
                ("outliers", "ROC AUC", detection(x, kind, usual, scaled, epochs, batch, seeds)),
                ("reconstruction", "explained variance", reconstruction(x, scaled, epochs, batch, seeds))):
            lines += ["", f"## {name}: {title}", "",
                      f"{n} rows of {x.shape[1]} columns, {epochs} epochs, batch {batch}.", "",
                      *table(["estimator", "first fit (s)", "later fits (s)", "x as fast as the last", good], rows)]
            print(f"{name}, {title}: done, load {load_average()}", file=sys.stderr, flush=True)
    versions, device = framework_versions()
    import sklearn
    versions["scikit-learn"] = sklearn.__version__
    if "pyod" in sys.modules:
        from importlib.metadata import version
        versions["pyod"] = version("pyod")
    text = "\n".join(["# Estimators and their peers", "", *head(
        versions, device=device, threads=os.environ["OMP_NUM_THREADS"], seeds=args.seeds,
        layers=f"columns-{HIDDEN[0]}-{CODE}-{HIDDEN[0]}-columns",
        load_average=f"{load_before} at the start, {load_average()} at the end, {cores()} cores"), *lines])
    print(text)
    if args.markdown:
        args.markdown.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
