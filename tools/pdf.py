"""Print the built site as one PDF: python tools/pdf.py [PAGE ...]

`pdf.js` puts the pages, all of them or those named, into one document, so that links, outline and tags are
Chromium's own. It is printed twice: the first time tells on which page each chapter begins, the second time
has that in the contents. The result is `_build/pdf/autoencoders-twice.pdf`; it tells the date of the commit,
and depends on nothing else than the site, its fonts and Chromium.
"""
import io
import re
import subprocess
import sys
from contextlib import contextmanager
from datetime import UTC, datetime
from html import escape
from pathlib import Path
from urllib.parse import unquote, urlsplit

import chromium
import pikepdf
import yaml
from playwright.sync_api import sync_playwright
from tqdm import tqdm

from aebook import __version__

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build/html"
RESULT = ROOT / "_build/pdf/autoencoders-twice.pdf"
HOST = "http://book"        # answered from SITE: nothing is asked of a network
WIDTH = 174                 # of the text, in mm: that of A4 less the margins in pdf.css
SUBTITLE = "A tested tutorial in PyTorch and TensorFlow"


def config():
    return yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))


def parts(wanted=()):
    """The parts of the book as [caption, pages], the first page in a part without a caption."""
    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    found = [[None, [toc["root"]]]] + [[part["caption"], [page["file"] for page in part["chapters"]]]
                                       for part in toc["parts"]]
    if unknown := set(wanted) - {name for _, names in found for name in names}:
        raise SystemExit(f"not in _toc.yml: {', '.join(sorted(unknown))}")
    found = [[caption, [name for name in names if not wanted or name in wanted]] for caption, names in found]
    return [[caption, names] for caption, names in found if names]


def committed():
    """When the last commit was made, in UTC, or None outside a repository."""
    told = subprocess.run(["git", "log", "-1", "--format=%cI"], cwd=ROOT, capture_output=True, text=True)
    return datetime.fromisoformat(told.stdout.strip()).astimezone(UTC) if told.returncode == 0 else None


def title_page(config, date):
    edition = f"Version {__version__}" + (f", {date:%B} {date.day}, {date.year}" if date else "")
    address, source = config["html"]["baseurl"], config["repository"]["url"]
    links = "".join(f'<p><a href="{escape(url)}">{escape(url)}</a></p>' for url in (address, source) if url)
    return f"""<section class="title-page">
        <img src="/_static/logo.svg" alt=""><p class="title">{escape(config["title"])}</p><p>{SUBTITLE}</p>
        <p class="edition">{escape(config["author"])}</p><p>{edition}</p>{links}
        <p class="license">© {config["copyright"]} {escape(config["author"])}. Text and figures:
        <a href="https://creativecommons.org/licenses/by/4.0/">CC BY 4.0</a>.
        Code: <a href="https://opensource.org/license/bsd-3-clause">BSD 3-Clause</a>.</p></section>"""


@contextmanager
def document(browser, wanted=()):
    """A browser's page with the whole book, as it will be printed."""
    told = config()
    empty = f'<!DOCTYPE html><html lang="en" data-theme="light"><title>{escape(told["title"])}</title>'
    page = browser.new_page(viewport={"width": round(WIDTH / 25.4 * 96), "height": 1000}, base_url=HOST)
    bad = []

    def answer(route):
        path = SITE / unquote(urlsplit(route.request.url).path).lstrip("/")
        if route.request.url == f"{HOST}/":
            route.fulfill(body=empty, content_type="text/html")
        elif route.request.url.startswith(HOST) and path.is_file():
            route.fulfill(path=path)
        else:
            bad.append(route.request.url)
            route.abort()

    page.route("**/*", answer)
    page.emulate_media(media="print", color_scheme="light")
    page.goto("/")
    page.add_script_tag(path=Path(__file__).with_suffix(".js"))
    page.evaluate("([parts, front, published]) => gather(parts, front, published)",
                  [parts(wanted), title_page(told, committed()), told["html"]["baseurl"].rstrip("/")])
    page.add_style_tag(path=Path(__file__).with_suffix(".css"))
    page.evaluate("typeset()")
    yield page
    page.close()
    if bad:
        raise SystemExit(f"not in the built site: {', '.join(bad)}")


def begins(pdf):
    """The number of the page on which each place begins that a link leads to."""
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        numbers = {page.objgen: i for i, page in enumerate(opened.pages, 1)}
        return {name.lstrip("/"): numbers[place[0].objgen] for name, place in opened.Root.Dests.items()}


def entries(items):
    """The entries of an outline in the order in which one reads them."""
    for item in items:
        yield item
        yield from entries(item.children)


NODE = re.compile(rb"\(node\d{8}\)")


def renumbered(pdf):
    """The same file with the heads of table columns numbered in order: Chromium's numbers differ between runs."""
    numbers = {node: b"(node%08d)" % i for i, node in enumerate(dict.fromkeys(NODE.findall(pdf)))}
    return NODE.sub(lambda match: numbers[match[0]], pdf)


def sort_nodes(opened):
    """The index of these numbers has to be sorted."""
    structure = opened.Root.StructTreeRoot
    if "/IDTree" in structure:
        index = pikepdf.NameTree.new(opened)
        for node, element in sorted(pikepdf.NameTree(structure.IDTree).items(), key=lambda item: item[0]):
            index[node] = element
        structure.IDTree = index.obj


def finish(pdf, titles, config, date, result):
    """Write the file, small, with the properties of the book instead of those of its printer."""
    with pikepdf.open(io.BytesIO(renumbered(pdf))) as opened:
        with opened.open_outline() as outline:
            for entry, title in zip(entries(outline.root), titles, strict=True):
                entry.title = title
        stamp = {"/CreationDate": f"D:{date:%Y%m%d%H%M%S}Z"} if date else {}
        opened.trailer.Info = opened.make_indirect(pikepdf.Dictionary(
            {"/Title": config["title"], "/Author": config["author"], "/Subject": SUBTITLE} | stamp))
        sort_nodes(opened)
        opened.Root.PageMode = pikepdf.Name.UseOutlines
        result.parent.mkdir(parents=True, exist_ok=True)
        opened.save(result, object_stream_mode=pikepdf.ObjectStreamMode.generate, deterministic_id=True)


def build(browser, wanted=(), result=RESULT):
    """Print the pages that are wanted, all of them by default, as one file."""
    with tqdm(total=4, bar_format="{n}/{total} {desc:24}{bar}| {elapsed}") as bar:
        def step(what):
            bar.set_description(what)
            bar.update()

        step("Gather pages, set math")
        with document(browser, wanted) as page:
            if wide := page.evaluate("wide()"):
                raise SystemExit("wider than the page:\n" + "\n".join(wide))
            step("Number the pages")
            first = begins(page.pdf(prefer_css_page_size=True))
            page.evaluate("numbers => number(numbers)", first)
            step("Print")
            pdf = page.pdf(prefer_css_page_size=True, outline=True, tagged=True)
            titles = page.evaluate("titles")
        step("Write")
        if begins(pdf) != first:
            raise SystemExit("a chapter moved when the page numbers were filled in")
        finish(pdf, titles, config(), committed(), result)


def main(wanted):
    if not SITE.is_dir():
        raise SystemExit("The PDF needs the built site: make book")
    if not chromium.PATH:
        raise SystemExit(f"The PDF needs {chromium.MISSING}")
    with sync_playwright() as playwright:
        with playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS) as browser:
            build(browser, wanted)
    print(RESULT.relative_to(ROOT))


if __name__ == "__main__":
    main(sys.argv[1:])
