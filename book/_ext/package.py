"""What the package defines, read from its files with `ast`: nothing is imported, so no framework is loaded.

No extension, but what the reference pages are made of.
"""
import ast
import functools
import inspect
import textwrap
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
TWINS = {"torch": "aebook.torch", "tensorflow": "aebook.tensorflow"}
WIDTH = 76      # of a signature


@dataclass(frozen=True)
class Definition:
    """One function, class or constant: its name, the module that defines it, and its place in that file."""
    name: str
    module: str
    node: ast.AST

    @property
    def path(self):
        """The file, from the root of the repository."""
        return path_of(self.module).relative_to(ROOT).as_posix()

    @property
    def docstring(self):
        return "" if self.is_constant else ast.get_docstring(self.node) or ""

    @property
    def is_constant(self):
        return isinstance(self.node, ast.Assign)

    @property
    def is_class(self):
        return isinstance(self.node, ast.ClassDef)

    @property
    def line(self):
        return min([self.node.lineno, *(d.lineno for d in getattr(self.node, "decorator_list", ()))])

    @property
    def source(self):
        """The lines of the file without those of the docstring, which the page shows as text."""
        lines = path_of(self.module).read_text(encoding="utf-8").splitlines()
        skipped = range(0)
        if self.docstring:
            text = self.node.body[0]
            skipped = range(text.lineno, text.end_lineno + 1 + (lines[text.end_lineno:][:1] == [""]))
        return "\n".join(lines[i - 1] for i in range(self.line, self.node.end_lineno + 1) if i not in skipped)

    @property
    def signature(self):
        """How it is called, in lines of at most WIDTH characters; of a constant its name."""
        if self.is_constant:
            return self.name
        if not self.is_class:
            return wrapped(self.name, arguments(self.node.args))
        given = constructor(self)
        if given is None:
            return f"class {self.name}({', '.join(map(ast.unparse, self.node.bases))})"
        return wrapped(f"class {self.name}", given)

    @property
    def methods(self):
        """The public methods of a class that say what they do, as (name, signature, first paragraph)."""
        found = (n for n in getattr(self.node, "body", ()) if isinstance(n, ast.FunctionDef) and self.is_class)
        for node in found:
            text = ast.get_docstring(node)
            if text and not node.name.startswith("_"):
                is_property = any(ast.unparse(d) == "property" for d in node.decorator_list)
                yield (node.name, node.name if is_property else wrapped(node.name, arguments(node.args)[1:]),
                       text.split("\n\n")[0])


def wrapped(name, parts):
    """A call, its arguments on lines of their own where one line is too long."""
    one = f"{name}({', '.join(parts)})"
    if len(one) <= WIDTH:
        return one
    kept = " ".join(part.replace(" ", "\0") + "," for part in parts)
    lines = textwrap.wrap(kept.removesuffix(","), WIDTH - 4, break_long_words=False, break_on_hyphens=False)
    return f"{name}(\n" + "\n".join("    " + line.replace("\0", " ") for line in lines) + ")"


def arguments(args):
    """The arguments of a function as they are written, one string each."""
    plain = [*args.posonlyargs, *args.args]
    defaults = [None] * (len(plain) - len(args.defaults)) + args.defaults

    def written(arg, default):
        return arg.arg if default is None else f"{arg.arg}={ast.unparse(default)}"
    found = list(map(written, plain, defaults))
    if args.vararg:
        found.append(f"*{args.vararg.arg}")
    elif args.kwonlyargs:
        found.append("*")
    found += map(written, args.kwonlyargs, args.kw_defaults)
    return found + ([f"**{args.kwarg.arg}"] if args.kwarg else [])


def constructor(definition):
    """The arguments that make one of a class: those of __init__, its own or inherited, or the fields of a dataclass."""
    node = definition.node
    for child in node.body:
        if isinstance(child, ast.FunctionDef) and child.name == "__init__":
            return arguments(child.args)[1:]
    if any("dataclass" in ast.unparse(d) for d in node.decorator_list):
        return [ast.unparse(n.target) + (f"={ast.unparse(n.value)}" if n.value else "")
                for n in node.body if isinstance(n, ast.AnnAssign)]
    for base in node.bases:
        inherited = isinstance(base, ast.Name) and find(definition.module, base.id)
        given = inherited and inherited.is_class and constructor(inherited)
        if given:
            return given
    return None


def path_of(module):
    path = ROOT / module.replace(".", "/")
    return path / "__init__.py" if path.is_dir() else path.with_suffix(".py")


def read(module):
    path = path_of(module)
    return _parsed(path, path.stat().st_mtime_ns)


@functools.cache
def _parsed(path, changed):
    return ast.parse(path.read_text(encoding="utf-8"))


def module_docstring(module):
    return inspect.cleandoc(ast.get_docstring(read(module)) or "")


def find(module, name):
    """The definition of a name: in the module itself, or where the module imports it from; None for one of others."""
    for node in ast.walk(read(module)):
        if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name == name and node in read(module).body:
            return Definition(name, module, node)
        if isinstance(node, ast.Assign) and any(getattr(t, "id", None) == name for t in node.targets):
            return Definition(name, module, node)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("aebook."):
            if name in [alias.asname or alias.name for alias in node.names]:
                return find(node.module, name)
    return None


def constant(module, name):
    """The value of a constant that is written out: of a list or dictionary the parts that are."""
    node = find(module, name).node.value
    if isinstance(node, (ast.List, ast.Tuple)):
        return [e.value for e in node.elts if isinstance(e, ast.Constant)]
    return ast.literal_eval(node)


def public(module):
    """The public names of a module in its own order, as {name: Definition}."""
    elsewhere = constant("aebook", "_NAMES") if module == "aebook" else {}
    return {name: find(f"aebook.{elsewhere[name]}" if name in elsewhere else module, name)
            for name in constant(module, "__all__") if not name.startswith("__")}


@functools.cache
def reference_files():
    """Where the NumPy references are: {name: module}."""
    modules = [f"aebook.reference.{p.stem}" for p in sorted((ROOT / "aebook/reference").glob("[!_]*.py"))]
    return {name: module for module in modules for name in constant(module, "__all__")}


def reference(name):
    """The NumPy reference of that name, or None."""
    return find(reference_files()[name], name) if name in reference_files() else None
