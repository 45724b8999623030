"""Fixtures shared by the tests."""
import functools
import http.server
import os
import threading
from pathlib import Path

import chromium
import pytest

SITE = Path(__file__).parents[1] / "_build" / "html"


@pytest.fixture(scope="session")
def mnist():
    """MNIST itself, from the folder that AEBOOK_DATA names; never a stand-in, never the network."""
    if not os.path.isdir(os.path.join(os.environ.get("AEBOOK_DATA", ""), "mnist")):
        pytest.skip("MNIST absent: set AEBOOK_DATA")
    from aebook import data
    return data.load("mnist")


# The site: built by `make book`, and shown by an installed Chromium.

def absent(what):
    """Skip, or fail where a browser is required."""
    stop = pytest.fail if os.environ.get("AEBOOK_REQUIRE_BROWSER") else pytest.skip
    stop(f"the tests of the site need {what}")


@pytest.fixture(scope="module")
def built():
    """The folder of the built site."""
    if not SITE.is_dir():
        absent("the built site: make book")
    return SITE


@pytest.fixture(scope="module")
def site(built):
    """The site's address on a server of this machine."""
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(built)))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


@pytest.fixture(scope="module")
def browser(site):
    if not chromium.PATH:
        absent(chromium.MISSING)
    from playwright.sync_api import sync_playwright
    try:
        playwright = sync_playwright().start()
    except Exception as error:  # its driver lacks a system library, libatomic1 on Debian
        absent(f"a Playwright that starts: {error}")
    with playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS) as browser:
        yield browser
    playwright.stop()


@pytest.fixture
def page(browser, site):
    """A new page; at its end nothing may have been asked of another machine, and nothing have failed."""
    page = browser.new_page(viewport={"width": 1280, "height": 900}, base_url=site)
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
