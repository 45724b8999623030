"""Without data and network a chapter runs, says what stands in for MNIST, and does not judge claims about MNIST.

Two chapters show it. That all of them run, `make test` checks with `pytest --nbval-lax`.
"""
import os
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
CHAPTERS = [Path("book/structure/encoder_decoder.ipynb"), Path("book/practice/mnist.ipynb")]


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_on_the_stand_in_digits(path):
    nb = nbformat.read(ROOT / path, as_version=4)
    env = {name: value for name, value in os.environ.items() if name != "AEBOOK_DATA"} | {"AEBOOK_OFFLINE": "1"}
    client = NotebookClient(nb, timeout=300, kernel_name="python3",
                            resources={"metadata": {"path": str((ROOT / path).parent)}})
    client.execute(env=env)  # raises where a cell does, a claim among them
    outputs = [output for cell in nb.cells if cell.cell_type == "code" for output in cell.outputs]
    warned = [o.text for o in outputs if o.output_type == "stream" and o.name == "stderr"]
    assert len(warned) == 1 and "StandInWarning: mnist is missing; scikit-learn's digits" in warned[0]
    claims = [o.metadata.aebook.claim for o in outputs if "claim" in o.get("metadata", {}).get("aebook", {})]
    about_mnist = sum("".join(c.source).count("data=images") for c in nb.cells if c.cell_type == "code")
    printed = [o for o in outputs if o.get("data", {}).get("text/plain", "").startswith("(not judged on digits")]
    assert len(printed) == sum(not claim.judged for claim in claims) == about_mnist > 0
    assert any(claim.judged for claim in claims)
