"""The pages of the built site as trees, and the names of those in the table of contents."""
import functools
import re
from pathlib import Path

import yaml
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[1]
TOC = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
BASE = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))["html"]["baseurl"]    # may be empty
PARTS = {part["caption"]: [page["file"] for page in part["chapters"]] for part in TOC["parts"]}
PAGES = [TOC["root"], *(page for pages in PARTS.values() for page in pages)]
CHAPTERS = [page for page in PAGES if (ROOT / f"{page}.ipynb").is_file()]


@functools.cache
def parsed(path):
    """A page as a tree, without the colors of its code: they are nine tenths of it."""
    html = path.read_text(encoding="utf-8")
    return BeautifulSoup(re.sub(r"<pre>.*?</pre>", lambda pre: f"<pre>{re.sub('<.*?>', '', pre[0])}</pre>", html,
                                flags=re.S), "html.parser")
