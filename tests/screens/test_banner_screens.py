"""R111: banners in a real browser, on a real server: looked at, made, answered by keyboard and without scripts."""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

from companyos.surfaces.program.load import load_program
from screens.test_console import browser, faults, page, server  # noqa: F401  # its own server and browser
from screens.test_telemetry import NINE, ROOT

PAGES = ("/news", "/banners", "/banners/new", "/tenants/corporate")
THEMES = ("light", pytest.param("dark", marks=pytest.mark.slow))
LONG = "Requests of Corporate go through Unified Approvals from Monday, 09:00 UTC. Open ones stay where they are."

pytestmark = pytest.mark.slow


def shot(page: Page, name: str) -> None:  # noqa: F811
    if shots := os.environ.get("COMPANYOS_SHOTS"):
        page.screenshot(path=f"{shots}/banners-{name}.png", full_page=True)


@pytest.fixture(scope="module")
def told(server: dict[str, Any]) -> dict[str, Any]:  # noqa: F811
    """A lead makes two critical banners, a warning, information and one to come; one is ended."""
    program = load_program(ROOT / "program")
    lead = program.teams[0].lead
    key = {"Authorization": f"Bearer {server['people'][lead]}"}
    tenants = ["corporate", "engineering-quality"]
    with httpx.Client(base_url=f"{server['url']}/api/v1", timeout=30, headers=key) as api:

        def make(title: str, severity: str, **more: Any) -> str:
            ends = (NINE + timedelta(days=20)).isoformat()
            said = {
                "title": title,
                "words": LONG,
                "severity": severity,
                "tenants": tenants,
                "ends_at": ends,
                **more,
            }
            answer = api.post("/banners", json=said)
            assert answer.status_code == 201, answer.text
            return str(answer.json()["id"])

        make("Sign in anew", "critical", needs_ack=True, link="/news", link_words="What changes")
        make("Mail is late", "critical", words="Mails leave up to an hour late. Nothing is lost.")
        make("The old form closes", "warning", words="On Friday, 17:00 UTC. Send what you have begun.")
        make(
            "A new form",
            "info",
            words="It saves what you write.",
            link="https://forms.example/new",
            link_words="Try it",
        )
        make("Office hours", "info", starts_at=(NINE + timedelta(days=9)).isoformat())
        gone = make("Wrong words", "info")
        assert api.post(f"/banners/{gone}/end", json={"because": "The day was wrong."}).status_code == 200
    return server


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_without_a_fault(page: Page, told: Any, path: str, theme: Any) -> None:  # noqa: F811
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.set_viewport_size({"width": 1440, "height": 900})
    page.emulate_media(color_scheme=theme)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200
    expect(page.get_by_role("region", name="Banner", exact=True)).to_have_count(1)
    shot(page, f"{theme}-{PAGES.index(path)}")
    assert (faults(page), said) == ([], [])


def test_a_phone_needs_no_sideways_scrolling_and_print_leaves_it_out(page: Page, told: Any) -> None:  # noqa: F811
    page.set_viewport_size({"width": 390, "height": 844})
    try:
        for path in PAGES:
            page.goto(path)
            shot(page, f"phone-{PAGES.index(path)}")
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
        page.emulate_media(media="print")
        expect(page.get_by_role("region", name="Banner", exact=True)).to_be_hidden()
    finally:
        page.emulate_media(media="screen")
        page.set_viewport_size({"width": 1280, "height": 720})


def test_a_banner_is_looked_at_in_each_severity_before_it_is_made(page: Page, told: Any) -> None:  # noqa: F811
    page.goto("/banners/new")
    page.get_by_label("Title").fill("Approvals move")
    page.get_by_label("What is up, and what to do").fill("On Monday. Nothing is lost.")
    page.locator("#ends_at").fill((NINE + timedelta(days=5)).strftime("%Y-%m-%dT%H:%M"))
    page.get_by_role("group", name="Severity").get_by_label("Warning").check()
    page.get_by_role("group", name="Tenants").get_by_label("Corporate").check()
    page.get_by_role("button", name="Look at it first").click()
    expect(page.locator(".banner-looks .banner")).to_have_count(3)
    expect(page.locator(".banner-looks .banner").first).to_contain_text("Warning")
    shot(page, "look")
    assert faults(page) == []
    page.get_by_role("button", name="Make it").click()
    expect(page.get_by_role("heading", name="Approvals move")).to_be_visible()
    page.get_by_label("Why").fill("Monday is a holiday.")
    shot(page, "one")
    assert faults(page) == []
    page.get_by_role("button", name="End this banner").click()
    expect(page.locator("#main")).to_contain_text("Monday is a holiday.")
    shot(page, "ended")


def test_an_answer_takes_the_banner_away_and_leaves_what_is_being_written(page: Page, told: Any) -> None:  # noqa: F811
    page.goto("/banners/new")
    page.get_by_label("Title").fill("Half a title")
    told_now = page.get_by_role("region", name="Banner", exact=True)
    before = told_now.inner_text()
    told_now.get_by_role("button").press("Enter")
    expect(told_now).to_have_count(0)
    expect(page.locator(".banner__gone")).to_be_focused()
    expect(page.get_by_label("Title")).to_have_value("Half a title")
    page.goto("/news")
    expect(told_now).not_to_have_text(before, use_inner_text=True)


def test_without_scripts_an_answer_leads_back_to_the_page(browser: Browser, page: Page, told: Any) -> None:  # noqa: F811
    context = browser.new_context(java_script_enabled=False, base_url=told["url"])
    context.add_cookies(page.context.cookies())  # type: ignore[arg-type]
    plain = context.new_page()
    plain.goto("/announcements?from=here")
    told_now = plain.get_by_role("region", name="Banner", exact=True)
    before = told_now.inner_text()
    told_now.get_by_role("button").click()
    assert plain.url.endswith("/announcements?from=here")
    expect(told_now).not_to_have_text(before, use_inner_text=True)
    context.close()
