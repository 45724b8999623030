"""What the status page shows: `chapter-table`, all chapters in a table, and `claim-list`, a link to every claim."""
import re
from html import escape
from pathlib import Path

from chapters import chapters, minutes_or_seconds, short
from claims_in_sight import sentence_html
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

NAMES = {"python": "Python", "torch": "PyTorch", "tensorflow": "TensorFlow", "keras": "Keras", "numpy": "NumPy",
         "scikit-learn": "scikit-learn"}


def listed(versions):
    return ", ".join(f"{name} {versions[package]}" for package, name in NAMES.items() if package in versions)


def pinned(root):
    """The versions that constraints.txt names: those of the chapters that have not stored any."""
    return dict(re.findall(r"^([\w-]+)==(\S+)$", Path(root, "constraints.txt").read_text(encoding="utf-8"), re.M))


class Page(SphinxDirective):
    def run(self):
        self.env.note_reread()      # the notebooks may have changed where this page has not
        return [nodes.raw("", self.html(chapters(self.env)), format="html")]

    def link(self, name):
        return self.env.app.builder.get_relative_uri(self.env.docname, name)


class ChapterTable(Page):
    def html(self, chapters):
        rows = [f'<tr><th scope="row"><a href="{self.link(name)}">{escape(chapter.title)}</a>'
                f'<span class="versions">{escape(listed(chapter.versions))}</span></th>'
                f'<td><a href="#claims-{short(name)}" aria-label="{len(chapter.claims)} claims of '
                f'{escape(chapter.title)}">{len(chapter.claims)}</a></td>'
                f'<td>{minutes_or_seconds(chapter.seconds)}</td></tr>' for name, chapter in chapters]
        total = sum(len(chapter.claims) for _, chapter in chapters)
        stored = all(chapter.versions for _, chapter in chapters)
        note = "" if stored else ("<p>A chapter that names no versions was run with those of constraints.txt: "
                                  f"{escape(listed(pinned(self.env.srcdir)))}.</p>")
        return ('<table class="table status"><thead><tr><th scope="col">Chapter, and what it was run with</th>'
                '<th scope="col">Claims</th><th scope="col">Run time</th></tr></thead>'
                f'<tbody>{"".join(rows)}</tbody>'
                f'<tfoot><tr><th scope="row">All {len(chapters)} chapters</th><td>{total}</td><td></td></tr></tfoot>'
                "</table><p>Run time is the processor time of one run on one thread; — where none is stored yet.</p>"
                f"{note}")


class ClaimList(Page):
    def html(self, chapters):
        return "".join(
            f'<details class="claim-list"><summary>{escape(chapter.title)}: {len(chapter.claims)} claims</summary>'
            f'<ul id="claims-{short(name)}">' + "".join(
                f'<li{"" if claim.numbers["judged"] else " class=not-judged"}>'
                f'<a href="{self.link(name)}#{claim.anchor}">{sentence_html(claim.numbers["sentence"])}</a>'
                f'{"" if claim.numbers["judged"] else " (not judged)"}</li>' for claim in chapter.claims)
            + "</ul></details>" for name, chapter in chapters)


def setup(app):
    app.add_directive("chapter-table", ChapterTable)
    app.add_directive("claim-list", ClaimList)
    return {"version": "0.1", "parallel_read_safe": True, "parallel_write_safe": True}
