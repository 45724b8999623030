"""Docstrings as nodes of a page. No extension, but what the reference pages are made of.

The docstrings have the sections of numpydoc; their text is plain, with code in single backticks and formulas such as
|a_i| or W'z, which reStructuredText would take for markup of its own. So they are read here, not by napoleon.
"""
import re
import textwrap

from docutils import nodes

SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n", re.M)
FIELDS = {"Parameters", "Other Parameters", "Attributes", "Returns", "Yields", "Raises", "Warns"}


def split(docstring):
    """The text before the first section, and the sections as [(title, body)]."""
    lead, *rest = SECTION.split(docstring)
    return lead.strip(), [(title, body.strip("\n")) for title, body in zip(rest[::2], rest[1::2])]


def text_nodes(text, link):
    """Paragraphs, lists, and doctests as code. `link(name)` gives the node that leads to a name, or None."""
    found = []
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        if block.startswith(">>>"):
            found.append(code(block, "pycon"))
        elif re.match(r"[-*] ", block):
            items = re.split(r"^[-*] ", block, flags=re.M)[1:]
            found.append(nodes.bullet_list("", *(nodes.list_item("", nodes.paragraph("", "", *inline(item, link)))
                                                 for item in items), bullet="-"))
        elif block.strip():
            # a list may follow its introduction without an empty line
            head, mark, items = block.partition("\n- ")
            found.append(nodes.paragraph("", "", *inline(head, link)))
            if mark:
                found += text_nodes("- " + items, link)
    return found


def inline(text, link):
    """Code in backticks becomes code, and a link if its name is known."""
    found = []
    for i, part in enumerate(re.split(r"`([^`]+)`", " ".join(text.split()))):
        if part:
            found.append((link(part) or nodes.literal("", part)) if i % 2 else nodes.Text(part))
    return found


def typed(text, link):
    """A type in words: the classes it names become links."""
    return [link(part) or nodes.Text(part) if part[:1].isupper() else nodes.Text(part)
            for part in re.split(r"(?<![\w.])(\w+)(?![\w.])", text) if part]


def fields(body, link):
    """`name : type` with indented text below, as a definition list."""
    items = []
    for entry in re.split(r"\n(?=\S)", body):
        head, _, text = entry.partition("\n")
        name, colon, kind = head.partition(" : ")
        term = nodes.term("", "", *([nodes.literal("", name), nodes.Text(" : "), *typed(kind, link)] if colon
                                    else typed(head, link)))
        about = nodes.definition("", *text_nodes(textwrap.dedent(text), link))
        items.append(nodes.definition_list_item("", term, about))
    return nodes.definition_list("", *items, classes=["api-fields"])


def section_nodes(sections, link):
    found = []
    for title, body in sections:
        found.append(nodes.rubric("", title))
        found += [fields(body, link)] if title in FIELDS else text_nodes(body, link)
    return found


def code(text, language="python"):
    return nodes.literal_block(text, text, language=language)
