"""How soon the text of a page appears on a slow line: python benchmarks/first_paint.py book/background/rise

The built site (`make book`) is served compressed, as a host of sites does, to a new browser for each run, over a line
of 1.6 Mbit/s with 150 ms there and back. The times are the browser's own, from its request for the page to the first
text or picture (first contentful paint) and to the end of loading; median, least and greatest of the runs.
"""
import argparse
import gzip
import http.server
import mimetypes
import sys
import threading
from pathlib import Path
from statistics import median

from machine import head, load_average, table

ROOT = Path(__file__).parents[1]
SITE = ROOT / "_build/html"
sys.path.insert(0, str(ROOT / "tools"))
import chromium  # noqa: E402

PACKED = {".png", ".jpg", ".woff", ".woff2", ".gz"}     # sent as they are
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1.6e6 / 8, "uploadThroughput": 0.75e6 / 8}
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"
LOADED = "performance.getEntriesByType('navigation')[0].loadEventStart"
SENT = """['navigation', 'resource'].flatMap(type => performance.getEntriesByType(type))
    .reduce((sum, entry) => sum + entry.transferSize, 0)"""


class Compressed(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        file = SITE / self.path.partition("?")[0].lstrip("/")
        found = file.is_file()
        body = file.read_bytes() if found else b""
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", mimetypes.guess_type(file.name)[0] or "application/octet-stream")
        if found and file.suffix not in PACKED:
            body = gzip.compress(body, 6)
            self.send_header("Content-Encoding", "gzip")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


def visit(browser, address):
    """Milliseconds to the first paint and to the end of loading of a first visit, and the bytes sent."""
    context = browser.new_context(viewport={"width": 390, "height": 844})
    page = context.new_page()
    session = context.new_cdp_session(page)
    session.send("Network.enable")
    session.send("Network.emulateNetworkConditions", LINE)
    page.goto(address, wait_until="load", timeout=120_000)
    found = [page.evaluate(what) for what in (PAINT, LOADED, SENT)]
    context.close()
    return found


def main(pages, runs):
    from playwright.sync_api import sync_playwright
    if not SITE.is_dir() or not chromium.PATH:
        raise SystemExit("Needs the built site (make book) and " + chromium.MISSING)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Compressed)
    server.handle_error = lambda *_: None      # a browser that has left
    threading.Thread(target=server.serve_forever, daemon=True).start()
    rows = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.PATH, args=chromium.ARGUMENTS)
        print(*head({"Chromium": browser.version}, line="1.6 Mbit/s, 150 ms", window="390 x 844", runs=runs,
                    load_average=load_average()), "", sep="\n")
        for page in pages:
            times = [visit(browser, f"http://127.0.0.1:{server.server_address[1]}/{page}.html") for _ in range(runs)]
            columns = [*zip(*times)]
            paint, loaded, sent = (median(column) for column in columns)
            rows.append([page, f"{paint / 1e3:.2f} s", f"{min(columns[0]) / 1e3:.2f} to {max(columns[0]) / 1e3:.2f} s",
                         f"{loaded / 1e3:.1f} s", f"{sent / 1e3:.0f} kB"])
        browser.close()
    print(*table(["page", "first paint", "of all runs", "loaded", "compressed"], rows), sep="\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("pages", nargs="*", default=["book/intro", "book/background/rise"])
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    main(args.pages, args.runs)
