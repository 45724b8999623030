"""Ask `diagnose` about every training run of the book: python benchmarks/diagnose.py [book/*/*.ipynb]

Each chapter is executed with `fit` of both twins followed by `diagnose` on the data that it trained
on (of more than 2000 examples the first 2000). A finding is right where the chapter itself shows
the run as a failure; REASONS says where that is. Any other finding is a false alarm: the table
names it, and the script ends with an error. The chapter about `diagnose` is left out, since it
asks and claims these things itself.
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
REASONS = {}

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
        kept = args.json and args.json / f"{path.stem}.json"
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
