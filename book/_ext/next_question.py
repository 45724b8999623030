"""The links to the previous and the next page show the question of that chapter: see components/prev-next.html."""
from chapters import chapter


def add_questions(app, pagename, templatename, context, doctree):
    _, *around = app.builder.relations.get(pagename, [None, None, None])
    for name, docname in zip(("prev", "next"), around):
        read = chapter(app.env, docname) if docname else None
        if read and context[name]:
            context[name]["question"] = read.question


def setup(app):
    app.connect("html-page-context", add_questions)
    return {"version": "0.1", "parallel_read_safe": True, "parallel_write_safe": True}
