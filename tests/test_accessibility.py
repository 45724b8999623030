"""axe-core finds nothing serious: every page, light and wide, then dark and narrow; the colors of code on one page."""
from urllib.parse import urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import BASE, CHAPTERS, PAGES

LOOKS = {"light": 1280, "dark": 390}
WITHOUT_CODE = {"exclude": [["pre"]]}   # colored code is thousands of elements and nine tenths of the time


def serious(page, theme, context):
    """What axe-core calls serious or critical, under a theme."""
    page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
    page.set_viewport_size({"width": LOOKS[theme], "height": 800})
    # Half a second after a change of size the theme lets the keyboard reach what scrolls.
    page.wait_for_function("""[...document.querySelectorAll('article pre')].every(
        code => !code.offsetParent || code.scrollWidth <= code.clientWidth || code.tabIndex === 0)""")
    options = {"resultTypes": ["violations"], "preload": False}     # it would ask for style sheets again
    found = Axe().run(page, context=context, options=options).response
    assert found["passes"]
    return [(rule["id"], node["target"][0], node["failureSummary"]) for rule in found["violations"]
            if rule["impact"] in ("serious", "critical") for node in rule["nodes"]]


def show(page, name):
    if path := urlsplit(BASE).path:     # the 404 page asks for its files below the path of the published site
        page.route(f"**{path}/**", lambda route: route.continue_(url=route.request.url.replace(path, "", 1)))
    page.goto(f"/{name}.html")
    page.wait_for_load_state("networkidle")
    page.add_style_tag(content="* { transition: none !important }")     # colors on their way from theme to theme


@pytest.mark.parametrize("name", [*PAGES, "search", "404"])
def test_axe_finds_nothing_serious(page, name):
    show(page, name)
    assert [serious(page, theme, WITHOUT_CODE) for theme in LOOKS] == [[], []]


def test_colored_code_has_contrast(page):
    show(page, CHAPTERS[0])
    assert page.locator("article pre span").count() > 100
    assert [serious(page, theme, {"include": [["pre"]]}) for theme in LOOKS] == [[], []]


def test_axe_notices_gray_on_gray(page):
    show(page, CHAPTERS[0])
    page.add_style_tag(content="article p { color: #888 !important; background: #777 }")
    assert {rule for rule, *_ in serious(page, "dark", WITHOUT_CODE)} == {"color-contrast"}
