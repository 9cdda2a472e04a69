"""Requests in a real browser, on a real server: ask, approve on a phone, return, hand on, bulk; keyboard; axe (R58)."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from screens.test_console import ROOT, browser, faults

__all__ = ["browser"]
pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
ASKER, MANAGER, CLERK = "rohan-chaudhuri", "rodrigo-oropeza", "sora-okabe"
NOW = "2026-10-12T07:00:00+00:00"  # where the rehearsal's clock stands
TRIP = {"purpose": "Train to Lyon", "amount": 90.5, "spent_on": "2026-10-01"}
_LINK = """
import os, sys
os.environ["DJANGO_SETTINGS_MODULE"] = "companyos.settings"
import django; django.setup()
from datetime import datetime
at, what, person = datetime.fromisoformat(sys.argv[1]), sys.argv[2], sys.argv[3]
if what == "sign-in":
    from companyos.people.identity import actions
    print(actions.make_sign_in_link(person=person, now=at, lasts_days=300))
else:
    from companyos.cli.process import approvals
    approvals.choose_paths_with(lambda who, tenant: True)
    print(approvals.link_for(person=person, request=what, now=at))
"""


class Server:
    """A rehearsal's server whose first stage is on: requests of the testers take the unified path."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        told = json.loads((folder / "keys.json").read_text())
        self.url, self._keys = told["url"], told["people"]
        lead = "ana-ruiz"
        version = self.call(lead, "/rollouts/unified-approvals")["version"]
        self.call(lead, "/rollouts/unified-approvals/start", {"reason": "to see it", "version": version})

    def call(self, who: str, path: str, body: dict[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self._keys[who]}", "Content-Type": "application/json"}
        asked = urllib.request.Request(f"{self.url}/api/v1{path}", data, headers)  # noqa: S310
        with urllib.request.urlopen(asked) as answer:  # noqa: S310
            return json.load(answer)

    def ask(self, **fields: Any) -> str:
        body = {"type": "expense-declaration", "tenant": "experimental-qa", "fields": {**TRIP, **fields}}
        made = self.call(ASKER, "/requests", body)
        assert made["path"] == "unified"
        return str(made["id"])

    def link(self, what: str, person: str) -> str:
        environment = {**os.environ, "COMPANYOS_DATA": str(self.folder)}
        asked = [sys.executable, "-c", _LINK, NOW, what, person]
        done = subprocess.run(asked, env=environment, cwd=ROOT, capture_output=True, text=True, check=True)
        return done.stdout.strip()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    folder = tmp_path_factory.mktemp("requests")
    command = [sys.executable, "-m", "companyos", "serve-rehearsal", "--data", str(folder)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPANYOS_")}
    process = subprocess.Popen(command, cwd=ROOT, env=environment)
    deadline = time.monotonic() + 90
    while not (folder / "keys.json").exists() or not (folder / "keys.json").read_text():
        assert process.poll() is None
        assert time.monotonic() < deadline
    yield Server(folder)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=5) in {0, -signal.SIGINT}


As = Callable[..., Page]


@pytest.fixture(scope="module")
def as_(browser: Browser, here: Server) -> As:
    """Open the console as somebody; `phone` gives it the size of one."""
    opened: dict[tuple[str, bool], Page] = {}

    def open_as(person: str, *, phone: bool = False) -> Page:
        if (person, phone) not in opened:
            more: Any = {"viewport": PHONE, "has_touch": True} if phone else {}
            page = browser.new_context(base_url=here.url, **more).new_page()
            page.goto(f"/sign-in/{here.link('sign-in', person)}")
            opened[person, phone] = page
        return opened[person, phone]

    return open_as


def fill(page: Page, **fields: str) -> None:
    for label, value in fields.items():
        page.get_by_label(label.replace("_", " "), exact=False).first.fill(value)


def test_a_person_asks_and_sees_where_it_will_go_before_sending(as_: As) -> None:
    page = as_(ASKER)
    page.goto("/requests")
    assert faults(page) == []
    page.get_by_role("link", name="Ask for something").click()
    assert faults(page) == []
    page.get_by_role("link", name="Expense declaration").click()
    fill(page, What_it_was_for="Test devices", Amount_in_euros="300", Day_it_was_spent="2026-10-01")
    preview = page.get_by_role("complementary", name="Where it will go")
    expect(preview).to_contain_text("then Rodrigo Oropeza; not enough earlier requests to say how long (n=")
    expect(preview).to_contain_text("then any one of Emiliano Villaseñor, Jomar Evangelista, Mert Kaplan")
    assert faults(page) == []
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("heading", name="Expense declaration: Test devices")).to_be_visible()
    expect(page.locator("#main")).to_contain_text("Administration checks the receipts of every declaration")
    assert faults(page) == []
    page.get_by_label("Comment").fill("The receipts follow")
    page.get_by_role("button", name="Say it").click()
    page.get_by_label("PDF, PNG").set_input_files(
        {"name": "r.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1"}
    )
    page.get_by_role("button", name="Attach").click()
    expect(page.get_by_role("link", name="r.pdf")).to_be_visible()
    page.get_by_label("PDF, PNG").set_input_files(
        {"name": "r.exe", "mimeType": "text/html", "buffer": b"<b>"}
    )
    page.get_by_role("button", name="Attach").click()
    expect(page.get_by_role("alert").first).to_contain_text("none of PDF")


def test_a_field_that_does_not_fit_says_so_beside_it_and_keeps_the_rest(as_: As) -> None:
    page = as_(ASKER)
    page.goto("/requests/new/expense-declaration")
    fill(page, What_it_was_for="ok", Amount_in_euros="5", Day_it_was_spent="2026-10-01")
    page.locator("form#form").evaluate("form => form.noValidate = true")
    page.get_by_role("button", name="Send").click()
    wrong = page.get_by_label("What it was for")
    expect(wrong).to_have_attribute("aria-invalid", "true")
    expect(wrong).to_have_value("ok")
    expect(page.get_by_label("Amount in euros")).to_have_value("5")
    assert faults(page) == []


def test_an_approver_answers_on_a_phone_and_returns_what_lacks_something(as_: As, here: Server) -> None:
    first, second = here.ask(purpose="Chargers"), here.ask(purpose="Adapters")
    page = as_(CLERK, phone=True)
    page.goto("/requests")
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("link", name="Expense declaration: Chargers").click()
    assert faults(page) == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.get_by_role("button", name="Approve").click()
    expect(page.locator("#main")).to_contain_text("Rodrigo Oropeza")
    page.goto(f"/requests/{second}")
    page.get_by_role("button", name="Return for changes").click()
    expect(page.get_by_role("alert").first).to_contain_text("Say why")
    page.get_by_label("Note (needed to decline").fill("which adapters?")
    page.get_by_role("button", name="Return for changes").click()
    author = as_(ASKER)
    author.goto(f"/requests/{second}")
    author.get_by_role("link", name="Change and send again").click()
    expect(author.locator("#main")).to_contain_text("which adapters?")
    assert faults(author) == []
    author.get_by_label("What it was for").fill("Adapters for Lima")
    author.get_by_role("button", name="Send it again").click()
    assert here.call(ASKER, f"/requests/{second}")["round"] == 2
    assert here.call(ASKER, f"/requests/{first}")["asked"][0]["person"] == MANAGER


def test_an_answer_is_handed_on_and_a_request_withdrawn(as_: As, here: Server) -> None:
    request = here.ask(purpose="Cables")
    here.call(CLERK, f"/requests/{request}/approve", {})
    page = as_(MANAGER)
    page.goto(f"/requests/{request}")
    page.get_by_role("button", name="Hand it on").first.click()
    assert faults(page) == []
    page.get_by_label("To", exact=True).select_option(label="Emre Güneş")
    page.get_by_role("dialog").get_by_role("button", name="Hand it on").click()
    expect(page.locator("#main")).to_contain_text("handed it on to Emre Güneş")
    author = as_(ASKER)
    author.goto(f"/requests/{request}")
    author.get_by_role("button", name="Withdraw").first.click()
    author.get_by_role("dialog").get_by_role("button", name="Withdraw").click()
    expect(author.locator("#main")).to_contain_text("Nobody is asked any more")
    author.goto("/requests/mine")
    assert faults(author) == []


def test_several_are_approved_at_once_with_the_keyboard_only(as_: As, here: Server) -> None:
    requests = [here.ask(purpose=f"Keyboard {n}") for n in range(3)]
    page = as_(CLERK)
    page.goto("/requests")
    for n in range(3):
        reach(page, f"Choose Expense declaration: Keyboard {n}")
        page.keyboard.press("Space")
    reach(page, "Approve chosen")
    page.keyboard.press("Enter")
    expect(page.get_by_text("3 of 3 approved.")).to_be_visible()
    assert faults(page) == []
    assert {here.call(ASKER, f"/requests/{each}")["asked"][0]["person"] for each in requests} == {MANAGER}
    page = as_(MANAGER)
    page.goto(f"/requests/{requests[0]}")
    reach(page, "Approve")
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_contain_text("Approved")
    assert here.call(ASKER, f"/requests/{requests[0]}")["status"] == "approved"


def reach(page: Page, name: str) -> None:
    """Press Tab until what has this name is in focus."""
    said = "(e => e.getAttribute('aria-label') || e.textContent.trim())(document.activeElement)"
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.evaluate(said) == name:
            return
    raise AssertionError(f"Tab never reaches {name}")


def test_a_draft_is_kept_and_gone_on_with(as_: As) -> None:
    page = as_(ASKER)
    page.goto("/requests/new/purchase-request")
    fill(page, What_to_buy="A chair")
    page.get_by_role("button", name="Keep as draft").click()
    page.get_by_role("link", name="Go on with Purchase request").click()
    expect(page.get_by_label("What to buy")).to_have_value("A chair")
    page.get_by_role("button", name="Drop the draft").click()
    expect(page.get_by_role("link", name="Go on with")).to_have_count(0)


def test_somebody_says_who_answers_while_they_are_away(as_: As) -> None:
    page = as_(MANAGER)
    page.goto("/requests/away")
    page.get_by_label("Who").select_option(label="Emre Güneş")
    page.get_by_label("Until").fill("2026-10-20")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#main")).to_contain_text("Emre Güneş answers for you")
    assert faults(page) == []
    page.get_by_role("button", name="End it").click()
    expect(page.locator("#main")).not_to_contain_text("answers for you")


def test_a_link_of_a_mail_answers_once_without_signing_in(browser: Browser, here: Server) -> None:
    request = here.ask(purpose="By mail")
    token = here.link(request, CLERK)
    page = browser.new_context(base_url=here.url, viewport=PHONE).new_page()
    page.goto(f"/answer/{token}")
    page.reload()
    assert here.call(ASKER, f"/requests/{request}")["acts"][-1]["kind"] == "asked"  # looking answers nothing
    assert faults(page) == []
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_text("Approved. Thank you.")).to_be_visible()
    answer = page.goto(f"/answer/{token}")
    assert answer is not None
    assert answer.status == 410
    assert faults(page) == []
    assert here.call(ASKER, f"/requests/{request}")["acts"][-1]["by"] == CLERK
    page.goto(f"/requests/{request}")
    assert page.url.endswith("/sign-in")
