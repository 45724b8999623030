"""Write a PyTorch and a TensorFlow notebook of every chapter, for Colab: python tools/colab.py FOLDER

`FOLDER/torch/book/PART/CHAPTER.ipynb`, and the same under `tensorflow`. Each runs with its framework alone
(`one_framework` says how the code is reduced to it), installs the package, and is plain Markdown: what only
the site understands is put into words, and links lead to the other notebooks and to the site. Outputs are not
kept, since they are those of both frameworks. The publishing workflow pushes the folder to the branch `colab`.
"""
import posixpath
import re
import shutil
import sys
from pathlib import Path

import nbformat
from code_names import reads, silent
from execute import METADATA
from one_framework import LABELS, OTHER, Reducer
from set_repository import addresses, repository

BRANCH = "colab"
COMPARE = "compare"     # the tag of a cell that compares the frameworks and would not fail with one
INSTALL = """# @title Install the book's package
import importlib.util
import os

os.environ["AEBOOK_FRAMEWORK"] = "{framework}"      # Colab has both
if importlib.util.find_spec("aebook") is None:
    %pip install -q "aebook @ git+{url}"
"""
HEAD = """*The {label} edition of [this chapter]({page}) of Autoencoders, Twice; [there is one in {other}]({twin}).
What needs both frameworks is left out, and a claim about both is judged here by {label} alone.*"""
ELSEWHERE = "*Here the chapter compares the frameworks: [see it on the site]({page}).*"
ALIVE = "*This is a picture; the figure is interactive [on the site]({page}).*"
FENCE = re.compile(r"^(?P<fence>:{3,}|`{3,})\{(?P<name>[\w:-]+)\}[ \t]*(?P<title>.*)\n"
                   r"(?P<options>(?:[ \t]*:[\w-]+:.*\n)*)"
                   r"(?P<body>(?:(?!:{3,}\{|`{3,}\{).*\n)*?)(?P=fence)[ \t]*$", re.MULTILINE)     # an innermost one
ROLE = re.compile(r"\{(?P<name>[\w:+-]+)\}`(?P<text>[^`]*)`")
LINK = re.compile(r"(?<=\]\()(?!\w+:|#)(?P<path>[^)\s#]+)(?P<anchor>#[^)\s]*)?(?=\))")


def chapters(root):
    """Every notebook of the table of contents, without its suffix, in its order."""
    names = re.findall(r"(?:root|file): *(\S+)", (root / "_toc.yml").read_text(encoding="utf-8"))
    return [name for name in names if (root / f"{name}.ipynb").is_file()]


class Edition:
    """What all notebooks of one framework have in common."""

    def __init__(self, root, framework):
        self.root, self.framework, self.url = root, framework, repository(root)
        self.slug, self.pages = addresses(self.url)

    def notebook(self, name, framework=None):
        """Where Colab opens a chapter."""
        return (f"https://colab.research.google.com/github/{self.slug}/blob/{BRANCH}/"
                f"{framework or self.framework}/{name}.ipynb")

    def page(self, name):
        return f"https://{self.pages}/{name}.html"

    def link(self, name, match):
        """The target of a link in chapter `name`: another notebook of this framework, or a page of the site."""
        target = posixpath.normpath(posixpath.join(posixpath.dirname(name), match["path"]))
        base, suffix = posixpath.splitext(target)
        if suffix == ".ipynb":
            return self.notebook(base) + (match["anchor"] or "")
        if suffix == ".md":
            return self.page(base) + (match["anchor"] or "")
        return f"https://{self.pages}/{target}"

    def markdown(self, name, text):
        """Plain Markdown: directives become quotations or links to the site, roles their text."""
        text = re.sub(r"^[ \t]*<!--.*?-->[ \t]*\n?", "", text, flags=re.MULTILINE | re.DOTALL)
        text = re.sub(r"^\([\w:-]+\)=[ \t]*\n", "", text, flags=re.MULTILINE)
        text = re.sub(r"\$\$[ \t]*\([\w:-]+\)[ \t]*$", "$$", text, flags=re.MULTILINE)
        while (plain := FENCE.sub(lambda match: self.directive(name, match), text)) != text:
            text = plain
        text = ROLE.sub(lambda match: self.role(name, match), text)
        return re.sub(r"\n{3,}", "\n\n", LINK.sub(lambda match: self.link(name, match), text)).strip("\n")

    def directive(self, name, match):
        kind, title, body = match["name"], match["title"].strip(), match["body"].strip("\n")
        if kind in ("math", "code-block", "code"):
            return f"$$\n{body}\n$$" if kind == "math" else f"```{title}\n{body}\n```"
        if kind in ("raw", "only", "index", "toctree"):
            return f"*[On the site, the chapter shows more here]({self.page(name)}).*" if kind == "raw" else ""
        if kind in ("figure", "image", "interactive"):
            alt = re.search(r":alt:[ \t]*(.*)", match["options"])
            source = posixpath.normpath(posixpath.join(posixpath.dirname(name), title))
            if kind == "interactive":
                source, body = f"book/figures/{title}.png", f"{body}\n\n{ALIVE.format(page=self.page(name))}"
            picture = f"![{alt[1] if alt else ''}]({self.url}/raw/main/{source})"
            return f"{picture}\n\n{body}".strip("\n")
        head = title or kind.replace("-", " ").capitalize()
        return "\n".join(f"> {line}".rstrip() for line in [f"**{head}**", "", *body.split("\n")])

    def role(self, name, match):
        kind, text = match["name"], match["text"]
        words, target = re.fullmatch(r"(.*?)(?:\s*<([^<>]*)>)?", text, re.DOTALL).groups()
        if kind == "math":
            return f"${text}$"
        if kind == "doc" and target:
            return f"[{words}]({target})" if "." in posixpath.basename(target) else f"[{words}]({target}.ipynb)"
        return words if target else f"`{text}`" if kind in ("py:func", "func", "code") else words

    def convert(self, name):
        """The notebook of a chapter in this framework."""
        source = nbformat.read(self.root / f"{name}.ipynb", as_version=4)
        reducer, cells, missing, silenced = Reducer(self.framework), [], False, False
        for i, cell in enumerate(source.cells):
            tags = cell.metadata.get("tags", [])
            if cell.cell_type != "code":
                new = nbformat.v4.new_markdown_cell(self.markdown(name, cell.source))
            elif "%pip install" in cell.source:
                new = self.code(INSTALL.format(framework=self.framework, url=self.url).rstrip("\n"), True)
            elif OTHER[self.framework] in tags or COMPARE in tags:
                missing = missing or COMPARE in tags
                code = reducer.drop(cell.source, self.wanted(source.cells[i + 1:]))
                if not code:
                    continue
                new = self.code(code, False)
            else:
                folded = {"hide-cell", "hide-input"} & set(tags)
                code = reducer.reduce(cell.source)
                if self.framework in tags and code != cell.source.strip("\n"):
                    raise SystemExit(f"{name}, cell {i}: {LABELS[self.framework]} needs what only the other defines")
                silenced = code != cell.source.strip("\n") and silent(code) and not silent(cell.source)
                if not code or silenced and not reads(code)[1] & self.wanted(source.cells[i + 1:], own=False):
                    missing = True
                    continue
                title = cell.metadata.get("mystnb", {}).get("code_prompt_show", "Show the code")
                new = self.code(f"# @title {title}\n{code}" if folded else code, folded)
            if missing:
                cells.append((f"{i}-note", nbformat.v4.new_markdown_cell(ELSEWHERE.format(page=self.page(name)))))
            missing, silenced = silenced, False
            cells.append((f"{i}", new))
            if i == 0:
                cells.append(("head", nbformat.v4.new_markdown_cell(HEAD.format(
                    label=LABELS[self.framework], other=LABELS[OTHER[self.framework]], page=self.page(name),
                    twin=self.notebook(name, OTHER[self.framework])))))
        for identity, cell in cells:
            cell.id = f"cell-{identity}"
        nb = nbformat.v4.new_notebook(cells=[cell for _, cell in cells])
        nb.metadata = nbformat.from_dict(METADATA | {"colab": {"name": f"{posixpath.basename(name)}.ipynb",
                                                              "provenance": [], "toc_visible": True}})
        nbformat.validate(nb)
        return nb

    def wanted(self, cells, own=True):
        """Names that later cells, or only this framework's own, read before any cell assigns them."""
        found, assigned = set(), set()
        for cell in cells:
            tags = cell.metadata.get("tags", [])
            if cell.cell_type == "code" and OTHER[self.framework] not in tags:
                read, written = reads(cell.source)
                found |= read - assigned if not own or self.framework in tags else set()
                assigned |= written
        return found

    @staticmethod
    def code(source, folded):
        return nbformat.v4.new_code_cell(source, metadata={"cellView": "form"} if folded else {})


def write(root, folder):
    """Write every notebook under `folder`, which is emptied first."""
    shutil.rmtree(folder, ignore_errors=True)
    for framework in LABELS:
        edition = Edition(root, framework)
        for name in chapters(root):
            path = folder / framework / f"{name}.ipynb"
            path.parent.mkdir(parents=True, exist_ok=True)
            nbformat.write(edition.convert(name), path)
    (folder / "README.md").write_text(
        f"The chapters of {repository(root)} as notebooks, one framework each. Generated: change the source.\n",
        encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    write(Path.cwd(), Path(sys.argv[1]))
