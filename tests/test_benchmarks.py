"""The benchmarks run, on little; no time is judged."""
import os
import subprocess
import sys
from pathlib import Path

import nbformat
import numpy as np
import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"


def run(script, *options):
    done = subprocess.run([sys.executable, BENCHMARKS / script, *options], capture_output=True, text=True,
                          env={**os.environ, "AEBOOK_OFFLINE": "1"})
    assert done.returncode == 0, done.stderr
    return done.stdout


def cells(text, first):
    """The cells of the first table row that begins so."""
    row = next(line for line in text.splitlines() if line.startswith(f"| {first} |"))
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_train_speed(tmp_path):
    printed = run("train_speed.py", "--jobs", "w1", "--images", "512", "--rounds", "1", "--threads", "1",
                  "--rivals", "aebook, PyTorch", "(a) DataLoader loop", "--markdown", tmp_path / "t.md")
    assert (tmp_path / "t.md").read_text(encoding="utf-8") == printed
    assert "512 images an epoch, 1 rounds" in printed and "not available" not in printed
    rival, threads, rate, to_loop, to_keras, share, others = cells(printed, "aebook, PyTorch")
    assert threads == "1" and float(rate.split()[0]) > 0 and to_keras == share == others == ""
    rates = [float(cells(printed, name)[2].split()[0]) for name in ("aebook, PyTorch", "(a) DataLoader loop")]
    # one round, so the median of ratios is the ratio of medians, up to the rounding of three printed numbers
    assert float(to_loop) == pytest.approx(rates[0] / rates[1], abs=0.005 + 0.05 * (rates[0] + rates[1]) / rates[1]**2)
    assert cells(printed, "(a) DataLoader loop")[3] == "1.00"


def test_estimators():
    """One epoch each: the estimators of both frameworks and scikit-learn's peer are there; PyOD may be absent."""
    printed = run("estimators.py", "--epochs", "1", "--seeds", "1", "--rows", "3000")
    for name in ("AutoencoderTransformer, PyTorch", "AutoencoderTransformer, TensorFlow", "MLPRegressor"):
        _, first, later, ratio, quality = cells(printed, name)
        assert float(first) >= 0 and float(later) >= 0 and float(ratio) >= 0 and float(quality.split()[0]) < 1
    assert len(cells(printed, "PyOD AutoEncoder")) == 5 and "## digits: outliers" in printed


def test_mixed_precision():
    """bfloat16 is switched on: the losses differ, and by little."""
    printed = run("mixed_precision.py", "--jobs", "w1", "--images", "1536", "--epochs", "1", "--seeds", "1")
    for name in ("PyTorch", "TensorFlow"):
        row = cells(printed, f"w1 | {name}")
        change, chance = (abs(float(cell.split()[0])) for cell in row[4:6])
        assert 0 < change < 1 and chance < 1 and float(row[6]) > 0


class Answers:
    """Stands in for a process: gives the answers in turn."""

    def __init__(self, *answers):
        self.ask = lambda job, images: next(answers)
        answers = iter({"versions": {}, "device": "CPU", **answer} for answer in answers)


def seconds(*values):
    return Answers(*({"seconds": value} for value in values))


def test_rivals_are_asked_in_turn_and_compared_within_a_round(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from train_speed import CEILING, LOOP, best_threads, first_table, measure, steady_table
    workers = {("aebook", 1): seconds(9, 2, 3, 8), ("aebook", 2): seconds(1, 7), (LOOP, 1): seconds(5, 4, 6, 8),
               (CEILING, 1): seconds(1, 1, 1, 1), ("broken", 1): Answers({"seconds": 1}, {"unavailable": "no reason"})}
    measured, missing, _, _ = measure("w1", workers, rounds=3, images=6000)
    assert missing == {("broken", 1): "no reason"}
    assert measured["aebook", 2] == [1, 7]      # three times as slow as on one thread, so not asked again
    best, rates = best_threads(measured, 6000)
    assert {rival: threads for rival, (threads, _) in best.items()} == {"aebook": 1, LOOP: 1, CEILING: 1}
    steady = "\n".join(steady_table(best, rates, 6000))
    # rates 3, 2, 0.75; ratios 4/2, 6/3, 8/8 to the loop and 1/2, 1/3, 1/8 to the ceiling
    assert cells(steady, "aebook") == ["aebook", "1", "2.0 (1.4 to 2.5)", "2.00", "", "33 %", "2: 0.9"]
    first = "\n".join(first_table(best, 6000, 60000))
    # 9 s are 6 s beyond a later epoch, whose 10 parts take 30 s; the loop needs 60 s for them, and saves at first
    assert cells(first, "aebook") == ["aebook", "9.00", "6.00", "0.20", "1", ""]


def test_scaling_fits_recover_lines_and_powers(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from scaling import fit_line, fit_power
    n = np.geomspace(1e3, 1e6, 7)
    assert fit_line(n, 0.5 + 2e-5 * n) == pytest.approx((0.5, 2e-5, 1))
    assert fit_line(n, 2e-5 * n - 1e-3)[0] == 0     # a cost below zero is none
    assert fit_power(n, 3e-4 * n**1.5) == pytest.approx((1.5, 1))


@pytest.mark.parametrize("table", ["claims", "claims_further", "mean_image"])
def test_the_stored_tables_have_each_claim_of_each_chapter(table):
    """A chapter whose claims changed must be run under the other seeds again."""
    rows, chapter = {}, None
    for line in (BENCHMARKS / f"{table}.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            chapter = rows[line[3:]] = []
        elif line.startswith("| ") and not line.startswith("| claim |"):
            chapter.append(line[2:].split(" | ")[0])
    printed = {}
    for path in sorted(BENCHMARKS.parent.glob("book/*/*.ipynb")):
        outputs = [o for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code" for o in c.outputs]
        claims = [o.metadata.get("aebook", {}).get("claim") for o in outputs if o.output_type == "display_data"]
        printed[str(path.relative_to(BENCHMARKS.parent))] = [claim["sentence"] for claim in claims if claim]
    assert rows == printed
