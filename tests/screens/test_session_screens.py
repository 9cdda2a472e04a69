"""Sessions in a real browser: planned by a start, asked, moved with a reason, without a fault for axe (R113)."""

from __future__ import annotations

from typing import Literal

import pytest
from playwright.sync_api import Page, expect

from screens.test_console import act, browser, faults, page, server

__all__ = ["browser", "page", "server"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def test_R113_a_huddle_is_planned_asked_and_moved_with_a_reason(page: Page) -> None:
    page.goto("/rollouts/unified-approvals")
    act(page, "Start", "Prep begins")
    page.goto("/sessions")
    expect(page.get_by_role("table", name="This week")).to_contain_text("comes to Pilot")
    assert faults_in_both(page) == []
    page.get_by_role("link", name="comes to Pilot").first.click()
    page.get_by_label("Your question").fill("Do drafts move over?")
    page.get_by_role("button", name="Ask it").click()
    expect(page.get_by_role("region", name="Questions")).to_contain_text("Do drafts move over?")
    page.get_by_text("Move it", exact=True).click()
    page.get_by_label("It begins").fill("2026-11-12T11:00")
    page.locator("#mv-because").fill("People Ops meets on Friday")
    page.get_by_role("button", name="Move it and tell everybody invited").click()
    expect(page.get_by_role("region", name="Changes")).to_contain_text("People Ops meets on Friday")
    expect(page.locator("#main")).to_contain_text("Thu 12 Nov, 11:00 to 11:15")
    assert faults_in_both(page) == []


def faults_in_both(page: Page) -> list[str]:
    found = []
    for theme in THEMES:
        page.emulate_media(color_scheme=theme)
        found += faults(page)
    return found
