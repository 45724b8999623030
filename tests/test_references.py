"""The list of references and the text name the same works."""
import re
from pathlib import Path

import nbformat
from pybtex.database import parse_file
from pybtex.richtext import Text

ROOT = Path(__file__).parents[1]
ENTRIES = parse_file(str(ROOT / "book" / "references.bib")).entries
NAME = r"(?!In\b)[A-Z][\w-]+"
# "Ng (2011)", "Ng's (2011)", "Hinton and Salakhutdinov (2006)", "(Vincent et al., 2008)"
MENTION = re.compile(rf"({NAME})(?:(?:, {NAME})*,? and {NAME}| et al\.)?(?:['’]s)?,? \(?((?:19|20)\d\d)\b")


def mentions():
    """Page, surname and year of each work that a text names."""
    for path in sorted([*(ROOT / "book").rglob("*.ipynb"), *(ROOT / "book").rglob("*.md")]):
        if not any(part.startswith((".", "_")) for part in path.relative_to(ROOT).parts):
            text = path.read_text()
            if path.suffix == ".ipynb":
                cells = nbformat.reads(text, as_version=4).cells
                text = "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
            for found in MENTION.finditer(re.sub(r"\s+", " ", text)):
                yield path.relative_to(ROOT), found[1], found[2]


def works():
    """Surname of the first author and year of each entry."""
    return {(str(Text.from_latex(entry.persons["author"][0].last_names[-1])), entry.fields["year"])
            for entry in ENTRIES.values()}


def test_each_entry_is_cited():
    assert works() - {(name, year) for _, name, year in mentions()} == set()


def test_each_work_named_in_the_text_is_listed():
    assert {(path.stem, name, year) for path, name, year in mentions() if (name, year) not in works()} == set()


def test_each_entry_says_where_to_find_it():
    """A DOI, an arXiv number or an address; old books and proceedings have pages or a publisher."""
    for key, entry in ENTRIES.items():
        assert {"doi", "eprint", "url", "pages", "publisher"} & set(entry.fields), key
