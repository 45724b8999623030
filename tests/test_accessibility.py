"""axe-core finds nothing serious on one page of each kind: the map, a chapter, a table of links, references, numbers."""
import pytest
from pages import CHAPTERS

KNOWN = {("aria-required-children", ".citation-list")}     # docutils' own markup of a bibliography


@pytest.mark.parametrize("name", ["book/intro", CHAPTERS[0], "book/practice/choosing", "book/references", "book/status"])
def test_axe_finds_nothing_serious(page, name):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    page.goto(f"/{name}.html")
    page.wait_for_load_state("networkidle")
    # Colored code is thousands of elements and nine tenths of the time.
    found = axe.run(page, context={"exclude": [["pre"]]}, options={"resultTypes": ["violations"]}).response
    assert len(found["passes"]) > 10
    assert [(rule["id"], node["target"][0], node["failureSummary"]) for rule in found["violations"]
            if rule["impact"] in ("serious", "critical") for node in rule["nodes"]
            if (rule["id"], node["target"][0]) not in KNOWN] == []
