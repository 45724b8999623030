"""The benchmarks run, on little; no time is judged."""
import os
import subprocess
import sys
from pathlib import Path

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
                  "--rivals", "aebook, PyTorch", "(a) DataLoader loop", "(d) ceiling", "--markdown", tmp_path / "t.md")
    assert (tmp_path / "t.md").read_text(encoding="utf-8") == printed
    assert "512 images an epoch, 1 rounds" in printed and "not available" not in printed
    rival, threads, rate, to_loop, to_keras, share, others = cells(printed, "aebook, PyTorch")
    assert threads == "1" and float(rate.split()[0]) > 0 and to_keras == others == "" and share.endswith(" %")
    rates = [float(cells(printed, name)[2].split()[0]) for name in ("aebook, PyTorch", "(a) DataLoader loop")]
    # one round, so the median of ratios is the ratio of medians, up to the rounding of three printed numbers
    assert float(to_loop) == pytest.approx(rates[0] / rates[1], abs=0.005 + 0.05 * (rates[0] + rates[1]) / rates[1]**2)
    assert cells(printed, "(a) DataLoader loop")[3] == "1.00" and cells(printed, "(d) ceiling")[5] == "100 %"


def test_a_rival_that_fails_is_named_and_the_others_go_on():
    printed = run("train_speed.py", "--jobs", "conv", "--images", "128", "--rounds", "1", "--threads", "1",
                  "--rivals", "(b) Keras fit, jit_compile", "(d) ceiling")
    assert "(b) Keras fit, jit_compile: not available: XLA" in printed
    assert cells(printed, "(d) ceiling")[5] == "100 %"


def test_scaling_fits_recover_lines_and_powers(monkeypatch):
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    from scaling import fit_line, fit_power
    n = np.geomspace(1e3, 1e6, 7)
    assert fit_line(n, 0.5 + 2e-5 * n) == pytest.approx((0.5, 2e-5, 1))
    assert fit_line(n, 2e-5 * n - 1e-3)[0] == 0     # a cost below zero is none
    assert fit_power(n, 3e-4 * n**1.5) == pytest.approx((1.5, 1))
