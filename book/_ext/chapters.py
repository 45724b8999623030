"""What the site tells about the chapters, read from the stored notebooks: no extension, but shared by several."""
import functools
import json
import re
from dataclasses import dataclass
from pathlib import Path

from docutils.nodes import make_id

# Reading to learn goes at about 200 words a minute (Carver 1992, "Reading rate: theory, research, and practical
# implications"). That a line of code takes four seconds is this book's own assumption.
WORDS_PER_MINUTE = 200
LINES_PER_MINUTE = 15
FOLDED = {"hide-cell", "hide-input"}


@dataclass(frozen=True)
class Claim:
    """A claim that a notebook has stored: the cell, the line it printed, its anchor on the page, its numbers."""
    cell: int
    printed: str
    anchor: str
    numbers: dict


@dataclass(frozen=True)
class Chapter:
    title: str
    question: str
    claims: tuple
    reading_minutes: int
    seconds: int | None     # of processor time
    versions: dict


def parts(env):
    """The parts of the book in reading order, as (caption, names of pages), the first page left out."""
    site_map = env.external_site_map
    return [(tree.caption, list(tree.items)) for tree in site_map.root.subtrees]


def chapter(env, docname):
    """The chapter of that name, or None for a page that is no notebook."""
    path = Path(env.doc2path(docname))
    return _read(path, path.stat().st_mtime_ns) if path.suffix == ".ipynb" else None


def chapters(env):
    """Every chapter in reading order, as (name, Chapter)."""
    found = [(name, chapter(env, name)) for _, names in parts(env) for name in names]
    return [(name, read) for name, read in found if read]


@functools.cache
def _read(path, changed):
    nb = json.loads(path.read_text(encoding="utf-8"))
    stored = nb["metadata"].get("aebook", {})
    first = source(nb["cells"][0])
    title = re.match(r"# (.*)", first)
    question = re.search(r"\*\*The question of this chapter: (.*?)\*\*", first, re.S)
    if not (title and question):
        raise ValueError(f"{path}: the first cell needs a title and **The question of this chapter: ...**")
    return Chapter(plain(title[1]), sentence_case(plain(question[1])), tuple(claims(nb)), reading_minutes(nb),
                   stored.get("seconds"), stored.get("versions", {}))


def short(docname):
    """The name of a page for use in an anchor: book/math/elbo becomes math-elbo."""
    return docname.removeprefix("book/").replace("/", "-")


def minutes_or_seconds(seconds):
    """A run time as text."""
    return "—" if seconds is None else f"{seconds} seconds" if seconds < 100 else f"{seconds / 60:.0f} minutes"


def source(cell):
    return "".join(cell["source"])


def plain(markdown):
    """Markdown as plain text: links, emphasis and code lose their marks."""
    text = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", markdown)
    return " ".join(re.sub(r"[*`]", "", text).split())


def sentence_case(text):
    return text[:1].upper() + text[1:]


def claims(nb):
    """The claims of a notebook. An anchor is made of the sentence, so that it outlives changes elsewhere."""
    taken = set()
    for cell, content in enumerate(nb["cells"]):
        for stored in content.get("outputs", []):
            numbers = stored.get("metadata", {}).get("aebook", {}).get("claim")
            if numbers:
                anchor = stem = "claim-" + make_id(numbers["sentence"])[:60].rstrip("-")
                again = 1
                while anchor in taken:
                    again += 1
                    anchor = f"{stem}-{again}"
                taken.add(anchor)
                yield Claim(cell, "".join(stored["data"]["text/plain"]), anchor, numbers)


def reading_minutes(nb):
    """Minutes to read a chapter, in fives: all words, and the code that is not folded, in one framework."""
    words = lines = 0
    for cell in nb["cells"]:
        tags = set(cell["metadata"].get("tags", []))
        if cell["cell_type"] == "markdown":
            words += len(source(cell).split())
        elif not tags & FOLDED and "tensorflow" not in tags:
            lines += sum(bool(line.strip()) for line in source(cell).splitlines())
    return max(5, 5 * round((words / WORDS_PER_MINUTE + lines / LINES_PER_MINUTE) / 5))
