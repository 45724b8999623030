"""The reference pages: every public name with its sources, references, equations, and the chapters that use it.

What is expected comes from the imported package and from the notebooks' text, not from the code under test.
"""
import ast
import gzip
import inspect
import re
import subprocess
import sys
import textwrap
from collections import Counter

import chapter_code
import docstrings
import nbformat
import pytest
from docutils import nodes
from helpers import TWINS
from package import find
from pages import CHAPTERS, PAGES, ROOT, parsed

import aebook
from aebook import reference

TWIN_PAGES = [f"book/reference/{name}" for name in ("models", "formulas", "training")]
ALL_PAGES = [*TWIN_PAGES, "book/reference/common", "book/reference/estimators"]
MODULES = ("specs", "data", "metrics", "plots", "history", "diagnosis", "errors", "estimators")
LABELS = {"torch": "PyTorch", "tensorflow": "TensorFlow"}
MARK = re.compile(r"\$\$([^$]+)\$\$\s*<!-- equation: (\w+) -->")
each_name = pytest.mark.parametrize("name", aebook.torch.__all__)


@pytest.fixture(scope="module")
def entries(built):
    """The section of every name of the twins: anchor -> section."""
    return {s["id"]: s for page in TWIN_PAGES for s in parsed(built / f"{page}.html").select("section.api-entry")}


def notebooks():
    for name in CHAPTERS:
        nb = nbformat.read(ROOT / f"{name}.ipynb", as_version=4)
        prose = "\n\n".join(c.source for c in nb.cells if c.cell_type == "markdown")
        yield name, "\n".join(c.source for c in nb.cells if c.cell_type == "code"), prose


def code_lines(definition):
    """The lines of a function or class without blank ones and without its docstring, by Python's own reading."""
    lines = inspect.getsource(definition).splitlines()
    body = ast.parse(textwrap.dedent("\n".join(lines))).body[0].body
    first = body[0] if definition.__doc__ else None
    return [line for i, line in enumerate(lines, 1)
            if line.strip() and not (first and first.lineno <= i <= first.end_lineno)]


def shown_lines(details):
    return [line for line in details.select_one("pre").text.splitlines() if line.strip()]


def sources(section):
    """The folded or open sources of a section: file -> lines of each."""
    return [(d.select_one("summary code").text, shown_lines(d)) for d in section.select("details.api-source")]


def anchors(built, pages):
    return Counter(s["id"] for page in pages for s in parsed(built / f"{page}.html").select("section.api-entry"))


def test_every_public_name_of_the_twins_is_there_once(built):
    found = anchors(built, TWIN_PAGES)
    assert found == Counter(aebook.torch.__all__) == Counter(aebook.tensorflow.__all__)


def test_every_public_name_of_the_common_modules_is_there_once(built):
    found = anchors(built, ALL_PAGES[3:])
    expected = Counter(f"{module}-{name}" for module in MODULES for name in getattr(aebook, module).__all__)
    assert found == expected + Counter(["claim", "load_numpy", "twins"])


@pytest.mark.parametrize("page", ALL_PAGES)
def test_the_contents_at_the_top_lead_to_every_name(built, page):
    tree = parsed(built / f"{page}.html")
    links = [a["href"] for a in tree.select("dl.api-contents dd a")]
    assert links == ["#" + s["id"] for s in tree.select("section.api-entry")] != []
    ids = Counter(tag["id"] for tag in tree.select("[id]"))
    assert {ids[link[1:]] for link in links} == {1}


@each_name
def test_both_sources_are_those_of_the_files(entries, name):
    tabs = entries[name].select(".framework-tabs > .sd-tab-content")
    labels = entries[name].select(".framework-tabs > label")
    assert [label.text.strip() for label in labels] == list(LABELS.values())
    assert [label["data-sync-id"] for label in labels] == list(LABELS)
    for (twin, module), tab in zip(TWINS.items(), tabs, strict=True):
        definition = getattr(module, name)
        ((path, shown),) = sources(tab)
        if name == "NAME":
            assert (path, shown) == (f"aebook/{twin}/__init__.py", [f'NAME = "{LABELS[twin]}"'])
            continue
        assert path == f"{definition.__module__.replace('.', '/')}.py"
        assert shown == code_lines(definition)


@each_name
def test_the_reference_is_shown_where_there_is_one(entries, name):
    expected = []
    for other in (name, f"{name}_grad"):
        if other in reference.__all__ and (other == name or other not in aebook.torch.__all__):
            function = getattr(reference, other)
            expected.append((f"{function.__module__.replace('.', '/')}.py", code_lines(function)))
    outside = [found for found in sources(entries[name]) if found[0].startswith("aebook/reference/")]
    assert outside == expected


def test_some_names_have_a_reference():
    assert len(set(aebook.torch.__all__) & set(reference.__all__)) > 10


def test_every_marked_equation_is_at_its_function_with_a_link_to_its_place_in_the_chapter(built):
    marked = [(chapter, *found) for chapter, _, prose in notebooks() for found in MARK.findall(prose)]
    assert marked
    for chapter, latex, function in marked:
        place = f"equation-{function}"
        public = function in aebook.torch.__all__ or not function.endswith("_grad")
        function = function if public else function.removesuffix("_grad")
        anchor = function if function in aebook.torch.__all__ else f"metrics-{function}"
        page = next(p for p in ALL_PAGES if parsed(built / f"{p}.html").select(f'section.api-entry[id="{anchor}"]'))
        section = parsed(built / f"{page}.html").select_one(f'section.api-entry[id="{anchor}"]')
        found = [(plain(div.text), div.find_next("p").a["href"]) for div in section.select("div.math")]
        assert [link for text, link in found if plain(latex) in text
                and link == f"../{chapter.removeprefix('book/')}.html#{place}"], function
        assert plain(latex) in plain(parsed(built / f"{chapter}.html").find(id=place).text)


def plain(latex):
    return re.sub(r"\s+", "", latex)


@pytest.mark.parametrize("page", ALL_PAGES)
def test_a_chapter_is_named_as_user_if_and_only_if_it_uses_the_name(built, page):
    """Judged by the text of the chapters: a name that is nowhere written behind `ae.` or an import is not used."""
    texts = {name: without_comments(code) + "\n" + "\n".join(re.findall(r"`([^`\n]+)`", prose))
             for name, code, prose in notebooks()}
    links = 0
    for section in parsed(built / f"{page}.html").select("section.api-entry"):
        module, _, name = section["id"].rpartition("-")
        start = rf"\b{module}" if module else r"\b(?:ae|aebook|aet|aef|first|torch|tensorflow|twins\(\)\[\d\])"
        used = re.compile(rf"{start}\.{name}\b|from aebook(?:\.{module or 'torch'})? import (?:\([^)]*|.*)\b{name}\b")
        shown = ["book/" + a["href"].removeprefix("../").removesuffix(".html")
                 for a in section.select(".api-used-in a")]
        links += len(shown)
        if [p.text for p in section.select(".api-used-in")] == ["Used in every chapter"]:
            shown = [*texts]
        for chapter in shown:
            assert used.search(texts[chapter]), (section["id"], chapter)
        plainly = re.compile(rf"\baebook\.{module}\.{name}\b" if module else rf"\b(?:ae|aebook)\.{name}\b")
        for chapter, text in texts.items():
            if plainly.search(text):
                assert chapter in shown, (section["id"], chapter)
    assert links > 5


def without_comments(code):
    return re.sub(r"#.*", "", code)


def test_what_a_chapter_uses():
    def used(*cells):
        return chapter_code.uses({"cells": [{"cell_type": kind, "source": [text]} for kind, text in cells]})
    code = "import aebook\nfrom aebook import metrics as m\nfirst = aebook.twins()[0]\n# ae.save\n"
    assert used(("code", code), ("code", "first.fit(m.psnr)\naebook.torch.load('ae.encode')\nfit.x")) == {
        "aebook.metrics", "aebook.twins", "twin", "twin.fit", "aebook.metrics.psnr", "twin.load"}
    assert used(("markdown", "`ae.diagnose(model)`, ae.save, `fit` and `metrics.ssim`")) == {
        "twin.diagnose", "aebook.metrics.ssim"}


def test_every_link_inside_the_reference_arrives(built):
    arrived = 0
    for page in ALL_PAGES:
        for a in parsed(built / f"{page}.html").select("section.api-entry a[href*='#']"):
            target, _, anchor = a["href"].partition("#")
            if not target.startswith("http") and anchor:
                other = built / f"{page}.html" if not target else (built / f"{page}.html").parent / target
                assert parsed(other.resolve()).find(id=anchor), a["href"]
                arrived += 1
    assert arrived > 100


def test_sources_link_to_their_line_in_the_repository(built):
    for page in ALL_PAGES:
        for details in parsed(built / f"{page}.html").select("details.api-source"):
            path, line = re.search(r"/blob/main/(.+)#L(\d+)$", details.select_one(".api-file a")["href"]).groups()
            written = (ROOT / path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
            assert written == shown_lines(details)[0]


def test_pages_are_light(built):
    for page in ALL_PAGES:
        assert page in PAGES
        assert len(gzip.compress((built / f"{page}.html").read_bytes())) < 100_000


def test_docstrings_keep_what_looks_like_markup():
    """|a| and W'z are formulas here; code is what stands in single backticks, and a list may follow its line."""
    first, items = docstrings.text_nodes("The sum |a_| of *W'z*, `x_`:\n- one\n- two\n  lines", lambda name: None)
    assert first.astext() == "The sum |a_| of *W'z*, x_:"
    assert [node.astext() for node in first.findall(nodes.literal)] == ["x_"]
    assert [item.astext() for item in items] == ["one", "two lines"]


@pytest.mark.parametrize("module, name", [(m, n) for m in TWINS.values() for n in m.__all__ if n != "NAME"])
def test_signatures_are_those_of_python(module, name):
    shown = find(module.__name__, name).signature
    given = ast.parse("def f" + shown[shown.index("("):] + ": pass").body[0].args
    written = [a.arg for a in [*given.posonlyargs, *given.args, *given.kwonlyargs]]
    parameters = inspect.signature(getattr(module, name).__init__ if inspect.isclass(getattr(module, name))
                                   else getattr(module, name)).parameters
    assert written == [p for p, kind in parameters.items() if p != "self" and kind.kind not in
                       (kind.VAR_POSITIONAL, kind.VAR_KEYWORD)]


def test_reading_the_package_imports_nothing_of_it():
    """Else the build of the site would load both frameworks."""
    program = ("import sys; sys.path.insert(0, 'book/_ext'); import package; "
               "[package.public(m) for m in package.TWINS.values()]; "
               "assert not {'torch', 'tensorflow', 'aebook'} & set(sys.modules)")
    subprocess.run([sys.executable, "-c", program], cwd=ROOT, check=True)


def test_the_readers_framework_is_kept(page):
    page.goto("/book/reference/formulas.html?framework=tensorflow")
    page.wait_for_load_state("networkidle")
    shown = page.locator("#gaussian_kl .framework-tabs details.api-source:visible")
    assert shown.count() == 1
    assert "aebook/tensorflow/latent.py" in shown.locator("summary").inner_text()
    page.goto("/book/reference/models.html")
    page.wait_for_load_state("networkidle")
    assert "aebook/tensorflow/" in page.locator("#Autoencoder details.api-source:visible summary").inner_text()
