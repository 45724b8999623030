"""What nbval does not see: cells never run, stale outputs, changed pictures, figures without alt text."""
import copy
import platform
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from execute import code_cells, execute, problems

ROOT = Path(__file__).parents[1]
FRAMEWORKS = {"torch", "tensorflow"}


def visible(pattern):
    paths = [path.relative_to(ROOT) for path in (ROOT / "book").rglob(pattern)]
    return sorted(path for path in paths if not any(part.startswith((".", "_")) for part in path.parts))


NOTEBOOKS = visible("*.ipynb")
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


def read(path):
    return nbformat.read(ROOT / path, as_version=4)


def tags(cell):
    return set(cell.metadata.get("tags", []))


def test_there_are_notebooks():
    assert NOTEBOOKS


@each_notebook
def test_outputs_are_complete_and_belong_to_the_code(path):
    assert problems(read(path)) == []


@each_notebook
def test_figures_have_alt_text(path):
    for cell in code_cells(read(path)):
        if any(mime.startswith("image/") for output in cell.outputs for mime in output.get("data", {})):
            assert cell.metadata.get("mystnb", {}).get("image", {}).get("alt"), cell.source


@each_notebook
def test_first_cell_installs_the_package_where_it_is_missing(path):
    cell = code_cells(read(path))[0]
    assert 'importlib.util.find_spec("aebook") is None' in cell.source
    assert "%pip install" in cell.source
    assert "hide-input" in tags(cell)


@each_notebook
def test_native_code_comes_in_pairs(path):
    """A run of adjacent tagged cells becomes one tab set: it needs both frameworks."""
    run = set()
    for cell in [*read(path).cells, nbformat.v4.new_markdown_cell()]:
        found = tags(cell) & FRAMEWORKS
        assert len(found) < 2, cell.source
        if not found:
            assert run in (set(), FRAMEWORKS), f"only {run} before: {cell.source}"
            run = set()
        run |= found


def test_the_chapters_on_training_share_one_frame():
    """Network, data, budget and seeds are the same in all, so that their numbers compare."""
    frames = {path.stem: [cell.source for cell in code_cells(read(path)) if "frame" in tags(cell)]
              for path in NOTEBOOKS if path.parts[1] == "training"}
    assert {name: len(cells) for name, cells in frames.items()} == dict.fromkeys(frames, 1)
    assert len({cells[0] for cells in frames.values()}) == 1


def test_the_table_of_contents_lists_every_page():
    listed = re.findall(r"(?:root|file): *(\S+)", (ROOT / "_toc.yml").read_text())
    pages = [str(path.with_suffix("")) for path in NOTEBOOKS + visible("*.md")]
    assert sorted(listed) == sorted(pages)


def test_outputs_are_not_computed_by_the_build():
    """The site shows what nbval verified, nothing else."""
    assert yaml.safe_load((ROOT / "_config.yml").read_text())["execute"]["execute_notebooks"] == "off"


def test_execution_stores_how_long_it_took_and_with_what(tmp_path):
    path = tmp_path / "busy.ipynb"
    busy = "import time\nwhile time.process_time() < 4: pass"
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(busy)]), path)
    execute(str(path))
    run = nbformat.read(path, as_version=4).metadata.aebook
    assert 4 <= run.seconds < 20
    assert run.versions.python == platform.python_version()
    assert {"torch", "tensorflow", "numpy"} <= set(run.versions)


# The proof that no stored number can change unseen: change each of them.

def leaves(value, path=()):
    """Every text and number in an output, with the keys that lead to it."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from leaves(item, (*path, key))
    if isinstance(value, (str, int, float)) and not isinstance(value, bool):
        yield path, value


def changed(value):
    """The value with one number changed, once for each of its numbers (at most ten in a long text)."""
    if not isinstance(value, str):
        yield value + 1
        return
    numbers = list(re.finditer(r"\d", value) if len(value) > 2000 else re.finditer(r"\d+", value))
    for match in numbers[::max(1, len(numbers) // 10)]:
        yield value[:match.start()] + str((int(match[0][0]) + 1) % 10) + value[match.start() + 1:]


def mutants(nb):
    """The notebook again and again, each time with one number of one stored output changed."""
    for n, cell in enumerate(nb.cells):
        if cell.cell_type != "code":
            continue
        for path, value in leaves(cell.outputs):
            for new in changed(value):
                mutant = copy.copy(nb)
                mutant.cells = list(nb.cells)
                mutant.cells[n] = copy.deepcopy(cell)
                place = mutant.cells[n].outputs
                for key in path[:-1]:
                    place = place[key]
                place[path[-1]] = new
                yield f"cell {cell.execution_count}, {path}", mutant


def pictures_and_text():
    """A notebook as execute.py leaves it, with each kind of output and an ignored cell."""
    from execute import METADATA, hashes
    output = nbformat.v4.new_output
    cells = [
        nbformat.v4.new_code_cell("a", execution_count=1, outputs=[output("stream", text="loss 0.25\n")]),
        nbformat.v4.new_code_cell("b", execution_count=2, metadata={"tags": ["nbval-ignore-output"]}, outputs=[
            output("display_data", {"image/png": "iVBORw0KGgo5AAA7", "text/plain": "<Figure size 640x480>"}),
            output("execute_result", {"text/plain": "3"}, execution_count=2)]),
        nbformat.v4.new_code_cell("c", execution_count=3, outputs=[
            output("display_data", {"text/plain": "✓ true"}, metadata={"aebook": {"claim": {"value": 0.5}}})]),
    ]
    nb = nbformat.v4.new_notebook(cells=cells)
    nb.metadata = nbformat.from_dict(METADATA | {"aebook": hashes(nb)})
    return nb


@pytest.mark.parametrize("path", [None, *NOTEBOOKS], ids=lambda path: path.stem if path else "made")
def test_no_stored_number_can_change_unseen(path):
    nb = read(path) if path else pictures_and_text()
    assert not any("hash" in problem for problem in problems(nb))
    tried, missed = 0, []
    for where, mutant in mutants(nb):
        tried += 1
        if not any("hash" in problem for problem in problems(mutant)):
            missed.append(where)
    assert tried > 0
    assert missed == []


def test_the_mutants_reach_every_kind_of_output():
    reached = " ".join(where for where, _ in mutants(pictures_and_text()))
    for part in ("cell 1", "'text'", "'image/png'", "'execution_count'", "'value'"):
        assert part in reached


@pytest.mark.parametrize("text, leak", [
    ("saved to /home/ada/model", "/home/ada/model"),
    ("/tmp/ipykernel_71/12.py:3: UserWarning", "/tmp/ipykernel_71/12.py:3:"),
    ("<object at 0x7f3c2a1b9d50>", "0x7f3c2a1b9d50"),
])
def test_a_machine_does_not_leave_its_traces(text, leak):
    nb = pictures_and_text()
    nb.cells[0].outputs[0].text = text
    assert any(leak in problem for problem in problems(nb))


def test_a_semicolon_at_the_end_of_a_cell_is_a_problem():
    nb = pictures_and_text()
    nb.cells[0].source = "plt.plot(x);\n"
    assert any("semicolon" in problem for problem in problems(nb))


def test_an_output_of_stand_in_data_is_not_stored():
    nb = pictures_and_text()
    nb.cells[2].outputs[0].metadata.aebook.claim.judged = False
    assert any("stand-in" in problem for problem in problems(nb))


@pytest.mark.parametrize("stored, code", [("1\n", 0), ("2\n", 1)])
def test_nbval_compares_what_is_stored(tmp_path, stored, code):
    """With the options of the Makefile, a stored output that the code does not print fails."""
    cell = nbformat.v4.new_code_cell("print(1)", execution_count=1,
                                     outputs=[nbformat.v4.new_output("stream", text=stored)])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell]), tmp_path / "one.ipynb")
    run = subprocess.run([sys.executable, "-m", "pytest", "--nbval", "--nbval-current-env", "-p", "no:cacheprovider",
                          "one.ipynb"], cwd=tmp_path, capture_output=True, text=True)
    assert run.returncode == code, run.stdout
