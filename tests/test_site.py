"""The built site in a real browser: nothing from elsewhere, no page error, math, tabs, small screens.

Needs `make book` and an installed Chromium. Without them these tests are skipped, unless
AEBOOK_REQUIRE_BROWSER is set, as `.ci/run` does: then they fail.
"""
import functools
from urllib.parse import unquote, urlsplit

import pytest
from colab import Edition
from pages import CHAPTERS, PAGES, ROOT, parsed
from set_repository import repository

WIDTHS = (1280, 768, 390, 350)
each_page = pytest.mark.parametrize("name", PAGES)
each_chapter = pytest.mark.parametrize("name", CHAPTERS)


def show(page, name, query=""):
    page.goto(f"/{name}.html{query}")
    page.wait_for_load_state("networkidle")


def chosen(page):
    """The framework shown by each tab set on the page: its tab is the chosen one, and nothing else is in sight."""
    return page.evaluate("""[...document.querySelectorAll('.framework-tabs')].map(set => {
        const label = [...set.querySelectorAll('.sd-tab-label')].find(l => l.previousElementSibling.checked);
        const shown = [...set.querySelectorAll(':scope > .sd-tab-content')].filter(content => content.offsetParent);
        return shown.length === 1 && shown[0] === label.nextElementSibling ? label.dataset.syncId : shown.length;
    })""")


@each_page
def test_nothing_scrolls_sideways_and_every_figure_is_there_with_alt_text(page, name):
    """The page fixture judges the rest: requests, errors, answers."""
    show(page, name)
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        inside, outside = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert inside <= outside, f"{inside} pixels in a window of {outside}"
    assert page.evaluate("[...document.images].filter(i => !i.complete || !i.naturalWidth).map(i => i.src)") == []
    assert page.evaluate("[...document.querySelectorAll('article img')].filter(i => !i.alt).map(i => i.src)") == []


def test_no_line_ends_between_a_formula_and_its_punctuation(page):
    show(page, "book/math/undercomplete")
    page.set_viewport_size({"width": 390, "height": 800})
    apart, beside = page.evaluate("""(() => {
        const beside = [...document.querySelectorAll('article span.math')].map(m => [m, m.nextSibling]).filter(
            ([, after]) => after && after.nodeType === Node.TEXT_NODE && /^[,.;:)]/.test(after.data))
        const apart = beside.filter(([formula, after]) => {
            const mark = document.createRange()
            mark.setStart(after, 0)
            mark.setEnd(after, 1)
            return mark.getBoundingClientRect().left < formula.getBoundingClientRect().left })
        return [apart.map(([formula]) => formula.textContent), beside.length]})()""")
    assert apart == []
    assert beside > 50


@functools.cache
def places(path):
    """What the anchors of links to a file may name."""
    if path.suffix != ".html":
        return {""}
    return {"", *(tag[key] for key in ("id", "name") for tag in parsed(path).select(f"[{key}]"))}


def broken(path):
    """The links of a page that lead to no file of the site, or to no place in one."""
    found = []
    for tag in parsed(path).select("[href], [src]"):
        link = urlsplit(tag.get("href") or tag.get("src") or "")
        target = (path.parent / unquote(link.path)).resolve() if link.path else path
        if not (link.scheme or link.netloc or target.is_file() and unquote(link.fragment) in places(target)):
            found.append(link.geturl())
    return found


@pytest.mark.parametrize("name", [*PAGES, "search"])
def test_every_internal_link_leads_somewhere(built, name):
    assert broken(built / f"{name}.html") == []


def test_a_broken_link_is_noticed(tmp_path):
    page = tmp_path / "page.html"
    page.write_text('<p id="a"><a href="#a"></a><a href="#b"></a><a href="page.html#b"></a><img src="c.png"></p>')
    assert broken(page) == ["#b", "page.html#b", "c.png"]


@each_page
def test_math_is_rendered(page, name):
    show(page, name)
    formulas = page.locator("article .math").count()
    if formulas:
        page.wait_for_selector("article mjx-container")    # a heading may have math, in the hidden sidebar too
    assert page.locator("article mjx-container").count() == formulas
    assert page.locator("mjx-merror").count() == 0


def test_some_page_has_math(page):
    show(page, CHAPTERS[0])
    assert page.locator("article mjx-container").count() > 0


@each_chapter
def test_a_click_switches_every_tab_set_and_is_remembered(page, name):
    show(page, name)
    tab_sets = page.locator(".framework-tabs").count()
    assert tab_sets > 0
    assert chosen(page) == ["torch"] * tab_sets
    page.locator(".framework-tabs label.sd-tab-label", has_text="TensorFlow").last.click()
    assert chosen(page) == ["tensorflow"] * tab_sets
    page.reload(wait_until="networkidle")
    assert chosen(page) == ["tensorflow"] * tab_sets
    show(page, CHAPTERS[CHAPTERS.index(name) - 1])
    assert set(chosen(page)) == {"tensorflow"}      # on another chapter, too
    show(page, name, "?framework=torch")
    assert chosen(page) == ["torch"] * tab_sets


@each_chapter
def test_buttons_lead_to_this_chapter(built, name):
    slug = repository(ROOT).removeprefix("https://github.com/")
    links = [tag["href"] for tag in parsed(built / f"{name}.html").select(".article-header-buttons a")]
    assert Edition(ROOT, "torch").notebook(name) in links
    assert f"https://github.com/{slug}/edit/main/{name}.ipynb" in links


COLAB = ".article-header-buttons a[href*='colab.research.google.com']"


@pytest.mark.parametrize("name", CHAPTERS[:1] + CHAPTERS[-1:])
def test_the_colab_button_follows_the_choice(page, name):
    """The notebook of the framework that is shown: at first, after a click, after a reload, from the address."""
    show(page, name)
    button = page.locator(COLAB)
    for framework, label in (("torch", "PyTorch"), ("tensorflow", "TensorFlow"), ("torch", "PyTorch")):
        page.locator(".framework-tabs label.sd-tab-label", has_text=label).last.click()
        page.wait_for_function("([css, url]) => document.querySelector(css).href === url",
                               arg=[COLAB, Edition(ROOT, framework).notebook(name)])
    show(page, name, "?framework=tensorflow")
    assert button.get_attribute("href") == Edition(ROOT, "tensorflow").notebook(name)
    page.reload(wait_until="networkidle")
    assert set(chosen(page)) == {"tensorflow"}
    assert button.get_attribute("href") == Edition(ROOT, "tensorflow").notebook(name)


def test_a_choice_by_the_keyboard_reaches_the_colab_button(page):
    show(page, CHAPTERS[0])
    page.locator(".framework-tabs > input").first.focus()
    page.keyboard.press("ArrowRight")
    assert chosen(page)[0] == "tensorflow"
    page.wait_for_function("([css, url]) => document.querySelector(css).href === url",
                           arg=[COLAB, Edition(ROOT, "tensorflow").notebook(CHAPTERS[0])])


def test_without_scripts_the_colab_button_opens_pytorch(browser, site):
    page = browser.new_page(java_script_enabled=False, base_url=site)
    page.goto(f"/{CHAPTERS[0]}.html")
    assert page.locator(COLAB).get_attribute("href") == Edition(ROOT, "torch").notebook(CHAPTERS[0])
    page.close()


def test_the_site_opens_as_a_file_too(browser, built):
    """`make book` names a file to open: no server, the same page. (Only font preloads are refused there.)"""
    page = browser.new_page()
    page.goto((built / "index.html").as_uri())
    page.wait_for_url("**/book/intro.html")
    page.goto((built / f"{CHAPTERS[0]}.html").as_uri())
    page.wait_for_selector("article mjx-container")
    page.locator(".framework-tabs label.sd-tab-label", has_text="TensorFlow").first.click()
    assert set(chosen(page)) == {"tensorflow"}
    page.close()
