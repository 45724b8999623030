"""The map of the book: `book-map` lists the parts and their chapters with their questions, in reading order.

The directive's content may say a sentence about a part: `Caption: sentence`, one a line.
"""
from chapters import chapter, parts
from docutils import nodes
from docutils.nodes import make_id
from sphinx.addnodes import pending_xref
from sphinx.util.docutils import SphinxDirective


class BookMap(SphinxDirective):
    has_content = True

    def run(self):
        self.env.note_reread()      # questions may have changed where this page has not
        about = dict(line.split(": ", 1) for line in self.content if line.strip())
        found = [(caption, names) for caption, names in parts(self.env) if chapter(self.env, names[0])]
        if unknown := set(about) - {caption for caption, _ in found}:
            raise self.error(f"no part of the book is called {', '.join(sorted(unknown))}")
        return [self.part(caption, names, about.get(caption)) for caption, names in found]

    def part(self, caption, names, about):
        section = nodes.section("", nodes.title("", caption), ids=[make_id(f"part-{caption}")], names=[caption.lower()])
        if about:
            section += nodes.paragraph("", about)
        section += nodes.enumerated_list("", *map(self.card, names), enumtype="arabic", classes=["book-map"])
        return section

    def card(self, name):
        read = chapter(self.env, name)
        link = pending_xref("", nodes.inline("", read.title), refdomain="std", reftype="doc", refdoc=self.env.docname,
                            reftarget=f"/{name}", refexplicit=True, refwarn=True)
        return nodes.list_item("", nodes.paragraph("", "", link, classes=["book-map-title"]),
                               nodes.paragraph("", read.question))


def setup(app):
    app.add_directive("book-map", BookMap)
    return {"version": "0.1", "parallel_read_safe": True, "parallel_write_safe": True}
