"""How readers find a page: the map, previous and next, descriptions, canonical addresses, the sitemap, the 404 page."""
import http.server
import re
import threading
from urllib.parse import urlsplit
from xml.etree import ElementTree

import nbformat
import pytest
from pages import BASE, CHAPTERS, PAGES, PARTS, ROOT, parsed


def words(text):
    return re.findall(r"\w+", text.lower())


@pytest.fixture(scope="module")
def questions(built):
    """Each chapter's question as its own page shows it."""
    found = {name: parsed(built / f"{name}.html").select_one("article strong").text for name in CHAPTERS}
    assert {question.partition(": ")[0] for question in found.values()} == {"The question of this chapter"}
    return {name: question.partition(": ")[2] for name, question in found.items()}


def test_questions_are_plain_words():
    """They stand on other pages, too, and in descriptions, where a formula is not rendered."""
    for name in CHAPTERS:
        first = nbformat.read(ROOT / f"{name}.ipynb", as_version=4).cells[0].source
        assert not re.search(r"[$\\]", re.search(r"\*\*The question .*?\*\*", first, re.S)[0]), name


def test_the_map_lists_every_chapter_with_its_question_in_reading_order(built, questions):
    page = parsed(built / "book/intro.html")
    lists = page.select("ol.book-map")
    parts = {name: pages for name, pages in PARTS.items() if pages[0] in CHAPTERS}
    assert [ol.find_parent("section").select_one("h3").contents[0] for ol in lists] == list(parts)
    for ol, names in zip(lists, parts.values()):
        assert [a["href"] for a in ol.select("a")] == [f"{name.removeprefix('book/')}.html" for name in names]
        for item, name in zip(ol.select("li"), names, strict=True):
            title, question = item.select("p")
            assert title.text == parsed(built / f"{name}.html").select_one("h1").contents[0]
            assert words(question.text) == words(questions[name])


def test_previous_and_next_show_the_questions(built, questions):
    shown = 0
    for i, name in enumerate(PAGES):
        page = parsed(built / f"{name}.html")
        for link, other in ((".left-prev", PAGES[i - 1] if i else None), (".right-next", (*PAGES, None)[i + 1])):
            found = page.select_one(link)
            assert (found is None) == (other is None)
            question = found and found.select_one(".prev-next-question")
            assert bool(question) == (other in questions)
            if question:
                assert words(question.text) == words(questions[other])
                shown += 1
    assert shown == 2 * len(CHAPTERS)


def test_every_page_has_its_own_description(built, questions):
    seen = {}
    for path in built.rglob("*.html"):
        if path != built / "index.html" and "_static" not in path.parts:    # the first leads on to the first page
            page = parsed(path)
            (description,), (shared,), (title,) = (
                page.select(f"meta[{key}]") for key in ('name="description"', 'property="og:description"',
                                                        'property="og:title"'))
            assert description["content"] == shared["content"]
            assert title["content"]
            assert 20 < len(description["content"]) <= 302
            seen[path.relative_to(built).with_suffix("").as_posix()] = description["content"]
    assert set(seen) >= set(PAGES)
    assert len(set(seen.values())) == len(seen)
    for name, question in questions.items():
        assert " ".join(words(question))[:150] in " ".join(words(seen[name]))


def test_canonical_addresses_and_the_sitemap(built):
    for name in PAGES:
        (link,) = parsed(built / f"{name}.html").select('link[rel="canonical"]')
        assert link["href"] == f"{BASE}/{name}.html"
    tree = ElementTree.parse(built / "sitemap.xml")
    found = [loc.text for loc in tree.iter("{http://www.sitemaps.org/schemas/sitemap/0.9}loc")]
    assert sorted(found) == sorted(f"{BASE}/{name}.html" for name in PAGES)


def test_without_an_address_there_is_neither(tmp_path):
    """Nor a warning; and the 404 page takes the site to be at the root of its host."""
    from sphinx.application import Sphinx
    (tmp_path / "index.rst").write_text("Title\n=====\n\nOne sentence. Another.\n")
    warnings = []
    Sphinx(tmp_path, None, tmp_path / "out", tmp_path / "trees", "html", status=None,
           warning=type("Log", (), {"write": warnings.append, "flush": lambda self: None})(),
           confoverrides={"extensions": ["descriptions", "sitemap", "not_found"], "html_title": "A book"}).build()
    assert warnings == []
    page = parsed(tmp_path / "out/index.html")
    assert page.select_one('meta[name="description"]')["content"] == "One sentence."
    assert not page.select('link[rel="canonical"], meta[property="og:url"]')
    assert not (tmp_path / "out/sitemap.xml").exists()
    assert parsed(tmp_path / "out/404.html").select_one('link[rel="stylesheet"]')["href"].startswith("/_static/")


@pytest.fixture
def published(built):
    """The site as GitHub Pages serves it: below a path, with 404.html for whatever does not exist."""
    prefix = urlsplit(BASE).path

    class Pages(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=str(built))

        def do_GET(self):
            path = self.path.partition("?")[0]
            if path.startswith(f"{prefix}/") and (built / path[len(prefix) + 1:]).is_file():
                self.path = path[len(prefix):]
                super().do_GET()
            else:
                self.send_response(404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.end_headers()
                self.wfile.write((built / "404.html").read_bytes())

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}{prefix}"
    server.shutdown()


def test_the_404_page_is_whole_at_any_depth(browser, published):
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    answers = []
    page.on("response", lambda answer: answers.append((answer.status, answer.url)))
    missing = f"{published}/book/no/such/page.html"
    page.goto(missing)
    page.wait_for_load_state("networkidle")
    assert [url for status, url in answers if status >= 400] == [missing]
    assert sum(url.startswith(f"{published}/_static/") for status, url in answers if status == 200) > 5
    assert page.locator("article h1").inner_text() == "This page does not exist"
    assert page.locator(".bd-sidebar-primary").bounding_box()["x"] == 0     # laid out, not a bare list of links
    for name in ("The first page", "The rise of autoencoders"):
        page.goto(missing)
        page.get_by_role("link", name=name).click()
        page.wait_for_load_state("networkidle")
        assert page.locator("article h1").inner_text() != "This page does not exist"
    page.close()
