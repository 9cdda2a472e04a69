"""R118: the explorer of shadow runs in a real browser, fed by the SDK's own events over HTTP."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from companyos_sdk import events as sdk_events
from companyos_sdk.shadow import Inline, Shadow
from screens.test_console import browser, faults, page, server  # noqa: F401  # its own server and browser
from screens.test_telemetry import NINE, event, post

PAGES = ("/shadow", "/shadow/unified-approvals", "/shadow/unified-approvals?days=7&workflow=approvals.route")


class _Mail:
    """The SDK's events, in the rehearsal's time."""

    def __init__(self) -> None:
        self.events: list[dict[str, Any]] = []

    def send(self, name: str, *, at: datetime, **parts: Any) -> None:
        moment = NINE + timedelta(minutes=10, seconds=len(self.events))
        tenant = parts["context"]["tenant"]
        self.events.append(sdk_events.reported(name, tenant=tenant, at=moment, **parts))


@pytest.fixture(scope="module")
def compared(server: dict[str, Any]) -> dict[str, Any]:  # noqa: F811
    mail = _Mail()
    shadow = Shadow(
        "approvals.route", feature="unified-approvals", telemetry=mail, pool=Inline(), version="1.2"
    )
    for n in range(120):
        about = {"tenant": "corporate", "case": f"case-{n}", "variant": "submit_employee"}
        old = {"to": "cfo", "steps": [{"by": "lead", "hours": 24}]}
        new = {
            "to": "lead" if n % 12 == 0 else "cfo",
            "steps": [{"by": "lead", "hours": 25 if n % 40 == 1 else 24}],
        }
        shadow.call(lambda given: given[0], lambda given: given[1], (old, new), about=about)
    after = Shadow(
        "approvals.route", feature="unified-approvals", telemetry=mail, pool=Inline(), mode="reverse-shadow"
    )
    for n in range(200, 240):  # after the switch: the new path answers
        about = {"tenant": "corporate", "case": f"case-{n}", "variant": "submit_employee"}
        sides = {"to": "cfo"}, {"to": "lead" if n == 200 else "cfo"}
        after.call(lambda given: given[0], lambda given: given[1], sides, about=about)
    told = [event(n, "task_started", path="existing") for n in range(60)]
    told += [event(100 + n, "task_started", path="existing", kind="submit_supplier") for n in range(40)]
    for some in (mail.events, told):
        post(f"{server['url']}/v1/events", server["server_key"], {"events": some})
    now = (NINE + timedelta(hours=1)).isoformat()
    post(f"{server['url']}/rehearsal/v1/clock", server["clock_key"], {"now": now})
    return server


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize("path", PAGES)
def test_R118_every_page_opens_without_a_fault(page: Page, compared: Any, path: str, theme: Any) -> None:  # noqa: F811
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.emulate_media(color_scheme=theme)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200
    assert (faults(page), said) == ([], [])
    for each in page.locator("details").all():
        each.evaluate("each => each.open = true")
    assert faults(page) == []
    if shots := os.environ.get("COMPANYOS_SHOTS"):
        page.screenshot(path=f"{shots}/shadow-{theme}-{PAGES.index(path)}.png", full_page=True)


def test_R118_a_phone_needs_no_sideways_scrolling(page: Page, compared: Any) -> None:  # noqa: F811
    page.set_viewport_size({"width": 390, "height": 844})
    try:
        for path in PAGES:
            page.goto(path)
            if shots := os.environ.get("COMPANYOS_SHOTS"):
                page.screenshot(path=f"{shots}/shadow-phone-{PAGES.index(path)}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    finally:
        page.set_viewport_size({"width": 1280, "height": 720})


def test_R118_the_worst_class_comes_first_with_both_sides_and_is_made_a_case(
    page: Page,  # noqa: F811
    compared: Any,
) -> None:
    page.goto("/shadow/unified-approvals")
    expect(page.get_by_label("Result")).to_contain_text("14 unexplained differences")
    first = page.locator("li.alert").first
    expect(first).to_contain_text("/to changed")
    expect(first).to_contain_text("11 times in approvals.route")
    expect(first).to_contain_text("The new path answered 1 of them")
    expect(page.get_by_role("row", name="New path")).to_contain_text("40")
    first.get_by_text("side by side").click()
    expect(first.get_by_role("row", name="/to").first).to_contain_text("lead")
    expect(page.get_by_role("row", name="Submit supplier")).to_contain_text("Never ran")
    first.get_by_text("Say what it is").click()
    first.get_by_label("It is").select_option("case")
    first.get_by_label("Reason").fill("The wrong approver is asked")
    first.get_by_role("button", name="Keep it").click()
    expect(page.locator("li.alert").first).to_contain_text("Bug")
    expect(page.locator("#main")).to_contain_text("The wrong approver is asked")
    second = page.locator("li.alert").nth(1)
    second.get_by_text("Say what it is").click()
    second.get_by_label("It is").select_option("expected")
    second.get_by_label("Reason").fill("A day has 25 hours when the clocks change")
    second.get_by_role("button", name="Keep it").click()
    expect(page.get_by_label("Result")).to_contain_text("11 unexplained differences")
