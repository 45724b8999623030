"""The line under a chapter's title: how long it takes to read and to run, and how many claims it checks.

The notebook says by hand how long it runs ("Takes about a minute to run."), for those who read it elsewhere. Here
that sentence moves into the line, and a measured time, where one is stored, takes its place.
"""
import re

from chapters import chapter, minutes_or_seconds, short
from docutils import nodes
from sphinx.util import logging

BY_HAND = re.compile(r"Takes ([^.]*) to run\.\s*")
STATUS = "book/status"
log = logging.getLogger(__name__)


def add_line(app, doctree):
    read = chapter(app.env, app.env.docname)
    if read is None:
        return
    run = taken_out(doctree)
    if run is None:
        log.warning("the first cell does not say 'Takes ... to run.'", location=doctree, type="reading_time")
    run = run if read.seconds is None else minutes_or_seconds(read.seconds)
    link = nodes.reference("", f"{len(read.claims)} claims checked", internal=True,
                           refuri=app.builder.get_relative_uri(app.env.docname, STATUS)
                           + f"#claims-{short(app.env.docname)}")
    title = next(doctree.findall(nodes.title))
    facts = nodes.paragraph("", f"About {read.reading_minutes} minutes to read · {run} to run · ", link,
                            classes=["chapter-facts"])
    title.parent.insert(title.parent.index(title) + 1, facts)


def taken_out(doctree):
    """Take the sentence about the run time out of the page, and return the time it names."""
    for emphasis in doctree.findall(nodes.emphasis):
        text = emphasis.children[0]
        found = BY_HAND.match(text.astext())
        if found:
            emphasis.replace(text, nodes.Text(text[found.end():]))
            return found[1]
    return None


def setup(app):
    app.connect("doctree-read", add_line)
    return {"version": "0.1", "parallel_read_safe": True, "parallel_write_safe": True}
