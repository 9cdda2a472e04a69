"""Recognition in a real browser: badges and their evidence, the vote, the ledger, hostile words; axe (R102 to R107)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from screens.test_console import ROOT, browser, faults

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
HOSTILE = "<script>document.title = 'owned'</script>"
_PREPARE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "companyos.settings"
import django; django.setup()
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo
from companyos.change.recognition import actions
from companyos.change.recognition.domain.champion import *
from companyos.change.recognition.domain.feedback import Counts, Score
from companyos.change.recognition.models import Badge, PilotCredit, Standing
from companyos.kernel.canonical_json import sha256_of
from companyos.kernel.ids import id_of
from companyos.people.identity import actions as identity_actions
from companyos.people.identity import queries as identity
from companyos.work.roadmap import actions as roadmap
from companyos.work.roadmap.domain.types import Place
now, hostile = datetime.fromisoformat(sys.argv[1]), sys.argv[2]
day, zone, feature = timedelta(days=1), ZoneInfo("Europe/Madrid"), "unified-approvals"
begins = now - 31 * day
def week(n, active): return Week(begins + 7 * n * day, active, 9, True)
def score(*told): return Score(tuple((f"corporate-{n}", each) for n, each in enumerate(told)), 3)
GOOD = score(Counts.ACTIONABLE, Counts.ACTIONABLE, Counts.DECLINED, Counts.DUPLICATE)
for n, team in enumerate(identity.teams()):
    s = Situation(
        11, True, team.slug == "approvals-squad", team.tenant == "training", 9 if n % 2 else 0,
        begins if n % 2 else None,
        tuple(week(k, 9 - n % 5 * (k + 1) // 2) for k in range(4)) if n % 2 else (),
        GOOD if n % 3 else score(Counts.ACTIONABLE, Counts.WAITS, Counts.DECLINED), now - day * (n % 4 == 3) * 9,
    )
    judged, evidence = judge(s), evidence_of(s)
    Standing.objects.create(team=team.slug, feature=feature, at=now, verdict=judged.verdict, because=judged.because,
                            rule=judged.rule, evidence=evidence)
    if judged.verdict is Verdict.EARNED:
        Badge.objects.create(id=id_of(now, "badge", team.slug, feature), team=team.slug, feature=feature, at=now - day,
                             because=judged.because, evidence=evidence, sha256=sha256_of(evidence))
actions.revoke(actor="kenji-fujimori", badge=str(Badge.objects.order_by("team").last().pk), because=hostile, now=now)
for place, (team, came) in enumerate((("people-ops", 20), ("accounts-payable", 100)), start=1):
    PilotCredit.objects.create(team=team, feature=feature, place=place, came_at=now - came * day, at=now, percent=25,
                               until=now + (90 - came) * day, because=f"place {place}; {place} of 17 teams had it")
TITLES = {hostile: "stefan-winkler", "Totals in the list of requests": "huong-pham", "Search in notes": "ana-ruiz"}
for title, by in TITLES.items():
    key = roadmap.suggest(actor=by, tenant="corporate", title=title, body="It takes long.", now=now - 40 * day)
    roadmap.place(actor="ana-ruiz", suggestion=key, to=Place.SHIPPED, because="Asked for often", fix="release 12",
                  now=now - 30 * day)
actions.set_budget(actor="jiwoo-kang", quarter="2026-Q4", amount=80_000, currency="EUR", because="For pilots",
                   second="fergus-doyle", now=now, zone=zone)
for what, amount in (("Hoodies for the team", 24_000), ("Mugs", 9_950), (hostile, 100)):
    key = actions.claim(actor="ana-ruiz", team="people-ops", what=what, amount=amount, now=now, zone=zone)
    if what != hostile:
        actions.decide(actor="jiwoo-kang", claim=key, approves=True, because="They went first", now=now)
    if what == "Mugs":
        actions.spend(actor="jiwoo-kang", claim=key, amount=9_000, note="Invoice 7", now=now)
print(identity_actions.make_sign_in_link(person="jiwoo-kang", now=now, lasts_days=300))
"""


@pytest.fixture(scope="module")
def world(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Page, Page]]:
    """The console as the lead of People Ops sees it, a pilot; and as whoever answers for the budget does."""
    folder = tmp_path_factory.mktemp("recognition")
    command = [sys.executable, "-m", "companyos", "serve-rehearsal", "--data", str(folder)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPANYOS_")}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    deadline = time.monotonic() + 180
    while not (folder / "keys.json").exists() or not (folder / "keys.json").read_text():
        assert process.poll() is None
        assert time.monotonic() < deadline
    told = json.loads((folder / "keys.json").read_text())
    page = browser.new_page(base_url=told["url"], reduced_motion="reduce")
    page.goto(f"/sign-in/{told['sign_in']}")
    page.goto("/recognition")
    for title in ("No badge yet", "Nobody was judged yet", "Nothing is nominated yet", "No pilot credit yet"):
        expect(page.get_by_text(title)).to_be_visible()
    assert faults(page) == []
    prepared = subprocess.run(
        [sys.executable, "-c", _PREPARE, "2026-10-12T07:00:00+00:00", HOSTILE],
        env=environment | {"COMPANYOS_DATA": str(folder), "PYTHONPATH": "tests"}, cwd=ROOT, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    assert prepared.returncode == 0, prepared.stderr[-3000:]
    owner = browser.new_context(base_url=told["url"]).new_page()
    owner.goto(f"/sign-in/{prepared.stdout.strip()}")
    yield page, owner
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) in {0, -signal.SIGINT}


def test_R102_R105_badges_and_the_vote_as_a_person_meets_them(world: tuple[Page, Page]) -> None:
    page, _ = world
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto("/recognition")
    assert faults(page) == []
    expect(page).not_to_have_title("owned")
    expect(page.get_by_text("Your own: vote for another one")).to_be_visible()
    page.get_by_role("button", name="Vote for Totals in the list of requests").click()
    expect(page.get_by_text("Your vote")).to_be_visible()
    page.get_by_role("button", name=f"Give your vote to {HOSTILE} instead").click()
    expect(page.get_by_text("2 votes so far")).to_have_count(0)  # one vote a person
    page.locator(".badge a").first.click()
    expect(page.get_by_role("heading", name="Evidence as it was judged")).to_be_visible()
    assert faults(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the credential").click()
    assert download.value.suggested_filename.startswith("badge-")
    page.get_by_text("Take it back").first.click()
    page.get_by_role("textbox", name="Why").fill("It was made up")
    page.get_by_role("button", name="Take the badge back").click()
    expect(page.get_by_text("It was made up")).to_be_visible()
    assert faults(page) == []


def test_R107_a_claim_is_made_and_its_decision_stands_in_the_ledger(world: tuple[Page, Page]) -> None:
    page, owner = world
    page.goto("/recognition/ledger")
    assert faults(page) == []
    page.get_by_label("What it costs").fill("9999")
    page.get_by_label("What", exact=True).fill("Stickers")
    page.get_by_role("button", name="Claim", exact=True).click()
    expect(page.get_by_role("alert").filter(has_text="470.00 EUR remain")).to_be_visible()
    expect(page.get_by_label("What", exact=True)).to_have_value("Stickers")
    page.get_by_label("What it costs").fill("70")
    page.get_by_role("button", name="Claim", exact=True).click()
    expect(page.get_by_text("Stickers")).to_be_visible()
    owner.set_viewport_size({"width": 1440, "height": 900})
    owner.goto("/recognition/ledger")
    assert faults(owner) == []
    owner.get_by_label("Why, for Stickers").fill("They went first")
    owner.get_by_role("button", name="Approve Stickers").click()
    expect(owner.get_by_text("400.00").first).to_be_visible()


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
@pytest.mark.parametrize("path", ["/recognition", "/recognition/ledger"])
def test_every_page_fits_a_phone_and_has_no_fault(world: tuple[Page, Page], path: str, theme: Any) -> None:
    page, _ = world
    page.set_viewport_size({"width": 390, "height": 844})
    page.emulate_media(color_scheme=theme)
    answer = page.goto(path)

    assert answer is not None and answer.status == 200
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert faults(page) == []
    if folder := os.environ.get("SHOTS"):
        for n, each in enumerate(world):
            for wide in (390, 1440):
                each.set_viewport_size({"width": wide, "height": 900})
                each.emulate_media(color_scheme=theme)
                each.goto(path)
                each.screenshot(
                    path=f"{folder}/{path.replace('/', '_')}-{n}-{wide}-{theme}.png", full_page=True
                )
                if path == "/recognition" and n == 1:
                    each.locator(".badge a").first.click()
                    each.screenshot(path=f"{folder}/badge-{wide}-{theme}.png", full_page=True)
