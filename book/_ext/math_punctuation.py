"""Punctuation stays on the line of the formula that it follows; a browser would break the line between them."""
import re

from docutils import nodes
from sphinx.transforms.post_transforms import SphinxPostTransform

PUNCTUATION = re.compile(r"[,.;:!?)\]-]+")


class MathPunctuation(SphinxPostTransform):
    default_priority = 400
    formats = ("html",)

    def run(self, **kwargs):
        for formula in list(self.document.findall(nodes.math)):
            after = formula.next_node(descend=False, siblings=True)
            mark = PUNCTUATION.match(after) if isinstance(after, nodes.Text) else None
            if mark:
                after.parent.replace(after, nodes.Text(after[mark.end():]))
                together = nodes.inline("", "", formula.deepcopy(), nodes.Text(mark[0]), classes=["no-break"])
                formula.replace_self(together)


def setup(app):
    app.add_post_transform(MathPunctuation)
    return {"version": "0.1", "parallel_read_safe": True, "parallel_write_safe": True}
