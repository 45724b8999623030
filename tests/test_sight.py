"""Claims in sight: each stored claim stands once on its page, with its numbers, and on the status page; times above.

What is expected is read from the notebooks here, not by the code under test.
"""
import re

import claims_in_sight
import nbformat
import pytest
from bs4 import BeautifulSoup
from chapters import Claim, claims, reading_minutes
from docutils import nodes
from pages import CHAPTERS, ROOT, parsed

each_chapter = pytest.mark.parametrize("name", CHAPTERS)
WORDS = {"<": "less than", "<=": "at most", ">": "more than", ">=": "at least", "==": "exactly"}
STORED = {"sentence": "Two is more than one", "value": 2.0, "relation": ">", "bound": 1.0, "judged": True}


def notebook(name):
    return nbformat.read(ROOT / f"{name}.ipynb", as_version=4)


def stored_claims(nb):
    return [output.metadata.aebook.claim for cell in nb.cells for output in cell.get("outputs", [])
            if "claim" in output.get("metadata", {}).get("aebook", {})]


def facts(details):
    """What a click shows: name -> text."""
    return {dt.text: dt.find_next_sibling("dd").text for dt in details.select("dt")}


def in_words(claim):
    return f"{WORDS[claim['relation']]} {claim['bound']:.6g}"


@each_chapter
def test_every_claim_is_set_off_once_with_its_numbers(name, built):
    page, stored = parsed(built / f"{name}.html"), stored_claims(notebook(name))
    shown = page.select("details.claim")
    sentences = [c.sentence.replace("`", "") for c in stored]       # a name between backticks is code
    assert [d.select_one(".claim-text").text for d in shown] == [f"Verified: {sentence}" for sentence in sentences]
    for details, claim in zip(shown, stored):
        numbers = facts(details)
        assert (numbers["Measured"], numbers["Claimed"]) == (f"{claim.value:.6g}", in_words(claim))
        assert numbers.get("Data") == claim.get("data")
        assert details.select_one("data")["value"] == repr(claim.value)
        assert details.select_one("a")["href"] == f"#{details['id']}"
    ids = [tag["id"] for tag in page.select("[id]")]
    assert len({d["id"] for d in shown} & {i for i in ids if ids.count(i) == 1}) == len(stored)
    assert not [output for output in page.select(".cell_output pre") if "✓" in output.text]     # none is left as it was


def test_a_claim_that_was_not_judged_is_not_shown_as_verified():
    judged, not_judged = (BeautifulSoup(claims_in_sight.claim_html("a", STORED | {"judged": was}), "html.parser")
                          for was in (True, False))
    assert "✓" in judged.text and "Verified" in judged.text and not judged.select(".not-judged")
    assert "✓" not in not_judged.text and "Verified" not in not_judged.text and "Not judged" in not_judged.text
    assert not_judged.select(".not-judged")


def test_whatever_else_a_claim_stores_is_shown_with_its_numbers():
    numbers = STORED | {"data": "mnist", "frameworks": {"PyTorch": 2.5, "TensorFlow": 2.0}, "sentence": "a < b & c"}
    shown = BeautifulSoup(claims_in_sight.claim_html("a", numbers), "html.parser")
    assert facts(shown)["Data"] == "mnist"
    assert facts(shown)["Frameworks"] == "PyTorch 2.5, TensorFlow 2"
    assert "a < b & c" in shown.text


def test_a_claim_that_the_page_does_not_show_is_a_warning(monkeypatch):
    """And so an error: the build is strict."""
    said = []
    monkeypatch.setattr(claims_in_sight.log, "warning", lambda text, **_: said.append(text))
    for printed, warnings in (("✓ Two is more than one", 0), ("✓ Something else", 1)):
        output = nodes.container("", nodes.literal_block("", printed), nb_element="mime_bundle")
        cell = nodes.container("", output, nb_element="cell_code")
        claims_in_sight.set_off(cell, [Claim(0, "✓ Two is more than one", "a", STORED)])
        assert len(said) == warnings
        assert ("<details" in cell.astext()) == (warnings == 0)


def test_equal_sentences_get_different_anchors():
    output = {"metadata": {"aebook": {"claim": STORED}}, "data": {"text/plain": "✓"}}
    nb = {"cells": [{"outputs": [output, output]}, {"outputs": [output]}]}
    assert [claim.anchor for claim in claims(nb)] == [f"claim-two-is-more-than-one{end}" for end in ("", "-2", "-3")]


def test_the_status_page_counts_and_links_every_claim(built):
    page = parsed(built / "book/status.html")
    rows = {row.select_one("a")["href"]: row for row in page.select("table.status tbody tr")}
    assert list(rows) == [f"{name.removeprefix('book/')}.html" for name in CHAPTERS]
    lists = page.select("details.claim-list")
    assert len(lists) == len(CHAPTERS)
    total = 0
    for name, (href, row), listed in zip(CHAPTERS, rows.items(), lists):
        nb = notebook(name)
        stored, run = stored_claims(nb), nb.metadata.aebook
        number, time = row.select("td")
        assert number.text == str(len(stored))
        assert listed.select_one("ul")["id"] == number.select_one("a")["href"].removeprefix("#")
        assert [a.text for a in listed.select("a")] == [claim.sentence.replace("`", "") for claim in stored]
        anchors = [f"{href}#{d['id']}" for d in parsed(built / f"{name}.html").select("details.claim")]
        assert [a["href"] for a in listed.select("a")] == anchors
        assert time.text == (f"{run.seconds} seconds" if run.get("seconds", 100) < 100 else
                             f"{run.seconds / 60:.0f} minutes" if "seconds" in run else "—")
        assert set(re.findall(r"\d[\d.]*\d", row.select_one(".versions").text)) == set(run.get("versions", {}).values())
        total += len(stored)
    assert page.select_one("table.status tfoot td").text == str(total)


def test_reading_time_counts_words_and_the_code_that_is_shown():
    cells = [nbformat.v4.new_markdown_cell("word " * 2000), nbformat.v4.new_code_cell("x = 1\n\n" * 150)]
    for tag in ("hide-cell", "hide-input", "tensorflow"):      # folded, or shown in place of PyTorch's
        cells.append(nbformat.v4.new_code_cell("x = 1\n" * 999, metadata={"tags": [tag]}))
    assert reading_minutes(nbformat.v4.new_notebook(cells=cells)) == 2000 / 200 + 150 / 15


@each_chapter
def test_the_times_stand_once_at_the_top_of_the_chapter(name, built):
    nb, article = notebook(name), parsed(built / f"{name}.html").select_one("article")
    by_hand = re.search(r"\*Takes ([^.]*) to run\.", nb.cells[0].source)[1]
    run = nb.metadata.aebook.get("seconds")
    (line,) = article.select("h1 + .chapter-facts")
    time = by_hand if run is None else f"{run} seconds" if run < 100 else f"{run / 60:.0f} minutes"
    minutes = reading_minutes(nb)
    assert line.text == f"About {minutes} minutes to read · {time} to run · {len(stored_claims(nb))} claims checked"
    assert f"Takes {by_hand}" not in article.text


def test_the_numbers_open_by_keyboard(page):
    page.goto(f"/{CHAPTERS[0]}.html")
    summary = page.locator("details.claim > summary").first
    numbers = page.locator("details.claim > dl").first
    assert not numbers.is_visible()
    summary.focus()
    page.keyboard.press("Enter")
    assert numbers.is_visible()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.closest('details.claim dl') !== null")     # the link is next


def test_a_link_to_a_claim_opens_the_solution_it_stands_in(page, built):
    name, anchor = next((name, claim["id"]) for name in CHAPTERS
                        for claim in parsed(built / f"{name}.html").select("details.hide details.claim"))
    page.goto(f"/{name}.html")
    assert not page.locator(f"#{anchor}").is_visible()
    page.goto("about:blank")
    page.goto(f"/{name}.html#{anchor}")
    page.wait_for_selector(f"#{anchor}", state="visible")


def test_on_paper_the_numbers_are_printed(page):
    page.goto(f"/{CHAPTERS[0]}.html")
    page.emulate_media(media="print")
    assert page.evaluate("""(() => { const numbers = document.querySelector('details.claim > dl');
        return !numbers.parentElement.open && numbers.checkVisibility() && numbers.clientHeight > 0; })()""")
