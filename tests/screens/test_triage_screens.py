"""R81, R82: triage in a real browser: the queue by mouse and by keys, the model's page, hostile words; axe."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from screens.test_console import ROOT, browser, faults

__all__ = ["browser"]
pytestmark = [pytest.mark.browser, pytest.mark.slow]
PAGES = ("/triage", "/triage?show=unsure", "/triage/model")
HOSTILE = '<img src=x onerror="document.title=1"><script>document.title=2</script>'
REPORTS = (
    ("Approver cannot delegate", "The approval chain is stuck since monday."),
    ("Expense approval stuck", "The approver does not see the chain again."),
    ("Delegate of an approver", "An expense without a chain. Please look at the approval."),
    ("The page does not work", "Please look again."),
    (HOSTILE, f"{HOSTILE} disk and pager latency restart"),
)
_PREPARE = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "companyos.settings"
import django; django.setup()
from datetime import datetime
from companyos.people.identity import actions as identity
from companyos.work.feedback import actions
from companyos.work.feedback.domain.calibration import Quality
from companyos.work.feedback.domain.text_model import TextModel
from companyos.work.feedback.domain.types import Axis
from companyos.work.feedback.learner import Outcome, Part
from work.feedback.made_reports import WORDS
import numpy as np
at = datetime.fromisoformat(sys.argv[1])
terms = {word: n for n, word in enumerate(word for squad in WORDS.values() for word in squad)}
weights = np.zeros((len(terms), len(WORDS)), np.float16)
for column, words in enumerate(WORDS.values()):
    weights[[terms[word] for word in words], column] = 1
ones, none = np.ones(len(terms), np.float32), np.zeros(len(WORDS), np.float32)
model = TextModel(tuple(WORDS), terms, ones, weights, none, 4.0, 0.9)
part = Part(Quality(27, 0.96, 0.95, 1.0, 0.9, 0.85, 0.96, 0.03), model.to_bytes())
for why in ("asked for on the page", "the night's training"):
    outcome = Outcome({Axis.SQUAD: part}, {Axis.TYPE: "180 answers with 1 label"}, None)
    actions.keep_model(actor="nightly", because=why, answers=180, outcome=outcome, now=at)
print(identity.make_sign_in_link(person="maelle-girard", now=at, lasts_days=300))
"""


@pytest.fixture(scope="module")
def page(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Page]:
    """The console as the lead of the Approvals Squad sees it, with a model in use and five reports."""
    folder = tmp_path_factory.mktemp("triage")
    command = [sys.executable, "-m", "companyos", "serve-rehearsal", "--data", str(folder)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPANYOS_")}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    deadline = time.monotonic() + 180
    while not (folder / "keys.json").exists() or not (folder / "keys.json").read_text():
        assert process.poll() is None
        assert time.monotonic() < deadline
    told = json.loads((folder / "keys.json").read_text())
    link = _prepared(folder)
    for title, body in REPORTS:
        _report(told, title, body)
    page = browser.new_page(base_url=told["url"], reduced_motion="reduce")
    page.goto(f"/sign-in/{link}")
    yield page
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=10) in {0, -signal.SIGINT}


def _prepared(folder: Path) -> str:
    environment = {**os.environ, "COMPANYOS_DATA": str(folder), "PYTHONPATH": "tests"}
    asked = [sys.executable, "-c", _PREPARE, "2026-10-12T07:00:00+00:00"]
    done = subprocess.run(asked, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def _report(told: dict[str, Any], title: str, body: str) -> Any:
    said = {
        "feature": "unified-approvals",
        "tenant": "engineering-quality",
        "severity": "sev3",
        "title": title,
        "body": body,
    }
    headers = {
        "Authorization": f"Bearer {told['people']['maelle-girard']}",
        "Content-Type": "application/json",
    }
    asked = urllib.request.Request(f"{told['url']}/api/v1/cases", json.dumps(said).encode(), headers)  # noqa: S310
    with urllib.request.urlopen(asked) as answer:  # noqa: S310
        return json.load(answer)


@pytest.mark.parametrize("theme", ["light", pytest.param("dark", marks=pytest.mark.slow)])
def test_R81_every_page_opens_without_a_fault(page: Page, theme: Any) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.emulate_media(color_scheme=theme)
    for number, path in enumerate(PAGES):
        answer = page.goto(path)
        assert answer is not None
        assert answer.status == 200
        for each in page.locator("details").all():
            each.evaluate("each => each.open = true")
        assert (faults(page), said) == ([], []), path
        _photograph(page, f"{theme}-{number}")


def test_R81_a_phone_needs_no_sideways_scrolling(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    try:
        for number, path in enumerate(PAGES):
            page.goto(path)
            _photograph(page, f"phone-{number}")
            assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    finally:
        page.set_viewport_size({"width": 1280, "height": 720})


def test_R81_words_of_reporters_are_words(page: Page) -> None:
    page.goto("/triage")
    page.get_by_role("link", name="<img src=x").click()
    expect(page.get_by_role("heading", name="<img src=x")).to_be_visible()
    expect(page.get_by_role("group", name="What was reported")).to_contain_text("<script>")
    assert page.title() == "Triage · CompanyOS"


def test_R82_similar_cases_come_while_typing(page: Page) -> None:
    page.goto("/triage/similar?title=Approver+cannot+dele")
    expect(page.locator("li").first).to_contain_text("Approver cannot delegate")


def test_R81_a_report_is_accepted_by_a_click_and_by_a_key(page: Page) -> None:
    page.goto("/triage?show=mine")
    rows = page.locator(".reports li")
    before = rows.count()
    assert before >= 2
    expect(page.locator(".guesses meter").first).to_be_visible()
    expect(page.locator(".word").first).to_be_visible()
    rows.first.get_by_role("button", name="Accept").click()
    expect(rows).to_have_count(before - 1)
    page.keyboard.press("a")
    expect(rows).to_have_count(before - 2)
    page.get_by_label("Keys").uncheck() if before > 2 else None


def test_R81_a_correction_hands_a_report_to_another_squad(page: Page) -> None:
    page.goto("/triage?show=unsure")
    page.get_by_role("link", name="The page does not work").click()
    page.get_by_label("Owning squad").select_option("support")
    page.get_by_label("Why (may be left out)").fill("they know it")
    page.get_by_role("button", name="Correct").click()
    page.goto("/triage")
    expect(page.locator(".reports")).to_contain_text("Sent to Support")


def test_R81_a_lead_rolls_back_with_a_reason_and_trains(page: Page) -> None:
    page.goto("/triage/model")
    page.get_by_label("Why version 1").fill("2 sends too much to us")
    page.get_by_role("button", name="Let it answer").click()
    expect(page.locator("#version-1")).to_contain_text("Answers now")
    expect(page.locator("#main")).to_contain_text("2 sends too much to us")
    page.get_by_role("button", name="Train now").click()
    expect(page.get_by_role("status").filter(has_text="Training asked by")).to_be_visible()
    assert faults(page) == []


def _photograph(page: Page, name: str) -> None:
    if shots := os.environ.get("COMPANYOS_SHOTS"):
        page.screenshot(path=f"{shots}/triage-{name}.png", full_page=True)
