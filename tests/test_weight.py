"""What a first visit loads: under 800 kB, no icon lost, MathJax only for math, little before the text appears.

Time is not tested, since it depends on the machine: what delays the first paint is.
"""
import gzip
import re
from urllib.parse import unquote, urlsplit

import pytest
from fontTools.ttLib import TTFont
from pages import CHAPTERS, PAGES

PACKED = {".png", ".jpg", ".woff", ".woff2", ".gz"}     # sent as they are
each_page = pytest.mark.parametrize("name", [*PAGES, "search"])
SYMBOLS = """[...document.querySelectorAll('*')].flatMap(element => ['::before', '::after'].map(side => {
    const style = getComputedStyle(element, side);
    return {text: style.content.slice(1, -1), family: style.fontFamily.split(',')[0].replaceAll('"', ''),
            weight: style.fontWeight, icon: String(element.className)};
})).filter(found => /^[\\ue000-\\uf8ff]$/.test(found.text) && /Font ?Awesome/.test(found.family))"""
# Those of .fa-search and the like: an element with such a class has a character before it.
WITHOUT = """[...document.querySelectorAll('i[class*="fa-"], span[class*="fa-"]')].filter(icon =>
    ['none', 'normal'].includes(getComputedStyle(icon, '::before').content)).map(icon => icon.className)"""


@pytest.fixture(scope="module")
def fonts(built):
    """The characters of each font of icons, by family and weight."""
    folder, found = built / "_static/icons", {}
    for rule in re.findall(r"@font-face\{(.*?)\}", (folder / "icons.css").read_text(encoding="utf-8")):
        family = re.search(r"font-family:([^;]+)", rule)[1].replace("\\", "")
        weight = re.search(r"font-weight:(\d+)", rule)
        file = re.search(r"url\(([\w.-]+)\)", rule)[1]
        found.setdefault((family, weight[1] if weight else "400"), set()).update(TTFont(folder / file).getBestCmap())
    return found


def sizes(built, urls):
    """Compressed bytes of each file."""
    files = {built / unquote(urlsplit(url).path).lstrip("/") for url in urls if url.startswith("http")}
    return {file: len(file.read_bytes() if file.suffix in PACKED else gzip.compress(file.read_bytes(), 6))
            for file in files}


def lost(page, fonts):
    """The icons of a page that no rule gives a character, and those whose font has no glyph for it."""
    return page.evaluate(WITHOUT) + [s for s in page.evaluate(SYMBOLS)
                                     if ord(s["text"]) not in fonts.get((s["family"], s["weight"]), ())]


@each_page
def test_a_first_visit_is_light_and_loses_no_icon(page, built, fonts, name):
    urls = []
    page.on("request", lambda request: urls.append(request.url))
    page.goto(f"/{name}.html")      # a new page has an empty cache
    page.wait_for_load_state("networkidle")
    loaded = sizes(built, urls)
    assert built / f"{name}.html" in loaded
    assert sum(loaded.values()) < 800_000, sorted((size, file.name) for file, size in loaded.items())[-8:]
    assert any("mathjax" in file.parts for file in loaded) == (page.locator("article .math").count() > 0)
    assert lost(page, fonts) == []
    assert len(page.evaluate(SYMBOLS)) > 5
    # The browser's own verdict on what the first paint had to wait for:
    blocking = sizes(built, page.evaluate("""performance.getEntriesByType('resource')
        .filter(entry => entry.renderBlockingStatus === 'blocking').map(entry => entry.name)"""))
    assert blocking
    if name != "search":        # it is of no use before it has its index
        assert sum(blocking.values()) < 100_000
        assert {file.name for file in blocking if file.suffix == ".js"} <= {"documentation_options.js"}


def test_a_lost_icon_is_noticed(page, fonts):
    page.goto(f"/{CHAPTERS[0]}.html")
    page.evaluate("""for (const name of ['fa-solid fa-ghost', 'fa-solid fa-github'])
        document.querySelector('article').insertAdjacentHTML('beforeend', `<i class="${name}"></i>`)""")
    assert len(lost(page, fonts)) == 2      # one has no rule, the other no glyph in that font
