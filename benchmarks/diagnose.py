"""Ask `diagnose` about every training run of the book: python benchmarks/diagnose.py [book/*/*.ipynb]

Each chapter is executed with `fit` of both twins followed by `diagnose` on the data that it trained
on (of more than 2000 examples the first 2000). A finding is right where the chapter itself shows
the run as a failure, or as unfinished; REASONS says where that is. Any other finding is a false
alarm: the table names it, and the script ends with an error. The thresholds were chosen with the
runs of fifteen chapters in view, so that these are a check, not an estimate; the other five, 5.3 and
4.2 to 4.5, were new to them. The chapter about `diagnose` is left out, since it asks and claims
these things itself.
"""
import argparse
import json
import os
import sys
import tempfile
from collections import Counter, defaultdict
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tools"))
import environment  # noqa: E402

environment.fix()
import nbformat  # noqa: E402
from nbclient import NotebookClient  # noqa: E402

OWN = "training/diagnosis.ipynb"

# chapter, finding -> section of the chapter -> how the chapter itself shows that the run is a failure
REASONS = {
    ("background/limits", "overfitting"): {
        "3. Limit two: it may know nothing but its training images":
            "80 images; \"going back in time helps least: this network was never good\""},
    ("math/undercomplete", "step too small or not finished"): {
        "5. Large variances first":
            "plain SGD, looked at after 20 of 1500 steps: a wave that has only begun"},
    ("math/elbo", "step too small or not finished"): {
        "Exercises": "solution 4, the wrong sign: a loss without a minimum, which no training ends"},
    ("practice/mnist", "data not scaled"): {"5. The most common mistake": "not divided by 255"},
    ("practice/mnist", "saturated units"): {
        "5. The most common mistake": "claim: most outputs are stuck at black or white"},
    ("practice/mnist", "stuck at the mean image"): {
        "Exercises": "exercise 4, 40 steps of 1024: the printed error is the mean image's"},
    ("structure/depth", "stuck at the mean image"): {
        "5. Too deep to learn": "sigmoid layers under SGD; the section is about this failure"},
    ("training/activations", "stuck at the mean image"): {
        "3. What a stack does to the gradient": "GELU in ten layers under SGD; claimed to be near the mean image"},
    ("training/activations", "step too small or not finished"): {
        "3. What a stack does to the gradient":
            "tanh in ten layers, 200 steps of SGD to compare speed: 0.7 of the mean image's error, still falling",
        "Exercises": "solution 3, 400 steps of SGD: 0.8 of the mean image's error, still falling"},
    ("training/activations", "dead units"): {
        "5. Dead units: a failure and its repairs": "the section kills them, and goes on from dead ones",
        "Exercises": "solution 4: all units dead from a bias of -5"},
    ("training/batch_norm", "stuck at the mean image"): {
        "5. Speed and stability": "claim: without the layer no rate takes the deep network below nine tenths"},
    ("training/batch_norm", "step too small or not finished"): {
        "5. Speed and stability": "without the layer, the upper curves: 0.9 of the mean image's error and more"},
    ("training/batch_norm", "exploding loss"): {
        "5. Speed and stability": "the crosses of the figure: rates at which a run diverged"},
    ("training/batch_norm", "dead units"): {
        "5. Speed and stability":
            "the largest rates, 1/4 under SGD and 0.01 under Adam; the latter is claimed to cost an eighth and more"},
    ("training/loop", "sum-mean slip"): {"Exercises": "solution 4: the slip, with its collapse"},
    ("training/loop", "saturated units"): {
        "6. The gradient at the logits":
            "squared error from a logit of 6: still as wrong as at the start"},
    ("training/loop", "stuck at the mean image"): {
        "6. The gradient at the logits":
            "the printed errors stand beside the mean image's, which they have hardly left"},
    ("training/loop", "step too small or not finished"): {
        "8. Sum or mean": "SGD on the mean, 784 times too slow; Adam with a large epsilon"},
    ("training/optimizers", "step too small or not finished"): {
        "3. A rate for each weight: RMSprop and Adam": "20 steps, to compare two paths",
        "5. What remains different, and how to make it agree": "100 steps of a small network, to compare two losses",
        "6. A rate that is too large": "half the limit, \"safe and slow\"",
        "7. A sweep for each optimizer": "the ends of the sweeps: four times less \"costs\""},
    ("training/optimizers", "stuck at the mean image"): {
        "5. What remains different, and how to make it agree": "100 small steps of SGD, to compare two losses"},
    ("training/optimizers", "exploding loss"): {
        "6. A rate that is too large": "sixteen times the limit; the section is about this failure",
        "7. A sweep for each optimizer": "SGD's largest rate, \"never seen\""},
    ("training/optimizers", "dead units"): {
        "4. What the names hide: defaults": "RMSprop at PyTorch's rate, hardly below the mean image",
        "7. A sweep for each optimizer": "the ends of the sweeps: four times more \"costs\""},
    ("training/regularization", "overfitting"): {
        "1. A gap opens": "the section is about this failure",
        "5. Early stopping": "claim: stopping does not narrow the gap by as much as a tenth"},
    ("training/regularization", "stuck at the mean image"): {
        "7. Too strong": "the section is about this failure"},
    ("variants/denoising", "worse in use than in training"): {
        "4. One network, trained four ways":
            "trained with masking; section 5 claims more than twice the error on clean images: it adds ink",
        "8. Too much noise, and how to choose the level": "99 of 100 pixels hidden"},
    ("variants/sparse", "dead units"): {"7. Dead units": "the section counts them and revives them"},
    ("variants/variational", "collapsed posterior"): {
        "8. Collapse, and repair": "beta of 40; the section is about this failure"},
    ("variants/variational", "partly collapsed posterior"): {
        "8. Collapse, and repair": "beta of 20; the section is about this failure"},
}

ASK = """
import json as _json, numpy as _np, aebook as _aebook
for _ae in _aebook.twins():
    def _fit(model, x, *args, _ae=_ae, _real=_ae.fit, **kwargs):
        def ask(history):
            rows = x[:2000] if hasattr(x, "shape") else _np.concatenate([_np.asarray(part) for part in x])[:2000]
            found = _ae.diagnose(history, model, _np.asarray(rows))
            with open(FILE, "a") as file:
                print(_json.dumps({"cell": get_ipython().execution_count - 2, "twin": _ae.NAME,
                                   "model": type(model).__name__, "steps": len(history.step_loss),
                                   "findings": [[f.name, f.symptom] for f in found], "numbers": found.numbers,
                                   "left_out": found.left_out}), file=file)
        try:
            history = _real(model, x, *args, **kwargs)
        except _aebook.errors.NonFiniteLossError as error:
            ask(error.history)
            raise
        ask(history)
        return history
    _ae.fit = _fit
"""


def run(path):
    """Execute a chapter and return what `diagnose` answered to each of its runs."""
    nb = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "runs"
        file.touch()
        nb.cells.insert(0, nbformat.v4.new_code_cell(f"FILE = {str(file)!r}" + ASK))
        NotebookClient(nb, timeout=1200, kernel_name="python3", resources={"metadata": {"path": str(path.parent)}}
                       ).execute()
        return [json.loads(line) for line in file.read_text().splitlines()]


def sections(path):
    """The heading above each code cell, by the cell's number."""
    heading, found, n = "", {}, 0
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "markdown":
            heading = ([heading] + [line.strip("# ") for line in cell.source.split("\n") if line.startswith("## ")])[-1]
        elif cell.source.strip():
            n += 1
            found[n] = heading
    return found


def report(everything):
    """The two tables, and the number of false alarms."""
    lines = ["| chapter | runs | without a finding | findings |", "|---|---|---|---|"]
    rows, alarms = [], 0
    for name, runs in everything.items():
        chapter, counts, where = name.removesuffix(".ipynb"), Counter(), defaultdict(list)
        headings = sections(ROOT / "book" / name)
        for one in runs:
            for finding, symptom in one["findings"]:
                counts[finding] += 1
                where[headings[one["cell"]], one["cell"], finding].append((one["twin"], symptom))
        clean = sum(not one["findings"] for one in runs)
        lines.append(f"| {chapter} | {len(runs)} | {clean} | "
                     f"{', '.join(f'{n} {finding}' for finding, n in counts.items())} |")
        for (section, cell, finding), found in where.items():
            reason = REASONS.get((chapter, finding), {}).get(section)
            alarms += len(found) if reason is None else 0
            rows.append(f"| {chapter}, {section} [{cell}] | {finding} | {len(found)} of "
                        f"{sum(one['cell'] == cell for one in runs)} | {found[0][1]} | {reason or '**false alarm**'} |")
    total = sum(map(len, everything.values()))
    lines += ["", f"{total} runs in {len(everything)} chapters, {alarms} false alarms.", "",
              "| where | finding | runs | its first symptom | how the chapter shows the failure |",
              "|---|---|---|---|---|", *rows]
    return lines, alarms


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("notebooks", nargs="*", type=Path)
    parser.add_argument("--json", type=Path, help="keep all numbers here, one file for each chapter, and read them "
                                                  "from there where they are")
    args = parser.parse_args()
    os.chdir(ROOT)
    everything = {}
    for path in map(Path.resolve, args.notebooks or sorted(ROOT.glob("book/*/*.ipynb"))):
        name = str(path.relative_to(ROOT / "book"))
        kept = args.json and args.json / f"{path.parent.stem}-{path.stem}.json"
        if name == OWN or name.startswith("."):
            continue
        if kept and kept.exists():
            everything[name] = json.loads(kept.read_text())
            continue
        everything[name] = run(path)
        if kept:
            kept.write_text(json.dumps(everything[name]))
    lines, alarms = report(everything)
    print("\n".join(lines))
    sys.exit(bool(alarms))
