"""What the chapters use of the package, and the equations they mark; read from the notebooks. No extension.

Used is what a code cell reaches from an import of `aebook`, as the chapters write it: `metrics.psnr`, or `ae.fit`,
where `ae` stands for either twin. Programs that a cell writes to a file count, too, and inline code.
"""
import ast
import functools
import json
import re
from pathlib import Path

from chapters import chapters, source

TWIN = "twin"       # in names below: either twin
MARK = re.compile(r"<!-- equation: (\w+) -->")
EQUATION = re.compile(r"\$\$([^$]+)\$\$\s*" + MARK.pattern)
INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
TWIN_MODULES = ("aebook.torch", "aebook.tensorflow")
IN_PROSE = {"aebook": "aebook", "ae": TWIN, "metrics": "aebook.metrics", "plots": "aebook.plots",
            "estimators": "aebook.estimators"}


class Uses(ast.NodeVisitor):
    """Collects dotted names: `twin.fit`, `aebook.metrics.psnr`."""

    def __init__(self, known=()):
        self.known = {"ae": TWIN, "aet": TWIN, "aef": TWIN, **dict(known)}
        self.found = set()

    def dotted(self, node):
        """The full name of an expression, or None if it does not start at the package."""
        if isinstance(node, ast.Name):
            return self.known.get(node.id)
        if isinstance(node, ast.Subscript) and self.dotted(getattr(node.value, "func", None)) == "aebook.twins":
            return TWIN
        if isinstance(node, ast.Attribute) and (start := self.dotted(node.value)):
            name = f"{start}.{node.attr}"
            return TWIN if name in TWIN_MODULES else name
        return None

    def visit_Import(self, node):
        for alias in node.names:
            if alias.name == "aebook" or alias.name.startswith("aebook."):
                full = TWIN if alias.name in TWIN_MODULES else alias.name
                self.known[alias.asname or "aebook"] = full if alias.asname else "aebook"

    def visit_ImportFrom(self, node):
        if node.module and node.module.split(".")[0] == "aebook":
            for alias in node.names:
                start = TWIN if node.module in TWIN_MODULES else node.module
                name = f"{start}.{alias.name}"
                self.known[alias.asname or alias.name] = TWIN if name in TWIN_MODULES else name
                self.found.add(name)

    def visit_Assign(self, node):
        if self.dotted(node.value) == TWIN and isinstance(node.targets[0], ast.Name):
            self.known[node.targets[0].id] = TWIN
        self.generic_visit(node)

    def visit_Constant(self, node):
        if isinstance(node.value, str) and re.search(r"^import ", node.value, re.MULTILINE):
            visit(self, node.value)

    def visit_Attribute(self, node):
        if name := self.dotted(node):
            self.found.add(name)
        self.generic_visit(node)


def uses(nb):
    """The dotted names that a notebook uses."""
    code, prose = Uses(), Uses(IN_PROSE)
    for cell in nb["cells"]:
        if cell["cell_type"] == "code":
            lines = [line for line in source(cell).splitlines() if not line.lstrip().startswith(("%", "!"))]
            visit(code, "\n".join(lines))
        elif cell["cell_type"] == "markdown":
            for text in INLINE.findall(source(cell)):
                visit(prose, text)
    return code.found | prose.found


def visit(visitor, text):
    try:
        visitor.visit(ast.parse(text))
    except SyntaxError:
        pass        # inline code need not be Python, and a cell that is not would not have run


def equations(nb):
    """The marked equations of a notebook, as (function, LaTeX)."""
    prose = "\n\n".join(source(c) for c in nb["cells"] if c["cell_type"] == "markdown")
    return [(name, latex.strip()) for latex, name in EQUATION.findall(prose)]


@functools.cache
def _read(path, changed):
    nb = json.loads(path.read_text(encoding="utf-8"))
    return frozenset(uses(nb)), equations(nb)


def read_all(env):
    """For every chapter in reading order (name, title, dotted names used, marked equations)."""
    for name, chapter in chapters(env):
        path = Path(env.doc2path(name))
        yield (name, chapter.title, *_read(path, path.stat().st_mtime_ns))
