"""Measure every claim of the chapters under several seeds: python benchmarks/claims.py book/*/*.ipynb --seeds 0 1 2 3 4

Each chapter is run once per seed with `seed = 0` replaced, and each claim is recorded instead of
raised. The table gives, per claim, its bound, the least and greatest value, mean and standard
deviation, how many standard deviations the mean keeps from the bound, and in how many runs it
held; above it stands the processor time of a run. With --mean-image, `fit` of both twins leaves
behind the mean-image predictor instead of a trained model, in one run, and the table says what
becomes of each claim: it raises, it is never reached, because a cell before it raised, or it
holds. A claim that holds is not about learning, or is about a program that the chapter writes
out natively, which is left as it is.
"""
import argparse
import json
import os
import re
import sys
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import environment  # noqa: E402

environment.fix()
import nbformat  # noqa: E402
from nbclient import NotebookClient  # noqa: E402
from nbclient.exceptions import CellExecutionError, DeadKernelError  # noqa: E402

RECORD = """
import aebook.claims as _claims
_original = _claims.claim
def _record(sentence, value, relation, bound, *, data=None):
    value, bound = float(value), float(bound)
    _claims._show(sentence, {"sentence": sentence, "value": value, "relation": relation, "bound": bound,
                             "holds": bool(_claims.RELATIONS[relation](value, bound))})
_claims.claim = _record
"""
MEAN_IMAGE = """
import numpy as _np
import aebook as _aebook
for _ae in _aebook.twins():
    def _fit(model, x, training=None, x_val=None, *, progress=None, checkpoint=None, _ae=_ae, _real=_ae.fit):
        from dataclasses import replace
        x = _np.concatenate([*getattr(_aebook.sources.open_data(x, model.spec), "pieces", lambda _: [x])(1024)])
        history = _real(model, x, replace(training or _aebook.specs.Training(), epochs=None, steps=1), x_val)
        weights = {name: _np.zeros_like(w) for name, w in _ae.get_weights(model).items()}
        last = [name for name in weights if name.startswith("decoder") and name.endswith("bias")][-1]
        mean = _np.mean(x, axis=0)
        logits = model.spec.likelihood == "bernoulli" or getattr(model.spec, "output", "linear") == "sigmoid"
        share = mean.clip(1e-6, 1 - 1e-6)
        out = _np.log(share / (1 - share)) if logits else mean
        if weights[last].shape == out.shape:
            weights[last] = out
        else:  # the last bias of a convolution is one number per channel: the decoder itself has to be replaced
            constant = _ae.from_numpy(out[None], model.spec.dtype)
            name = "call" if hasattr(model.decoder, "call") else "forward"
            setattr(model.decoder, name, lambda z, *_, _c=constant, **__: _c + 0 * z[:, :1])
        _ae.set_weights(model, weights)
        loss = _ae.evaluate(model, x if x_val is None else x_val)["loss"]
        epochs = len((training or _aebook.specs.Training()).plan(len(x)))
        history.loss, history.val_loss = [loss] * epochs, [loss] * epochs if x_val is not None else []
        history.seconds = [1e-3] * epochs  # some time: chapters divide by it
        return history
    _ae.fit = _fit
"""


def claims_of(nb):
    """The numbers of every claim that was printed, in order."""
    return [output.metadata.aebook.claim for cell in nb.cells if cell.cell_type == "code" for output in cell.outputs
            if "claim" in output.get("metadata", {}).get("aebook", {})]


def run(path, seed, mean_image):
    """Execute the chapter; return its claims, its processor time in seconds, and the errors it met."""
    nb = nbformat.read(path, as_version=4)
    found = 0
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.source, here = re.subn("(?m)^seed = 0$", f"seed = {seed}", cell.source)
            found += here
    if seed and not found:
        raise SystemExit(f"{path}: no line `seed = 0` to replace: every run would be the same.")
    nb.cells.insert(0, nbformat.v4.new_code_cell(RECORD + (MEAN_IMAGE if mean_image else "")))
    nb.cells.append(nbformat.v4.new_code_cell("import time; print(time.process_time())"))
    NotebookClient(nb, timeout=1200, kernel_name="python3", allow_errors=mean_image,
                   resources={"metadata": {"path": str(path.parent)}}).execute()
    errors = [output.evalue.strip().split("\n")[0] for cell in nb.cells if cell.cell_type == "code"
              for output in cell.outputs if output.output_type == "error"]
    return claims_of(nb), float(nb.cells[-1].outputs[0].text), errors


def attempt(path, seed, mean_image):
    """The same, or nothing and why, if the chapter does not run to its end: the other seeds are worth their table."""
    try:
        return run(path, seed, mean_image)
    except (CellExecutionError, DeadKernelError) as error:
        last = re.sub("\x1b\\[[0-9;]*m", "", str(error)).strip().splitlines()[-1]     # without colors
        return None, None, [f"seed {seed} did not reach the end: {last}"]


def table(path, runs, seconds, errors):
    print(f"\n## {path.relative_to(ROOT)}\n")
    for error in errors:
        print(f"{error}\n")
    if not runs:
        return
    print(f"{min(seconds):.0f} to {max(seconds):.0f} s of processor time.\n")
    print("| claim | bound | least | greatest | mean | sd | margin in sd | held |")
    print("|---|---|---|---|---|---|---|---|")
    for claims in zip(*runs):
        first = claims[0]   # Jupyter's JSON makes None of NaN, and float makes NaN of None
        values, bounds = (np.array([c[key] for c in claims], float) for key in ("value", "bound"))
        sd = (values - bounds).std(ddof=1) if len(runs) > 1 else np.nan
        margin = "" if not sd > 1e-9 * abs(values.mean()) else f"{abs((values - bounds).mean()) / sd:.1f}"
        bound = f"{first['relation']} {bounds.min():.4g}" + (f" to {bounds.max():.4g}" if np.ptp(bounds) > 0 else "")
        print(f"| {first['sentence']} | {bound} | {values.min():.4g} | {values.max():.4g} | {values.mean():.4g} | "
              f"{sd:.2g} | {margin} | {sum(c['holds'] for c in claims)}/{len(runs)} |")


def mean_image_table(path, claims, errors):
    stored = claims_of(nbformat.read(path, as_version=4))
    met = {claim["sentence"]: claim for claim in claims}
    fates = [(c["sentence"], "not reached" if c["sentence"] not in met else
              "holds" if met[c["sentence"]]["holds"] else "raises") for c in stored]
    print(f"\n## {path.relative_to(ROOT)}\n")
    print(", ".join(f"{sum(f == fate for _, f in fates)} {fate}" for fate in ("raises", "not reached", "holds")) + ".")
    if errors:
        print(f"\nStopped by: {'; '.join(errors)}")
    print("\n| claim | with the mean image | value | bound |\n|---|---|---|---|")
    for sentence, fate in fates:
        c = met.get(sentence)
        numbers = (np.array([c["value"], c["bound"]], float) if c else np.array([np.nan, np.nan]))
        shown = f"{numbers[0]:.4g} | {c['relation']} {numbers[1]:.4g}" if c else "|"
        print(f"| {sentence} | {fate} | {shown} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("notebooks", nargs="+", type=Path)
    parser.add_argument("--seeds", nargs="+", type=int, default=[0, 1, 2, 3, 4])
    parser.add_argument("--mean-image", action="store_true")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--json", type=Path, help="also write the raw values here")
    args = parser.parse_args()
    everything = {}
    for path in map(Path.resolve, args.notebooks):
        seeds = args.seeds[:1] if args.mean_image else args.seeds
        with ThreadPoolExecutor(args.jobs) as pool:
            results = [*pool.map(partial(attempt, path, mean_image=args.mean_image), seeds)]
        errors = [error for *_, met in results for error in met]
        runs, seconds = [[done[part] for done in results if done[0] is not None] for part in (0, 1)]
        everything[path.name] = runs
        if args.mean_image:
            mean_image_table(path, runs[0] if runs else [], errors)
        else:
            table(path, runs, seconds, errors)
        sys.stdout.flush()
    if args.json:
        args.json.write_text(json.dumps(everything))
