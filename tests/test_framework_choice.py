"""The choice of framework: a switch in the header, the address, memory across pages, paper."""
import pytest
from pages import CHAPTERS, PAGES, parsed
from test_site import chosen, show

FIRST, SECOND = CHAPTERS[:2]
OTHER = {"torch": "tensorflow", "tensorflow": "torch"}


def control(page):
    return page.get_by_role("switch", name="TensorFlow instead of PyTorch")


def state(page):
    """What the tabs show, if they agree with each other and with the switch."""
    (framework,) = set(chosen(page))
    assert control(page).get_attribute("aria-checked") == str(framework == "tensorflow").lower()
    return framework


def test_pages_with_tabs_have_the_switch_and_no_others(built):
    for name in PAGES:
        page = parsed(built / f"{name}.html")
        assert len(page.select(".framework-switch")) == (1 if page.select(".framework-tabs") else 0)


@pytest.mark.parametrize("framework", OTHER)
def test_the_address_decides_and_is_remembered(page, framework):
    show(page, FIRST)
    page.evaluate("other => localStorage.setItem('sphinx-design-tab-id-framework', other)", OTHER[framework])
    show(page, FIRST, f"?framework={framework}")
    assert state(page) == framework
    show(page, SECOND)
    assert state(page) == framework


def test_the_address_of_a_page_without_tabs_is_remembered_too(page):
    show(page, "book/intro", "?framework=tensorflow")
    show(page, FIRST)
    assert state(page) == "tensorflow"


def test_an_unknown_framework_in_the_address_changes_nothing(page):
    show(page, FIRST, "?framework=tensorflow")
    show(page, FIRST, "?framework=fortran&x=1")
    assert state(page) == "tensorflow"
    assert page.url.endswith("?x=1")
    show(page, SECOND)
    assert state(page) == "tensorflow"


def test_the_switch_changes_tabs_address_and_memory(page):
    show(page, FIRST, "?x=1#summary")
    for framework in ("tensorflow", "torch", "tensorflow"):
        control(page).click()
        assert state(page) == framework
        assert page.url.endswith(f"?x=1&framework={framework}#summary")
    show(page, SECOND)
    assert state(page) == "tensorflow"


def test_a_tab_changes_the_switch_and_the_address(page):
    show(page, FIRST)
    page.locator(".framework-tabs label", has_text="TensorFlow").last.click()
    assert state(page) == "tensorflow"
    assert page.url.endswith("?framework=tensorflow")


@pytest.mark.parametrize("width", [350, 1280])
def test_the_keyboard_reaches_the_switch_and_sees_it(page, width):
    page.set_viewport_size({"width": width, "height": 740})
    show(page, FIRST)
    for _ in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('.framework-switch')"):
            break
    assert page.evaluate("parseFloat(getComputedStyle(document.activeElement).outlineWidth)") >= 2
    assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
    page.keyboard.press("Space")
    assert state(page) == "tensorflow"
    assert control(page).locator("span:visible").all_inner_texts()[-1] == "TensorFlow"
    page.keyboard.press("Enter")
    assert state(page) == "torch"
    box = control(page).bounding_box()
    assert box["height"] >= 24 and box["width"] >= 24
    assert box["x"] >= 0 and box["x"] + box["width"] <= width


def test_without_storage_the_switch_and_the_address_still_work(page):
    page.add_init_script("Storage.prototype.setItem = key => { if (key.includes('framework')) throw new Error() }")
    page.goto(f"/{FIRST}.html?framework=tensorflow")
    assert state(page) == "tensorflow"
    control(page).click()
    assert state(page) == "torch"


def test_paper_has_both_frameworks_and_no_switch(page):
    show(page, FIRST)
    page.emulate_media(media="print")
    tabs = page.locator(".framework-tabs > .sd-tab-content")
    assert tabs.count() > 0
    assert all(tab.is_visible() for tab in tabs.all())
    assert not page.locator(".framework-switch").is_visible()
