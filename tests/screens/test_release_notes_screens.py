"""R108, R110: release notes in a real browser: list, reader, editor with both previews, publishing; axe."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from screens.test_console import ROOT, browser, faults

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
_PREPARE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "companyos.settings"
import django; django.setup()
from datetime import datetime, timedelta
from companyos.change.comms import actions
from companyos.change.comms.domain.drafting import Fragment
from companyos.change.comms.domain.release_editing import Said
from companyos.change.comms.domain.types import Size
from companyos.people.identity import actions as identity
from companyos.work.cases import actions as cases
from companyos.work.cases.domain.types import Origin
from companyos.work.roadmap import actions as roadmap
from companyos.work.roadmap.domain.types import Place
at = datetime.fromisoformat(sys.argv[1])
day = timedelta(days=1)
lead, other = "maelle-girard", "ana-ruiz"

def ship(title, origin, when, link=""):
    cases.ship(actor=lead, feature="unified-approvals", title=title, origin=origin, link=link, now=when)

ship("The inbox keeps its filters", Origin.CUSTOMER, at - 16 * day)
ship("An approval can be handed on", Origin.ROADMAP, at - 15 * day, "/requests")
then = at - 12 * day
first = actions.draft_release_note(actor=lead, now=then)
items = [
    Said("The inbox keeps its filters", words="They stay. *Nothing to do.*", tenants=("go-to-market",)),
    Said("An approval can be handed on", words="Choose **Hand on**.", link="/requests",
         tenants=("engineering-quality",), size=Size.MAJOR),
]
actions.save_release_note(actor=lead, note=first, version=1, title="What is new in autumn",
                          introduction="Two things that many waited for.", items=items, now=then)
actions.approve_release_note(actor=other, note=first, version=2, now=then)
actions.publish_release_note(actor=other, note=first, version=2, now=then + day)
ship("Search finds names", Origin.CUSTOMER, at - 3 * day, "https://tracker.example/812")
ship("The nightly export starts again after a lost disk", Origin.INCIDENT, at - 2 * day)
ship('<img src=x onerror="document.title=1">', Origin.ROADMAP, at - 2 * day)
asked = {"tenant": "engineering-quality", "title": "Export requests as CSV", "body": ""}
key = roadmap.suggest(actor="kenji-fujimori", now=at - 9 * day, **asked)
roadmap.vote(actor=other, tenant="corporate", suggestion=key, now=at - 8 * day)
roadmap.place(actor=lead, suggestion=key, to=Place.SHIPPED, because="Ten teams copied them by hand.",
              fix="release 4", now=at - day)
told = [Fragment("4.speed", "Pages open twice as fast. Nothing to do.")]
actions.draft_release_note(actor=other, fragments=told, now=at)
print(identity.make_sign_in_link(person=lead, now=at, lasts_days=300))
"""


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The console as somebody who leads a team sees it, with one edition published and one drafted by a colleague."""
    folder = tmp_path_factory.mktemp("release-notes")
    command = [sys.executable, "-m", "companyos", "serve-rehearsal", "--data", str(folder)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPANYOS_")}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    deadline = time.monotonic() + 180
    while not (folder / "keys.json").exists() or not (folder / "keys.json").read_text():
        assert process.poll() is None
        assert time.monotonic() < deadline
    told = json.loads((folder / "keys.json").read_text())
    page = browser.new_page(base_url=told["url"], reduced_motion="reduce")
    page.goto(f"/sign-in/{_prepared(folder)}")
    yield page
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) in {0, -signal.SIGINT}


def _prepared(folder: Path) -> str:
    environment = {**os.environ, "COMPANYOS_DATA": str(folder), "PYTHONPATH": "tests"}
    asked = [sys.executable, "-c", _PREPARE, "2026-10-12T07:00:00+00:00"]
    done = subprocess.run(asked, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _paths(page: Page) -> list[str]:
    page.goto("/release-notes")
    read = page.get_by_role("link", name="What is new in autumn").get_attribute("href")
    edit = page.get_by_role("link", name="Release notes 2").get_attribute("href")
    assert read
    assert edit
    edits = [edit, f"{edit}?as=mail", f"{edit}?tenant=corporate"]
    return ["/release-notes", read, f"{read}/edit", f"{read}/versions/1", *edits]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_R108_every_page_opens_without_a_fault(page: Page, theme: Any) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size({"width": 1440, "height": 900})
    for number, path in enumerate(_paths(page)):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200
        _photograph(page, f"{theme}-{number}")
        for each in page.locator("details").all():
            each.evaluate("each => each.open = true")
        assert (faults(page), said) == ([], []), path
    _photograph(page, f"{theme}-open")


def test_R108_a_phone_needs_no_sideways_scrolling(page: Page) -> None:
    paths = _paths(page)
    page.set_viewport_size({"width": 390, "height": 844})
    try:
        for number, path in enumerate(paths):
            page.goto(path)
            _photograph(page, f"phone-{number}")
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    finally:
        page.set_viewport_size({"width": 1280, "height": 720})


def test_R108_an_edition_is_edited_approved_by_another_and_published(page: Page) -> None:
    page.goto(_paths(page)[4])
    page.get_by_role("button", name="Approve version 1").click()
    expect(page.get_by_role("button", name="Publish…")).to_be_visible()
    page.get_by_role("button", name="Publish…").click()
    page.get_by_role("dialog").get_by_role("button", name="Publish").click()
    expect(page.get_by_role("heading", name="Reach")).to_be_visible()
    page.get_by_role("link", name="As you read it").click()
    expect(page.get_by_role("heading", name="What changed")).to_be_visible()
    expect(page.get_by_role("heading", name="Search finds names")).to_be_visible()
    expect(page.get_by_role("heading", name="<img src=x")).to_be_visible()
    assert "document.title" not in page.title()
    page.goto("/release-notes")
    expect(page.get_by_role("row", name="Release notes 2").get_by_text("New")).to_have_count(0)


def _photograph(page: Page, name: str) -> None:
    if shots := os.environ.get("COMPANYOS_SHOTS"):
        page.screenshot(path=f"{shots}/release-notes-{name}.png", full_page=True)
