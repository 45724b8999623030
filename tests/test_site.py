"""The built site in a real browser: nothing from elsewhere, no page error, math, tabs, small screens.

Needs `make book` and an installed Chromium. Without them these tests are skipped, unless
AEBOOK_REQUIRE_BROWSER is set, as `.ci/run` does: then they fail.
"""
import functools
import http.server
import os
import re
import shutil
import threading
from pathlib import Path

import pytest
from colab import Edition
from set_repository import repository

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build" / "html"
NAMES = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync",
             "--disable-background-networking", "--disable-component-update"]
WIDE, NARROW = {"width": 1280, "height": 900}, {"width": 350, "height": 740}
PAGES = re.findall(r"(?:root|file): *(\S+)", (ROOT / "_toc.yml").read_text())
CHAPTERS = [page for page in PAGES if (ROOT / f"{page}.ipynb").is_file()]
each_page = pytest.mark.parametrize("name", PAGES)
each_chapter = pytest.mark.parametrize("name", CHAPTERS)


def absent(what):
    """Skip, or fail where a browser is required."""
    stop = pytest.fail if os.environ.get("AEBOOK_REQUIRE_BROWSER") else pytest.skip
    stop(f"the browser tests need {what}")


@pytest.fixture(scope="module")
def site():
    """The site's address on a server of this machine."""
    if not SITE.is_dir():
        absent("the built site: make book")

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(SITE)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@pytest.fixture(scope="module")
def browser(site):
    if not CHROMIUM:
        absent("Chromium: install it, or set CHROMIUM to its path")
    from playwright.sync_api import sync_playwright
    try:
        playwright = sync_playwright().start()
    except Exception as error:  # its driver lacks a system library, libatomic1 on Debian
        absent(f"a Playwright that starts: {error}")
    with playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS) as browser:
        yield browser
    playwright.stop()


@pytest.fixture
def page(browser, site):
    """A new page; at its end nothing may have been asked of another machine, and nothing have failed."""
    page = browser.new_page(viewport=WIDE, base_url=site)
    bad = []
    page.on("console", lambda message: bad.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: bad.append(str(error)))
    page.on("requestfailed", lambda request: bad.append(f"{request.failure}: {request.url}")
            if request.failure != "net::ERR_ABORTED" else None)     # aborted: the test went on to another page
    page.on("response", lambda answer: bad.append(f"{answer.status}: {answer.url}") if answer.status >= 400 else None)
    page.on("request", lambda request: bad.append(f"elsewhere: {request.url}")
            if not request.url.startswith((site, "data:", "blob:")) else None)
    yield page
    page.wait_for_load_state("networkidle")
    page.close()
    assert bad == []


def show(page, name, query=""):
    page.goto(f"/{name}.html{query}")
    page.wait_for_load_state("networkidle")


def chosen(page):
    """The framework shown by each tab set on the page."""
    return page.evaluate("""[...document.querySelectorAll('.framework-tabs')].map(set =>
        [...set.querySelectorAll('.sd-tab-label')].find(l => l.previousElementSibling.checked).dataset.syncId)""")


@each_page
def test_nothing_scrolls_sideways_and_every_figure_has_alt_text(page, name):
    """The page fixture judges the rest: requests, errors, answers."""
    for viewport in (WIDE, NARROW):
        page.set_viewport_size(viewport)
        show(page, name)
        inside, outside = page.evaluate("[document.documentElement.scrollWidth, document.documentElement.clientWidth]")
        assert inside <= outside, f"{inside} pixels in a window of {outside}"
    assert page.evaluate("[...document.querySelectorAll('article img')].filter(i => !i.alt).map(i => i.src)") == []


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
def test_only_the_chosen_framework_is_visible(page, name):
    show(page, name)
    for framework in ("PyTorch", "TensorFlow"):
        page.locator(".framework-tabs label.sd-tab-label", has_text=framework).first.click()
        visible = page.evaluate("""[...document.querySelectorAll('.framework-tabs > .sd-tab-content')]
            .filter(c => c.offsetParent).length""")
        assert visible == page.locator(".framework-tabs").count()


@each_chapter
def test_buttons_lead_to_this_chapter(page, name):
    show(page, name)
    slug = repository(ROOT).removeprefix("https://github.com/")
    links = page.evaluate("[...document.querySelectorAll('.article-header-buttons a')].map(a => a.href)")
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


def test_the_site_opens_as_a_file_too(browser):
    """`make book` names a file to open: no server, the same page. (Only font preloads are refused there.)"""
    page = browser.new_page()
    page.goto((SITE / "index.html").as_uri())
    page.wait_for_url("**/book/intro.html")
    page.goto((SITE / f"{CHAPTERS[0]}.html").as_uri())
    page.wait_for_selector("article mjx-container")
    page.locator(".framework-tabs label.sd-tab-label", has_text="TensorFlow").first.click()
    assert set(chosen(page)) == {"tensorflow"}
    page.close()
