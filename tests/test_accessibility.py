"""axe-core finds nothing serious on one page of each kind: map, chapter, table of links, references, numbers."""
import pytest
from axe_playwright_python.sync_playwright import Axe
from pages import CHAPTERS

KNOWN = {("aria-required-children", ".citation-list")}     # docutils' own markup of a bibliography
PAGES = ["book/intro", CHAPTERS[0], "book/practice/choosing", "book/references", "book/status"]


@pytest.mark.parametrize("name", PAGES)
def test_axe_finds_nothing_serious(page, name):
    page.goto(f"/{name}.html")
    page.wait_for_load_state("networkidle")
    # Colored code is thousands of elements and nine tenths of the time; preload asks for style sheets again.
    options = {"resultTypes": ["violations"], "preload": False}
    found = Axe().run(page, context={"exclude": [["pre"]]}, options=options).response
    assert len(found["passes"]) > 10
    assert [(rule["id"], node["target"][0], node["failureSummary"]) for rule in found["violations"]
            if rule["impact"] in ("serious", "critical") for node in rule["nodes"]
            if (rule["id"], node["target"][0]) not in KNOWN] == []
