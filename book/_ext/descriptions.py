"""What search engines and messengers show of a page: a description, and a title and description in Open Graph's terms.

The description of a chapter is its question, that of another page its first sentence.
"""
import re
from html import escape

from chapters import chapter
from docutils import nodes

LONGEST = 300
TITLES = {"search": "Search"}     # whose template names it


def description(app, pagename, doctree, title):
    read = chapter(app.env, pagename) if pagename in app.env.found_docs else None
    if read:
        return f"{read.title}. {read.question}"
    first = next(doctree.findall(nodes.paragraph), None) if doctree else None
    text = " ".join(first.astext().split()) if first else f"{title} in “{app.config.html_title}”"
    return re.match(r".*?[.!?](?= |$)|.*", text)[0]


def add_tags(app, pagename, templatename, context, doctree):
    title = re.sub(r"<.*?>", "", context.get("title") or TITLES.get(pagename, app.config.html_title))
    text = description(app, pagename, doctree, title)
    if len(text) > LONGEST:
        text = text[:LONGEST].rsplit(" ", 1)[0] + " …"
    tags = [("name", "description", text), ("property", "og:title", title), ("property", "og:description", text),
            ("property", "og:type", "article"), ("property", "og:site_name", app.config.html_title)]
    if context.get("pageurl"):
        tags.append(("property", "og:url", context["pageurl"]))
    context["metatags"] = context.get("metatags", "") + "".join(
        f'\n<meta {kind}="{name}" content="{escape(value)}" />' for kind, name, value in tags)


def setup(app):
    app.connect("html-page-context", add_tags)
    return {"version": "0.1", "parallel_read_safe": True, "parallel_write_safe": True}
