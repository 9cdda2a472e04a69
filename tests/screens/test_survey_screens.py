"""R98: surveys in a real browser, on a real server: people meet the feature, are asked three days later, answer."""

from __future__ import annotations

import os
import re
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect

from companyos.surfaces.program.load import load_program
from screens.test_console import browser, faults, page, server  # noqa: F401  # its own server and browser
from screens.test_telemetry import NINE, ROOT, event, post

PAGES = ("/surveys", "/surveys/usability", "/surveys/recommend?days=28", "/questions")
THEMES = ("light", pytest.param("dark", marks=pytest.mark.slow))
WORDS = (
    "The form is quick and clear.",
    "Quick, and the form says where it goes.",
    "I could not find the form at first.",
    "Waiting for my manager takes days.",
    "<script>document.title = 'owned'</script>",
)


pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def asked(server: dict[str, Any]) -> dict[str, Any]:  # noqa: F811
    program = load_program(ROOT / "program")
    me = program.plans[0].lead
    tenant_of = {team.slug: team.works_in or team.tenant for team in program.teams}
    people = {p.slug: tenant_of[p.team] for p in program.people if p.slug != me}
    chosen = [*[p for p, t in people.items() if t == "corporate"][:16],
              *[p for p, t in people.items() if t == "engineering-quality"][:9],
              *[p for p, t in people.items() if t == "go-to-market"][:3]]  # fmt: skip
    met = [
        event(n, "feature_flag.evaluation", path="on", kind="approvals.unified", task="", actor=person,
              tenant=people.get(person, "corporate"))
        for n, person in enumerate([*chosen, me])
    ]  # fmt: skip
    post(f"{server['url']}/v1/events", server["server_key"], {"events": met})
    now = (NINE + timedelta(days=4)).isoformat()
    post(f"{server['url']}/rehearsal/v1/clock", server["clock_key"], {"now": now})
    with httpx.Client(base_url=f"{server['url']}/api/v1", timeout=30) as api:
        for n, person in enumerate(chosen):
            key = {"Authorization": f"Bearer {server['people'][person]}"}
            for each in api.get("/me/surveys", headers=key).json():
                said = {"score": (5, 4, 4, 5, 2)[n % 5], "comment": WORDS[n % 5]}
                place = f"/surveys/invitations/{each['invitation']}"
                if n % 7 == 6:
                    assert api.post(f"{place}/dismiss", json={}, headers=key).status_code == 200
                elif n % 7 != 5:
                    assert api.post(f"{place}/answer", json=said, headers=key).status_code == 201
    return server


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("path", PAGES)
def test_every_page_opens_without_a_fault(page: Page, asked: Any, path: str, theme: Any) -> None:  # noqa: F811
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.emulate_media(color_scheme=theme)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 200
    for each in page.locator("details").all():
        each.evaluate("each => each.open = true")
    assert (faults(page), said) == ([], [])
    if shots := os.environ.get("COMPANYOS_SHOTS"):
        page.screenshot(path=f"{shots}/surveys-{theme}-{PAGES.index(path)}.png", full_page=True)


def test_a_phone_needs_no_sideways_scrolling(page: Page, asked: Any) -> None:  # noqa: F811
    page.set_viewport_size({"width": 390, "height": 844})
    try:
        for path in PAGES:
            page.goto(path)
            if shots := os.environ.get("COMPANYOS_SHOTS"):
                page.screenshot(path=f"{shots}/surveys-phone-{PAGES.index(path)}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    finally:
        page.set_viewport_size({"width": 1280, "height": 720})


def test_R97_a_small_tenant_is_hidden_and_words_run_no_script(page: Page, asked: Any) -> None:  # noqa: F811
    page.goto("/surveys/usability")
    assert "owned" not in page.title()
    expect(page.get_by_role("row", name="Sales")).to_contain_text("Too few answers to show")
    expect(page.get_by_label("Score")).to_contain_text(re.compile("2[01] of 2[89]"))
    expect(page.locator("#main")).to_contain_text("Silent so far")


def test_R98_a_question_is_answered_by_keyboard_alone_and_does_not_come_back(page: Page, asked: Any) -> None:  # noqa: F811
    page.goto("/questions")
    page.locator("input[name=score]").first.focus()
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    page.keyboard.press("Tab")
    page.keyboard.type("Once it was filled in, it was quick.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_contain_text("Nothing is asked of you now")
    page.goto("/surveys/usability")
    expect(page.get_by_label("Score")).to_contain_text("21 of 29")


@pytest.fixture(scope="module")
def suggested(asked: dict[str, Any]) -> dict[str, Any]:
    """People suggest, vote and comment; a lead places three suggestions and begins an RFC."""
    program = load_program(ROOT / "program")
    home = {person.slug: team.tenant for team in program.teams for person in program.members(team.slug)}
    me, lead = program.plans[0].lead, program.teams[0].lead
    some = [slug for slug in home if home[slug] == home[lead] and slug not in {me, lead}][:9]
    with httpx.Client(base_url=f"{asked['url']}/api/v1", timeout=30) as api:

        def say(by: str, path: str, **body: Any) -> dict[str, Any]:
            answer = api.post(path, json=body, headers={"Authorization": f"Bearer {asked['people'][by]}"})
            assert answer.status_code < 300, answer.text
            told: dict[str, Any] = answer.json()
            return told

        titles = (
            "Export my requests as CSV",
            "Remind me the day before a request is late",
            "A shorter form for small sums",
            "Show who stands in for whom",
            "<b>Dark</b> mode on the intranet",
        )
        keys = [
            say(lead, "/suggestions", tenant=home[lead], title=title, body="It saves a walk to the archive.",
                feature="unified-approvals")["id"]
            for title in titles
        ]  # fmt: skip
        for n, key in enumerate(keys):
            for person in [*some[: 9 - 2 * n], *([me] if n < 2 else [])]:
                say(person, f"/suggestions/{key}/vote")
        say(lead, f"/suggestions/{keys[0]}/place", place="now", because="Nine people asked for it this month")
        say(lead, f"/suggestions/{keys[3]}/place", place="shipped", because="Done", fix="release 1.4")
        say(
            lead,
            f"/suggestions/{keys[4]}/place",
            place="declined",
            because="The intranet goes away in spring",
        )
        text = "## What changes\n\nOne table a month.\n\n## Why\n\nSpeed."
        begun = say(lead, "/rfcs", title="Keep requests by month", body=text, feature="unified-approvals")
        rfc = begun["number"]
        say(lead, f"/rfcs/{rfc}/move", state="discussion", because="Ready to be read")
        say(lead, f"/rfcs/{rfc}/reviewers", person=me)
        made = say(
            some[0], f"/rfcs/{rfc}/comments", text="What of reports over a year?", line=3, blocking=True
        )
        say(lead, f"/rfcs/{rfc}/comments", text="They read a view.", answers=made["id"])
        say(some[1], f"/rfcs/{rfc}/comments", text="<script>document.title = 'owned'</script>")
    return {**asked, "key": keys[0], "rfc": rfc}


@pytest.mark.parametrize("theme", THEMES)
def test_R89_pages_of_the_roadmap_open_without_a_fault(page: Page, suggested: Any, theme: Any) -> None:  # noqa: F811
    paths = ("/roadmap", f"/roadmap/{suggested['key']}", "/council", "/rfcs", f"/rfcs/{suggested['rfc']}")
    page.emulate_media(color_scheme=theme)
    for n, path in enumerate(paths):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200
        assert faults(page) == []
        assert "owned" not in page.title()
        if shots := os.environ.get("COMPANYOS_SHOTS"):
            page.screenshot(path=f"{shots}/roadmap-{theme}-{n}.png", full_page=True)
    page.set_viewport_size({"width": 390, "height": 844})
    try:
        for n, path in enumerate(paths if theme == "light" else ()):
            page.goto(path)
            if shots := os.environ.get("COMPANYOS_SHOTS"):
                page.screenshot(path=f"{shots}/roadmap-phone-{n}.png", full_page=True)
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    finally:
        page.set_viewport_size({"width": 1280, "height": 720})


def test_R87_R89_a_suggestion_is_typed_voted_and_decided_in_the_browser(page: Page, suggested: Any) -> None:  # noqa: F811
    page.goto("/roadmap")
    page.get_by_label("In one line").fill("Export of requests to CSV")
    expect(page.locator("#similar")).to_contain_text("Export my requests as CSV")
    page.get_by_label("In one line").fill("Print a request on one page")
    page.get_by_role("button", name="Suggest it").click()
    expect(page.get_by_role("heading", name="Print a request on one page")).to_be_visible()
    page.get_by_role("button", name="Vote for it").click()
    expect(page.get_by_label("Your record")).to_contain_text("You voted; your vote weighs 1.")
    page.goto(f"/rfcs/{suggested['rfc']}")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_label("Required reviewers")).to_contain_text("Approved")
    page.goto("/council")
    if page.get_by_role("button", name="Convene").count():  # the viewer leads a team
        page.get_by_role("button", name="Convene").click()
        page.get_by_label("Reason for Remind me").fill("Eight of us want it")
        page.get_by_role("button", name="Decide Remind me").click()
        expect(page.locator(".points")).to_contain_text("Eight of us want it")
