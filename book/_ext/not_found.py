"""404.html, which GitHub Pages serves for every address that does not exist, however deep.

So none of its links may be relative to the address: each gets the path in front that html_baseurl names.
"""
import re
from pathlib import Path
from urllib.parse import urlsplit

BODY = """<h1>This page does not exist</h1>
<p>Perhaps it has moved. <a href="{first}">The first page</a> has a map of the book,
and the <a href="{search}">search</a> knows every page.</p>"""
RELATIVE = re.compile(r'\b(href|src|action|data-content_root)="(?![a-z]+:|/|#)(?:\./)?([^"]*)"')


def page(app):
    links = {"first": app.builder.get_target_uri(app.config.root_doc), "search": app.builder.get_target_uri("search")}
    yield "404", {"title": "Page not found", "body": BODY.format(**links)}, "page.html"


def has_no_address(app, pagename, templatename, context, doctree):
    if pagename == "404":
        context["pageurl"] = None       # hence no canonical link


def make_absolute(app, exception):
    path = Path(app.outdir, "404.html")
    if exception or not path.is_file():
        return
    root = urlsplit(app.config.html_baseurl).path.rstrip("/") + "/"
    path.write_text(RELATIVE.sub(rf'\1="{root}\2"', path.read_text(encoding="utf-8")), encoding="utf-8")


def setup(app):
    app.connect("html-collect-pages", page)
    app.connect("html-page-context", has_no_address, priority=100)     # before descriptions
    app.connect("build-finished", make_absolute)
    return {"version": "0.1", "parallel_read_safe": True, "parallel_write_safe": True}
