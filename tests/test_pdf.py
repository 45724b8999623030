"""The PDF of the book: all of it fits the paper; two chapters are printed and read back by another program.

Needs what `test_site.py` needs.
"""
import json
import re
from urllib.parse import urlsplit

import chromium
import pdf
import pikepdf
import pypdfium2
import pytest
from pages import CHAPTERS, PAGES, PARTS, ROOT, TOC, parsed

FIRST, SECOND = "book/structure/encoder_decoder", "book/practice/mnist"     # the shortest
PRINTED = [TOC["root"], FIRST, SECOND, "book/notation"]
MM = 72 / 25.4


@pytest.fixture(scope="module")
def file(browser, tmp_path_factory):
    path = tmp_path_factory.mktemp("pdf") / "book.pdf"
    pdf.build(browser, PRINTED, path)
    return path


@pytest.fixture(scope="module")
def opened(file):
    with pikepdf.open(file) as opened:
        yield opened


@pytest.fixture(scope="module")
def read(file):
    with pypdfium2.PdfDocument(file) as read:
        yield read


@pytest.fixture(scope="module")
def texts(read):
    """The text of each page, as it can be copied."""
    return [page.get_textpage().get_text_range() for page in read]


@pytest.fixture(scope="module")
def outline(read):
    """The entries as (level, title, page number)."""
    return [(mark.level, mark.get_title(), mark.get_dest().get_index() + 1) for mark in read.get_toc()]


def solid(text):
    """A text without what a line break or a layout changes."""
    return re.sub(r"[\s\x02\ufffe]", "", text)


def title(built, name):
    heading = parsed(built / f"{name}.html").select_one("article h1")
    return next(heading.stripped_strings)


def headings(built, name):
    """The headings of a page as (level, solid title)."""
    found = parsed(built / f"{name}.html").select("article :is(h1, h2, h3, h4)")
    return [(int(heading.name[1]), solid("".join(heading.strings).removesuffix("#"))) for heading in found]


def cells(name):
    """The code cells of a chapter but the one for Colab, as (tags, code)."""
    for cell in json.loads((ROOT / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]:
        code = "".join(cell["source"])
        if cell["cell_type"] == "code" and "%pip install" not in code:
            yield set(cell["metadata"].get("tags", [])), code


def annotations(opened):
    return [note for page in opened.pages for note in page.get("/Annots", [])]


def test_the_whole_book_fits_the_paper(browser, built):
    """Every page is there, every identifier is one place's, every link within the book has a place, math is set."""
    with pdf.document(browser) as page:
        assert page.evaluate("wide()") == []
        assert page.locator("section.bd-content").count() == len(PAGES)
        assert page.locator("mjx-container").count() == page.locator(".math").count() > 1000
        assert page.locator("mjx-merror").count() == 0
        ids, links = page.evaluate("""[[...document.querySelectorAll('[id]')].map(tag => tag.id),
            [...document.querySelectorAll('a[href^="#"]')].map(link => link.getAttribute('href').slice(1))]""")
    assert len(ids) == len(set(ids))
    assert set(links) - set(ids) == set()


def test_what_is_too_wide_is_noticed(browser, built):
    with pdf.document(browser, ["book/notation"]) as page:
        assert page.evaluate("wide()") == []
        page.evaluate("document.querySelector('article p').style.width = '1000px'")
        assert len(page.evaluate("wide()")) == 1


def test_the_contents_tell_where_a_chapter_begins(built, texts, outline):
    """The number in the contents, the one printed on the page, and the one in the outline."""
    for name in PRINTED[1:]:
        begin = next(page for level, entry, page in outline if level == 1 and entry == title(built, name))
        assert re.search(rf"^{re.escape(title(built, name))}\s+{begin}\s*$", texts[1], re.MULTILINE)
        heads = [text.splitlines()[:2] for text in texts]       # the chapter's title and the number, above and below
        assert [title(built, name), str(begin)] == heads[begin - 1] != heads[begin - 2]
        assert title(built, name) not in heads[begin - 2]


def test_the_outline_has_parts_chapters_and_sections(built, outline):
    intro, *chapters = PRINTED
    expected = [(0, "Contents"), (0, "Aboutthisbook")]
    expected += [(level - 1, entry) for level, entry in headings(built, intro)[1:]]
    for caption, names in PARTS.items():
        of_part = [entry for name in names if name in chapters for entry in headings(built, name)]
        expected += [(0, caption), *of_part] if of_part else []
    assert [(level, solid(entry)) for level, entry, _ in outline] == expected
    pages = [page for _, _, page in outline]
    assert pages == sorted(pages)


@pytest.mark.parametrize("name", [FIRST, SECOND])
def test_every_line_of_code_is_there_whole_in_both_frameworks(texts, name):
    everything = solid("".join(texts))
    seen = set()
    for tags, code in cells(name):
        seen |= tags
        assert [line for line in code.splitlines() if solid(line) not in everything] == []
    assert {"torch", "tensorflow"} <= seen
    assert "Showthe" not in everything and "installitinColab" not in everything


def test_nothing_reaches_into_the_margins(read):
    """No character is cut off at the edge of the paper, and no page is empty."""
    for number, page in enumerate(read, 1):
        assert page.get_size() == pytest.approx((210 * MM, 297 * MM), abs=1)
        text = page.get_textpage()
        boxes = [text.get_charbox(i) for i in range(text.count_chars())]
        assert len(boxes) > 100, f"page {number}"
        assert min(left for left, _, right, _ in boxes if right > left) > 17 * MM, f"page {number}"
        assert max(right for left, _, right, _ in boxes) < 193 * MM, f"page {number}"


def test_links_lead_into_the_file_or_to_the_web(opened):
    links = annotations(opened)
    inside = [str(link.Dest) for link in links if "/Dest" in link]
    outside = {str(link.A.URI) for link in links if "/A" in link}
    assert len(inside) >= 2 * len(PRINTED) and set(inside) <= set(opened.Root.Dests.keys())
    assert {urlsplit(url).scheme for url in outside} <= {"http", "https"}
    assert {urlsplit(url).hostname for url in outside}.isdisjoint({"book", "localhost", "127.0.0.1"})
    published = pdf.config()["html"]["baseurl"]
    other = CHAPTERS[0]
    assert f"{published}/{other}.html" in outside       # it is not in this file


def test_properties(opened):
    told = pdf.config()
    assert str(opened.docinfo["/Title"]) == told["title"] and str(opened.docinfo["/Author"]) == told["author"]
    assert str(opened.Root.Lang) == "en" and opened.Root.MarkInfo.Marked
    made = pdf.committed()
    assert opened.docinfo.get("/CreationDate") == (f"D:{made:%Y%m%d%H%M%S}Z" if made else None)
    fonts = [font for page in opened.pages for font in page.Resources.get("/Font", {}).values()]
    assert fonts
    for font in fonts:
        if font.Subtype != "/Type3":        # such a font is drawn in the file
            described = font.get("/DescendantFonts", [font])[0].FontDescriptor
            assert any(key.startswith("/FontFile") for key in described.keys())


def test_the_same_site_gives_the_same_file(browser, built, tmp_path):
    """From a browser that has just started, as `make pdf` has it: Chromium counts what it tags from then on."""
    for path in (one := tmp_path / "one.pdf", other := tmp_path / "other.pdf"):
        with browser.browser_type.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS) as new:
            pdf.build(new, ["book/notation"], path)
    assert one.read_bytes() == other.read_bytes()


def test_an_unknown_page_is_named():
    with pytest.raises(SystemExit, match="book/nothing"):
        pdf.parts(["book/nothing"])


def test_what_is_missing_is_said_with_what_to_do(monkeypatch, tmp_path):
    monkeypatch.setattr(pdf, "SITE", tmp_path)
    monkeypatch.setattr(chromium, "PATH", None)
    with pytest.raises(SystemExit, match="install it"):
        pdf.main([])
    monkeypatch.setattr(pdf, "SITE", tmp_path / "nothing")
    with pytest.raises(SystemExit, match="make book"):
        pdf.main([])
