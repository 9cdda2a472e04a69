"""Playbooks in a real browser: somebody practises the way back, and support copies an answer (R119, R120, R121)."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from screens.test_console import browser, faults, page, server

__all__ = ["browser", "page", "server"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
BACK = "/playbooks/take-unified-approvals-back"


def test_somebody_practises_the_way_back_and_the_page_judges_it_R120(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/playbooks")
    expect(page.get_by_role("row", name="Take unified approvals back")).to_contain_text("Never practised")
    assert faults(page) == []
    page.get_by_role("link", name="Take unified approvals back").first.click()
    expect(page.get_by_text("Rollback drill: none was held")).to_be_visible()
    page.get_by_label("What has gone wrong in this drill").fill("Errors <b>climb</b> at Expand")
    page.get_by_label("SRE").select_option("kenji-fujimori")
    assert faults(page) == []
    page.get_by_role("button", name="Begin; the time runs").click()

    expect(page.get_by_text("Errors <b>climb</b> at Expand")).to_be_visible()
    expect(page.get_by_role("timer")).to_have_text(re.compile(r"^\d+:\d\d$"))
    expect(page.get_by_text("Step 1 of 6")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("What you saw").first.fill("Taken back from 12 people")
    page.get_by_role("button", name="Done, but it does not hold").click()
    expect(page.get_by_text("Does not hold", exact=True)).to_be_visible()
    page.get_by_text("It holds now").click()
    assert faults(page) == []
    page.get_by_role("button", name="Tick it again").click()
    expect(page.get_by_text("tried 2 times")).to_be_visible()
    for n in range(2, 7):
        expect(page.get_by_text(f"Step {n} of 6")).to_be_visible()
        page.get_by_role("button", name="Done, it holds: next").click()
    page.get_by_role("button", name="End the drill and judge it").click()
    expect(page.get_by_text("All 6 steps done, every check held")).to_be_visible()
    expect(page.get_by_text("Counts for gates")).to_be_visible()
    page.get_by_label("What is to be done").fill("Show who lags on the board")
    page.get_by_label("Who does it").select_option("kenji-fujimori")
    page.get_by_label("Until").fill("2099-01-31")
    page.get_by_role("button", name="Keep it and open a case").click()
    page.get_by_role("link", name="Its case").click()
    expect(page.get_by_role("heading", name="Show who lags on the board")).to_be_visible()
    page.goto("/playbooks")
    expect(page.get_by_role("row", name="Take unified approvals back")).to_contain_text("Passed")
    assert faults(page) == []

    page.goto("/rollouts/unified-approvals")  # R22: the board says how the way back was practised
    expect(page.get_by_role("link", name=re.compile("passed today"))).to_be_visible()
    expect(page.get_by_text("Practised", exact=True)).to_be_visible()
    assert faults(page) == []


def test_support_fills_a_macro_in_and_copies_it_R119(page: Page) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/support/unified-approvals")
    expect(page.get_by_text("Nothing is there.")).to_have_count(4)
    assert faults(page) == []
    page.get_by_label("Kind").select_option("macro")
    page.get_by_label("Title; of an escalation").fill("Back on the old path")
    page.get_by_label("Words").fill("Hello {{customer}},\n{{password}}")
    page.get_by_role("button", name="Add it").click()
    expect(page.get_by_role("alert").filter(has_text="no variable {{password}}")).to_be_visible()
    page.get_by_label("Words").fill("Hello {{customer}},\nyour case is {{case}}.")
    page.get_by_role("button", name="Add it").click()
    page.get_by_role("link", name="Back on the old path").first.click()
    expect(page.get_by_text("Still open: customer, case.")).to_be_visible()
    assert faults(page) == []
    page.get_by_label("who is answered").fill("<i>Ada</i>")
    page.get_by_label("label of their case").fill("corporate-12")
    page.get_by_role("button", name="Fill it in").click()
    expect(page.get_by_label("The answer, to copy")).to_have_value(
        "Hello <i>Ada</i>,\nyour case is corporate-12."
    )
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert "corporate-12" in page.evaluate("navigator.clipboard.readText()")


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
@pytest.mark.parametrize(
    "path", ["/playbooks", BACK, f"{BACK}/change", "/playbooks/new", "/support/unified-approvals"]
)
def test_every_page_fits_a_phone_and_has_no_fault(
    browser: Browser, page: Page, server: dict[str, Any], path: str, theme: Any
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme=theme)
    answer = page.goto(path)

    assert answer is not None and answer.status == 200
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert faults(page) == []
