"""The repository's address stands in _config.yml; whoever repeats it repeats it exactly."""
from pathlib import Path

import nbformat
import pytest
import yaml
from execute import code_cells, problems
from set_repository import addresses, repository, set_repository, strangers, text_files

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted(path.relative_to(ROOT) for path in (ROOT / "book").glob("*/*.ipynb"))
URL = repository(ROOT)


def test_no_other_address_is_mentioned():
    assert strangers(ROOT) == []


@pytest.mark.parametrize("name", ["README.md", "CITATION.cff", "pyproject.toml"])
def test_these_files_mention_it(name):
    assert URL in (ROOT / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebooks_install_the_package_from_it(path):
    nb = nbformat.read(ROOT / path, as_version=4)
    assert f"aebook @ git+{URL}" in code_cells(nb)[0].source


def test_the_citation_file_can_be_read():
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert {"cff-version", "message", "title", "authors"} <= set(citation)


def test_the_pages_of_a_repository_named_after_its_owner_are_at_the_root():
    assert addresses("https://github.com/Ada-L/ada-l.github.io") == ("Ada-L/ada-l.github.io", "ada-l.github.io")


def test_the_book_moves_to_another_repository(tmp_path):
    """Every mention follows, no hash goes stale, and an old address left behind is found."""
    root = tmp_path
    for path, text in text_files(ROOT):
        copy = root / path.relative_to(ROOT)
        copy.parent.mkdir(parents=True, exist_ok=True)
        copy.write_text(text, encoding="utf-8")
    new = "https://github.com/Ada-L/notes.on-autoencoders"
    set_repository(root, new)
    assert repository(root) == new
    assert strangers(root) == []
    assert addresses(new) == ("Ada-L/notes.on-autoencoders", "ada-l.github.io/notes.on-autoencoders")
    baseurl = yaml.safe_load((root / "_config.yml").read_text(encoding="utf-8"))["html"]["baseurl"]
    assert baseurl == "https://ada-l.github.io/notes.on-autoencoders"
    for path in NOTEBOOKS:
        nb = nbformat.read(root / path, as_version=4)
        assert f"git+{new}" in code_cells(nb)[0].source
        assert problems(nb) == problems(nbformat.read(ROOT / path, as_version=4))
    readme = root / "README.md"
    readme.write_text(readme.read_text(encoding="utf-8").replace(new, URL, 1), encoding="utf-8")
    assert len(strangers(root)) == 1
