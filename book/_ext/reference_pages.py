"""The reference pages, made from the package's files: `api-twins` and `api-module`, each followed by modules.

`api-twins` shows the functions and classes that both twins have, by the module they come from, with the two sources
as framework tabs, the NumPy reference, the equation that a chapter marks, and the chapters that use them. `api-module`
shows what is common to both. Each name has an anchor: #fit, and #metrics-psnr for one of a module.
"""
from html import escape

import docstrings
import package
from chapter_code import MARK, TWIN, read_all
from docutils import nodes
from framework_tabs import LABELS, tab_set
from sphinx.addnodes import pending_xref
from sphinx.util.docutils import SphinxDirective

LONG = 25       # lines; a longer source is folded
MODULES = ("aebook", "aebook.specs", "aebook.data", "aebook.metrics", "aebook.plots", "aebook.diagnosis",
           "aebook.history", "aebook.estimators", "aebook.errors")


def anchor(module, name):
    """The anchor of a name of a module; those of the twins and of aebook itself are the name alone."""
    return name if module in (TWIN, "aebook") else f"{module.removeprefix('aebook.')}-{name}"


def twin_groups():
    """The public names of the twins by the file they come from: {file: {name: {framework: Definition}}}."""
    by_name = {f: package.public(module) for f, module in package.TWINS.items()}
    groups = {}
    for name, definition in by_name["torch"].items():
        group = definition.module.removeprefix(package.TWINS["torch"]).lstrip(".")
        groups.setdefault(group, {})[name] = {f: by_name[f][name] for f in LABELS}
    return groups


def known_names():
    """Where names lead that docstrings mention: {(module, name): anchor}."""
    found = {(TWIN, name): name for group in twin_groups().values() for name in group}
    return found | {(module, name): anchor(module, name) for module in MODULES for name in package.public(module)}


def equation_label(docname, name):
    return f"equation-{docname}-{name}".lower()


def name_equations(app, doctree):
    """Make the equations that a chapter marks targets: the mark is a comment after the equation."""
    std = app.env.get_domain("std")
    for comment in doctree.findall(nodes.raw):
        if mark := MARK.fullmatch(comment.astext().strip()):
            place = f"equation-{mark[1]}"
            equation = comment.parent[comment.parent.index(comment) - 1]
            equation["ids"].append(place)
            std.anonlabels[equation_label(app.env.docname, mark[1])] = (app.env.docname, place)


def raw(html):
    return nodes.raw("", html, format="html")


class Reference(SphinxDirective):
    has_content = True

    def run(self):
        self.env.note_reread()      # the package or the notebooks may have changed where this page has not
        self.known = known_names()
        self.chapters = list(read_all(self.env))
        groups = [self.group(name) for name in " ".join(self.content).split()]
        for group in groups:
            group["support_smartquotes"] = False    # docstrings quote Python strings
        return [self.contents(groups), *groups]

    def contents(self, groups):
        """A line for each group: links to its names."""
        items = []
        for group in groups:
            links = []
            for entry in group.findall(nodes.section):
                if entry is not group:
                    links += [nodes.reference("", "", nodes.literal("", entry["api"]), refid=entry["ids"][0],
                                              internal=True), nodes.Text(", ")]
            title = nodes.reference("", group[0].astext(), refid=group["ids"][0], internal=True)
            items.append(nodes.definition_list_item("", nodes.term("", "", title), nodes.definition(
                "", nodes.paragraph("", "", *links[:-1]))))
        return nodes.definition_list("", *items, classes=["api-contents"])

    def section(self, identifier, title, label=None):
        """A section that is a target for links: its label is `api-` and its anchor, in lower case."""
        section = nodes.section("", title, ids=[identifier], names=[])
        label = (label or f"api-{identifier}").lower()
        std = self.env.get_domain("std")
        std.labels[label] = (self.env.docname, identifier, title.astext())
        std.anonlabels[label] = (self.env.docname, identifier)
        return section

    def entry(self, module, name):
        section = self.section(anchor(module, name), nodes.title("", "", nodes.literal("", name)))
        section["api"] = name
        section["classes"].append("api-entry")
        return section

    def linker(self, module, own=()):
        """What turns a name in a docstring of that module into a link; `own` are names that mean something else."""
        def link(text):
            name = text.removesuffix("()").split("(")[0]
            if name in own:
                return None
            places = [(module, name), ("aebook." + name.rpartition(".")[0], name.rpartition(".")[2])]
            if name[:1].isupper():
                places += [(m, name) for m in (TWIN, *MODULES)]
            target = next((self.known[place] for place in places if place in self.known), None)
            return target and self.link(f"api-{target}", nodes.literal("", text), "ref")
        return link

    def link(self, target, content, kind="doc"):
        return pending_xref("", content, refdomain="std", reftype=kind, refdoc=self.env.docname, refexplicit=True,
                            reftarget=target.lower() if kind == "ref" else f"/{target}", refwarn=True)

    def text(self, definition, module):
        """Where the text of a docstring leads to; its own name and its arguments are no links."""
        own = {definition.name}
        if not definition.is_constant:
            heads = definition.signature.partition("(")[2].replace("\n", " ").rstrip(")").split(",")
            own |= {head.split("=")[0].strip(" *") for head in heads}
        return self.linker(module, own)

    def methods(self, definition, link):
        found = list(definition.methods)
        if not found:
            return []
        items = [nodes.definition_list_item(
            "", nodes.term("", "", nodes.literal("", signature)),
            nodes.definition("", *docstrings.text_nodes(text, link))) for _, signature, text in found]
        return [nodes.rubric("", "Methods"), nodes.definition_list("", *items, classes=["api-fields"])]

    def source(self, definition, what="Source"):
        """The source, folded if it is long, and a link to its place in the repository."""
        lines = definition.source.count("\n") + 1
        base = self.config.html_theme_options["repository_url"]
        address = f"{base}/blob/{self.config.html_theme_options.get('repository_branch') or 'main'}/{definition.path}"
        return [raw(f'<details class="api-source"{"" if lines > LONG else " open"}><summary>{escape(what)}: '
                    f'<code>{definition.path}</code>, {lines} line{"s" * (lines > 1)}</summary>'),
                docstrings.code(definition.source),
                raw(f'<p class="api-file"><a href="{escape(address)}#L{definition.line}">In the repository</a>'
                    "</p></details>")]

    def equations(self, name):
        """The equations that chapters mark as this function's, each with a link to its place there."""
        found = []
        for docname, title, _, marked in self.chapters:
            for function, latex in marked:
                if function == name:
                    found += [nodes.math_block(latex, latex, nowrap=False, number=None, classes=["api-equation"]),
                              nodes.paragraph("", "", nodes.Text("From "), self.link(
                                  equation_label(docname, name), nodes.inline("", title), "ref"), nodes.Text("."),
                                  classes=["api-from"])]
        return found

    def used_in(self, dotted):
        users = [(docname, title) for docname, title, used, _ in self.chapters if dotted in used]
        if not users:
            return []
        if len(users) == len(self.chapters):
            return [nodes.paragraph("", "", nodes.strong("", "Used in"), nodes.Text(" every chapter"),
                                    classes=["api-used-in"])]
        links = []
        for docname, title in users:
            links += [self.link(docname, nodes.inline("", title)), nodes.Text(", ")]
        return [nodes.paragraph("", "", nodes.strong("", "Used in"), nodes.Text(" "), *links[:-1],
                                classes=["api-used-in"])]


class Twins(Reference):
    def group(self, file):
        groups = twin_groups()
        if file.replace("twins", "") not in groups:
            raise self.error(f"the twins have no public names in {file}")
        title = file.capitalize()
        section = self.section(f"group-{file}", nodes.title("", title))
        if file != "twins":
            texts = {package.module_docstring(f"{module}.{file}") for module in package.TWINS.values()}
            if len(texts) == 1:
                section += docstrings.text_nodes(texts.pop(), self.linker(TWIN))
        section += [self.function(name, twins) for name, twins in groups[file.replace("twins", "")].items()]
        return section

    def function(self, name, twins):
        section = self.entry(TWIN, name)
        signatures = {f: docstrings.code(d.signature) for f, d in twins.items()}
        parts = {f: docstrings.split(d.docstring) for f, d in twins.items()}
        one_call = len({d.signature for d in twins.values()}) == 1
        one_text = len({lead for lead, _ in parts.values()}) == 1
        if one_call and not twins["torch"].is_constant:
            section += signatures["torch"]
        if one_text:
            section += docstrings.text_nodes(parts["torch"][0], self.text(twins["torch"], TWIN))
        section += self.equations(name)
        tabs = {}
        for f, definition in twins.items():
            link = self.text(definition, TWIN)
            tabs[f] = [*([] if one_call else [signatures[f]]),
                       *([] if one_text else docstrings.text_nodes(parts[f][0], link)),
                       *docstrings.section_nodes(parts[f][1], link), *self.methods(definition, link),
                       *self.source(definition, f"{LABELS[f]} source")]
        section += tab_set(tabs)
        section += self.oracle(name)
        section += self.used_in(f"{TWIN}.{name}")
        return section

    def oracle(self, name):
        """The NumPy reference, and its gradient unless that is a public name with an entry of its own."""
        found = []
        if reference := package.reference(name):
            found += self.source(reference, "NumPy reference")
        gradient = f"{name}_grad"
        if (reference := package.reference(gradient)) and (TWIN, gradient) not in self.known:
            found += [*self.equations(gradient), *self.source(reference, "Gradient of the NumPy reference")]
        return found


class Module(Reference):
    def group(self, module):
        section = self.section(f"module-{module}", nodes.title("", "", nodes.literal("", module)))
        if module != "aebook":
            section += docstrings.text_nodes(package.module_docstring(module), self.linker(module))
        section += [self.documented(module, name, definition) for name, definition in package.public(module).items()]
        return section

    def documented(self, module, name, definition):
        section = self.entry(module, name)
        link = self.text(definition, module)
        lead, sections = docstrings.split(definition.docstring)
        if not definition.is_constant:
            section += docstrings.code(definition.signature)
        section += docstrings.text_nodes(lead, link)
        section += self.equations(name)
        section += docstrings.section_nodes(sections, link)
        section += self.methods(definition, link)
        section += self.source(definition)
        section += self.used_in(f"{module}.{name}")
        return section


def setup(app):
    app.connect("doctree-read", name_equations)
    app.add_directive("api-twins", Twins)
    app.add_directive("api-module", Module)
    return {"version": "0.1", "parallel_read_safe": True, "parallel_write_safe": True}
