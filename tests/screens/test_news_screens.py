"""News and announcements in a real browser: somebody announces, others open it and say that they know (R110, R115)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from screens.test_console import browser, faults, page, server

__all__ = ["browser", "page", "server"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
TITLE = "Expense codes change on Monday"
HOSTILE = "Use the **new codes**.\n\n<script>document.title = 'owned'</script> [x](javascript:alert(1))"


def test_somebody_announces_a_reader_knows_and_the_reach_says_so_R110_R115(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/announcements")
    expect(page.get_by_text("Nothing was announced yet")).to_be_visible()
    page.get_by_role("textbox", name="Title").fill(TITLE)
    page.get_by_label("What changes, for whom").fill(HOSTILE)
    page.get_by_role("button", name="Announce").click()
    expect(page.get_by_role("alert").filter(has_text="Nobody is in this audience")).to_be_visible()
    expect(page.get_by_role("textbox", name="Title")).to_have_value(TITLE)

    for tenant in page.get_by_role("group", name="Tenants").get_by_role("checkbox").all():
        tenant.check()
    page.get_by_label("Everybody says that they know").check()
    page.get_by_role("button", name="Announce").click()
    expect(page.get_by_role("heading", name=TITLE)).to_be_visible()
    expect(page.locator("#main")).to_contain_text(re.compile(r"of \d+ people"))
    expect(page).not_to_have_title("owned")
    assert page.locator("#main script").count() == 0
    assert faults(page) == []

    page.goto("/news")
    expect(page.get_by_role("link", name="News 1")).to_be_visible()
    expect(page.get_by_text("Waits for your word")).to_be_visible()
    expect(page.get_by_role("button", name="Mark all as read")).to_have_count(0)  # a word is not read away
    assert faults(page) == []
    page.get_by_role("link", name=TITLE).click()
    assert faults(page) == []
    page.get_by_role("button", name="I know").click()
    expect(page.get_by_text("You said that you know")).to_be_visible()
    expect(page.get_by_role("link", name="News 0")).to_be_visible()
    page.goto("/announcements")
    expect(page.get_by_role("row", name=TITLE)).to_contain_text(re.compile(r"1 of \d+ know"))
    assert faults(page) == []


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
@pytest.mark.parametrize("path", ["/news", "/announcements"])
def test_every_page_fits_a_phone_and_has_no_fault(
    browser: Browser, page: Page, server: dict[str, Any], path: str, theme: Any
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme=theme)
    answer = page.goto(path)

    assert answer is not None and answer.status == 200
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert faults(page) == []
