"""Punctuation stays on the line of the formula beside it; a browser would break the line between them."""
import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

BEFORE = re.compile(r"[(\[]$")
AFTER = re.compile(r"[,.;:!?)\]]+|-\w+")


def cut(text, pattern):
    """Take the punctuation away from a text beside a formula, and return it."""
    found = pattern(text) if isinstance(text, nodes.Text) else None
    if not found:
        return ""
    text.parent.replace(text, nodes.Text(text[:found.start()] + text[found.end():]))
    return found[0]


class MathPunctuation(SphinxPostTransform):
    default_priority = 400
    formats = ("html",)

    def run(self, **kwargs):
        for formula in list(self.document.findall(nodes.math)):
            around = [None, *formula.parent.children, None]
            place = around.index(formula)
            before, after = cut(around[place - 1], BEFORE.search), cut(around[place + 1], AFTER.match)
            if before or after:
                formula.replace_self(nodes.inline("", "", nodes.Text(before), formula.deepcopy(), nodes.Text(after),
                                                  classes=["no-break"]))


def setup(app):
    app.add_post_transform(MathPunctuation)
    return {"version": "0.1", "parallel_read_safe": True, "parallel_write_safe": True}
