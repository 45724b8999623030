"""The notebooks for Colab: one framework each, plain Markdown, links that lead somewhere."""
import ast
import posixpath
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from colab import BRANCH, COMPARE, Edition, chapters, write
from one_framework import LABELS, MODULES, OTHER
from set_repository import addresses, repository

ROOT = Path(__file__).parents[1]
CHAPTERS = chapters(ROOT)
each = pytest.mark.parametrize("framework, name", [(f, name) for f in LABELS for name in CHAPTERS])
# How the chapters call what is of one framework.
NAMES = {"torch": re.compile(r"torch|torch_\w*|Torch\w*"), "tensorflow": re.compile(r"tf|keras|keras_\w*|Keras\w*")}
LEFTOVERS = {
    "a role": r"\{[\w:+-]+\}`",
    "a fence with a directive": r"^[ \t>]*(`{3,}|~{3,})\{",
    "a colon fence": r"^[ \t>]*:{3,}",
    "an option of a directive": r"^[ \t>]*:[\w-]+:",
    "a target": r"^\([\w:-]+\)=",
    "a labelled equation": r"\$\$[ \t]*\([\w:-]+\)",
    "a comment": r"<!--|^%[ \t]",
    "a block break": r"^\+\+\+",
    "a substitution": r"\{\{",
    "attributes": r"\)\{[.#:\w]",
}
LINK = re.compile(r"\]\(([^)\s]+)\)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("colab")
    write(ROOT, folder)
    return folder


def read(folder, framework, name):
    return nbformat.read(folder / framework / f"{name}.ipynb", as_version=4)


def code(nb):
    """The code cells as Python: IPython's own lines become `pass`."""
    return [re.sub(r"^(\s*)%.*", r"\1pass", cell.source, flags=re.MULTILINE)
            for cell in nb.cells if cell.cell_type == "code"]


def text(nb):
    """Markdown without the code in it."""
    sources = "\n\n".join(cell.source for cell in nb.cells if cell.cell_type == "markdown")
    return re.sub(r"^```\w*\n.*?^```|`[^`\n{}]*`", "", sources, flags=re.MULTILINE | re.DOTALL)


def test_every_chapter_has_both(folder):
    files = {str(path.relative_to(folder)) for path in folder.rglob("*.ipynb")}
    assert files == {f"{framework}/{name}.ipynb" for framework in LABELS for name in CHAPTERS}
    assert len(CHAPTERS) == len(list((ROOT / "book").glob("*/*.ipynb"))) > 0


@each
def test_valid_and_without_outputs(folder, framework, name):
    nb = read(folder, framework, name)
    nbformat.validate(nb)
    ids = [cell.id for cell in nb.cells]
    assert len(set(ids)) == len(ids)
    for cell in nb.cells:
        assert cell.source.strip()
        assert set(cell.metadata) <= {"cellView"}
        if cell.cell_type == "code":
            assert cell.outputs == [] and cell.execution_count is None


@each
def test_nothing_of_the_other_framework(folder, framework, name):
    other = OTHER[framework]
    for source in code(read(folder, framework, name)):
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                assert not {alias.name.split(".")[0] for alias in node.names} & MODULES[other], source
            elif isinstance(node, ast.ImportFrom):
                assert node.module.split(".")[0] not in MODULES[other], source
            elif isinstance(node, ast.Name):
                assert not NAMES[other].fullmatch(node.id), source
            elif isinstance(node, ast.Attribute):
                assert ast.unparse(node) != f"aebook.{other}", source


@each
def test_its_own_cells_and_headings_are_those_of_the_book(folder, framework, name):
    nb, book = read(folder, framework, name), nbformat.read(ROOT / f"{name}.ipynb", as_version=4)
    own = [cell.source for cell in book.cells if framework in cell.metadata.get("tags", [])]
    sources = [cell.source for cell in nb.cells]
    assert own and all(source in sources for source in own)

    def headings(cells):
        return [line for cell in cells if cell.cell_type == "markdown" for line in cell.source.split("\n")
                if line.startswith("#")]
    assert headings(nb.cells) == headings(book.cells)


@each
def test_without_cells_that_compare(folder, framework, name):
    """A cell tagged `compare` would run with one framework, and show it beside itself."""
    sources = {cell.source for cell in read(folder, framework, name).cells}
    book = nbformat.read(ROOT / f"{name}.ipynb", as_version=4)
    assert not any(cell.source in sources for cell in book.cells if COMPARE in cell.metadata.get("tags", []))


def test_some_cell_compares():
    assert any(COMPARE in cell.metadata.get("tags", []) for name in CHAPTERS
               for cell in nbformat.read(ROOT / f"{name}.ipynb", as_version=4).cells)


def test_every_name_is_defined(folder):
    """What reads a name that only a dropped cell defined would fail in Colab: Ruff's F821."""
    ruff = Path(sys.executable).with_name("ruff")
    found = subprocess.run([ruff, "check", "--isolated", "--no-cache", "--select", "F821", "--output-format", "concise",
                            folder], capture_output=True, text=True)
    assert found.returncode == 0, found.stdout + found.stderr


@each
def test_first_code_cell_installs_the_package_for_one_framework(folder, framework, name):
    first = next(cell for cell in read(folder, framework, name).cells if cell.cell_type == "code")
    assert f'%pip install -q "aebook @ git+{repository(ROOT)}"' in first.source
    assert f'os.environ["AEBOOK_FRAMEWORK"] = "{framework}"' in first.source
    assert first.source.startswith("# @title ") and first.metadata.cellView == "form"


@each
def test_plain_markdown(folder, framework, name):
    found = {what: match[0] for what, pattern in LEFTOVERS.items()
             if (match := re.search(pattern, text(read(folder, framework, name)), re.MULTILINE))}
    assert found == {}


@each
def test_every_link_leads_somewhere(folder, framework, name):
    slug, pages = addresses(repository(ROOT))
    notebooks = f"https://colab.research.google.com/github/{slug}/blob/{BRANCH}/"
    targets = LINK.findall(text(read(folder, framework, name)))
    assert f"https://{pages}/{name}.html" in targets, "the notebook names its page"
    for target in targets:
        place = target.partition("#")[0]
        if place.startswith(notebooks):
            assert (folder / place.removeprefix(notebooks)).is_file(), target
        elif place.startswith(f"https://{pages}/"):
            page = posixpath.splitext(place.removeprefix(f"https://{pages}/"))[0]
            assert any((ROOT / f"{page}{suffix}").is_file() for suffix in (".md", ".ipynb")), target
        elif place.startswith(f"{repository(ROOT)}/raw/main/"):
            assert (ROOT / place.removeprefix(f"{repository(ROOT)}/raw/main/")).is_file(), target
        else:
            assert target.startswith("https://") and slug not in target, target


def test_the_same_again(folder, tmp_path):
    write(ROOT, tmp_path / "again")
    for path in folder.rglob("*.ipynb"):
        assert (tmp_path / "again" / path.relative_to(folder)).read_bytes() == path.read_bytes()


THERE = "Ada-L/notes"
TWO = f"https://colab.research.google.com/github/{THERE}/blob/colab/torch/book/part/two.ipynb"


@pytest.fixture
def edition(tmp_path):
    """An edition of a book with one chapter, in a repository of another name."""
    (tmp_path / "_config.yml").write_text(f"repository:\n  url: https://github.com/{THERE}\n")
    return Edition(tmp_path, "torch")


@pytest.mark.parametrize("source, plain", [
    ("(here)=\n# Title\n", "# Title"),
    ("a <!-- b -->\n<!-- equation: x -->\nc", "a <!-- b -->\nc"),
    (":::{note}\nMind the *gap*.\n:::", "> **Note**\n>\n> Mind the *gap*."),
    ("```{admonition} A title\n:class: tip\n\nText\n```", "> **A title**\n>\n> Text"),
    ("::::{grid}\n:::{tip}\nInner\n:::\n::::", "> **Grid**\n>\n> > **Tip**\n> >\n> > Inner"),
    ("```{figure} ../_static/a.svg\n:alt: A drawing\n\nThe caption.\n```",
     "![A drawing](https://github.com/Ada-L/notes/raw/main/book/_static/a.svg)\n\nThe caption."),
    ("```{interactive} plane\n:alt: A plane\n\nThe caption.\n```",
     "![A plane](https://github.com/Ada-L/notes/raw/main/book/figures/plane.png)\n\nThe caption.\n\n"
     "*This is a picture; the figure is interactive [on the site](https://ada-l.github.io/notes/book/part/one.html).*"),
    ("```{math}\n:label: eq\nx = 1\n```", "$$\nx = 1\n$$"),
    ("```{raw} html\n<canvas></canvas>\n```",
     "*[On the site, the chapter shows more here](https://ada-l.github.io/notes/book/part/one.html).*"),
    ("```python\nx = {1: 2}\n```", "```python\nx = {1: 2}\n```"),
    ("$$x$$ (eq)\n\n$$\ny\n$$ (eq-2)", "$$x$$\n\n$$\ny\n$$"),
    ("see {ref}`the figure <fig-a>` and {math}`x^2`", "see the figure and $x^2$"),
    ("[next](two.ipynb)", f"[next]({TWO})"),
    ("[units](../notation.md#loss)", "[units](https://ada-l.github.io/notes/book/notation.html#loss)"),
    ("{doc}`two <two>`", f"[two]({TWO})"),
    ("[out](https://example.org/a_(b))", "[out](https://example.org/a_(b))"),
])
def test_site_markup_becomes_markdown(edition, source, plain):
    assert edition.markdown("book/part/one", source) == plain
