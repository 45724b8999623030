"""A figure that answers: `{interactive} NAME` shows book/figures/NAME.png until the reader's browser has the rest.

Where scripts run, interactive.js replaces the picture as soon as the figure comes into view. It loads figures/NAME.js
and the weights of the chosen framework, book/figures/NAME.FRAMEWORK.safetensors, which are written here as scripts:
those load from a page that was opened as a file, too. `tools/figure_weights.py` makes pictures and weights.
"""
import base64
from pathlib import Path

from sphinx.directives.patches import Figure

FOLDER = "book/figures"


class Interactive(Figure):
    def run(self):
        name = self.arguments[0]
        self.arguments[0] = f"/{FOLDER}/{name}.png"
        if not self.content or not self.options.get("alt"):
            raise self.error("an interactive figure needs a caption and :alt:, for readers who see neither")
        self.options["figclass"] = ["interactive", f"interactive-{name}"]
        return super().run()


def script(name, data):
    return f'bookFigures.files["{name}"] = "{base64.b64encode(data).decode()}";\n'


def write_weights(app, exception):
    if exception or app.builder.format != "html":
        return
    folder = Path(app.outdir, "_static", "figures")
    folder.mkdir(parents=True, exist_ok=True)
    for path in Path(app.srcdir, FOLDER).glob("*.safetensors"):
        (folder / f"{path.stem}.js").write_text(script(path.stem, path.read_bytes()), encoding="utf-8")


def add_scripts(app, pagename, templatename, context, doctree):
    if 'class="interactive interactive-' in context.get("body", ""):
        app.add_css_file("figures.css")
        app.add_js_file("interactive.js", loading_method="defer")


def setup(app):
    app.add_directive("interactive", Interactive)
    app.connect("html-page-context", add_scripts)
    app.connect("build-finished", write_weights)
    return {"version": "0.1", "parallel_read_safe": True, "parallel_write_safe": True}
