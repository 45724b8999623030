"""Set off each claim on its page: a check mark, and behind a click the numbers it was checked with.

`aebook.claim` prints a sentence; the numbers are stored with that output, in the notebook. In other formats
than HTML the printed line stays as it is.
"""
import re
from html import escape

from chapters import chapter
from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform
from sphinx.util import logging

RELATIONS = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least", "==": "exactly"}
KNOWN = {"sentence", "value", "relation", "bound", "judged"}
log = logging.getLogger(__name__)


def number(value):
    """Six digits to read, all of them for a program."""
    return f'<data value="{value!r}">{value:.6g}</data>' if isinstance(value, float) else escape(str(value))


def sentence_html(sentence):
    """The sentence of a claim; in a program's output a name stands between backticks, on a page it is code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(sentence))


def rows(numbers):
    """The numbers of a claim, as (name, HTML): first the two that were compared, then whatever else is stored."""
    yield "Measured", number(numbers["value"])
    yield "Claimed", f"{RELATIONS[numbers['relation']]} {number(numbers['bound'])}"
    for key, value in numbers.items():
        if key not in KNOWN:
            shown = ", ".join(f"{escape(k)} {number(v)}" for k, v in value.items()) if isinstance(value, dict) \
                else number(value)
            yield key.capitalize(), shown


def claim_html(anchor, numbers):
    """A claim as HTML that needs no script: <details>, its summary the sentence."""
    judged = numbers["judged"]
    mark, spoken = ("✓", "Verified: ") if judged else ("–", "Not judged: ")
    facts = "".join(f"<div><dt>{escape(name)}</dt><dd>{shown}</dd></div>" for name, shown in rows(numbers))
    return (f'<details class="claim{"" if judged else " not-judged"}" id="{anchor}"><summary>'
            f'<span class="claim-mark" aria-hidden="true">{mark}</span>'
            f'<span class="claim-text"><span class="claim-verdict">{spoken}</span>'
            f'{sentence_html(numbers["sentence"])}</span>'
            f'</summary><dl>{facts}<div class="claim-link"><dt>Link</dt><dd><a href="#{anchor}">to this claim</a>'
            '</dd></div></dl></details>\n')


def set_off(cell, claims):
    """Replace the outputs of a cell that print a claim; both come in the notebook's order."""
    lines = [claim.printed for claim in claims]
    outputs = [node for node in cell.findall(nodes.container)
               if node.get("nb_element") == "mime_bundle" and node.astext() in lines]
    if [node.astext() for node in outputs] != lines:
        log.warning("the page does not show the claims that this cell has stored", location=cell,
                    type="claims", subtype="missing")
        return
    for node, claim in zip(outputs, claims):
        node.replace_self(nodes.raw("", claim_html(claim.anchor, claim.numbers), format="html"))


class ClaimsInSight(SphinxPostTransform):
    default_priority = 3    # before MyST-NB (4) chooses one format of each output
    formats = ("html",)

    def run(self, **kwargs):
        read = chapter(self.env, self.env.docname)
        for cell in self.document.findall(nodes.container):
            if cell.get("nb_element") == "cell_code":
                set_off(cell, [claim for claim in read.claims if claim.cell == cell["cell_index"]])


def setup(app):
    app.add_post_transform(ClaimsInSight)
    return {"version": "0.1", "parallel_read_safe": True, "parallel_write_safe": True}
