"""Let the Colab button of a chapter open the notebook of the chosen framework.

The theme links the chapter's source, which holds both frameworks. `tools/colab.py` writes one notebook of each
to the branch `colab`: the link goes there, to PyTorch's; `colab.js` turns it to TensorFlow's where that is
chosen. Where no repository is configured the theme makes no button, and nothing is done.
"""
import re

SOURCE = re.compile(r"(?P<before>/github/[^/]+/[^/]+/blob/)[^/]+/(?P<path>.+\.ipynb)$")
BRANCH = "colab"


def links(buttons):
    """Every button of the header, those in groups included."""
    for button in buttons:
        yield button
        yield from links(button.get("buttons", []) if isinstance(button.get("buttons"), list) else [])


def turn(app, pagename, templatename, context, doctree):
    for button in links(context.get("header_buttons", [])):
        url = button.get("url", "")
        if match := SOURCE.search(url):
            button["url"] = f"{url[:match.start()]}{match['before']}{BRANCH}/torch/{match['path']}"
            app.add_js_file("colab.js", loading_method="defer")


def setup(app):
    app.connect("html-page-context", turn, priority=900)      # after the theme's own
    return {"version": "0.1", "parallel_read_safe": True, "parallel_write_safe": True}
