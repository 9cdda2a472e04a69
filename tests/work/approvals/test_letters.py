"""Whoever is asked hears of it by mail and Slack, and may answer from there (R58)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from companyos.kernel.clock import VirtualClock
from companyos.platform import posting
from companyos.platform.instance import Instance, instance, run_as
from companyos.platform.models import Outgoing
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.work.approvals import actions, queries
from companyos.work.approvals.domain.types import Status
from end_to_end.message_servers import slack_server, smtp_server

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
ASKER = "elif-aksoy"
TRIP = {"purpose": "Train to <Lyon> & back", "amount": 1090.5, "spent_on": "2026-11-02"}


@pytest.fixture(autouse=True)
def _company(db: None, tmp_path: Path) -> Iterator[None]:
    before = instance()
    run_as(Instance(VirtualClock(NOW), load_program(PROGRAM).company.calendar, tmp_path, b"secret"))
    apply(load_program(PROGRAM), now=NOW)
    actions.choose_paths_with(lambda person, tenant: True)
    yield
    actions.choose_paths_with(None)
    run_as(before)


@pytest.fixture
def mails(settings: Any) -> Iterator[Any]:
    with smtp_server() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_USE_TLS = "127.0.0.1", server.port, False
        settings.PUBLIC_URL = "http://testserver"
        yield server


def ask(by: str = ASKER, **more: Any) -> str:
    told = {"type_slug": "expense-declaration", "tenant": "engineering-quality", "fields": TRIP} | more
    return actions.ask(actor=by, now=NOW, **told)


def send(now: datetime = NOW) -> int:
    actions.tell_those_asked(now=now)
    return posting.post_what_waits(now=now)


def status(request: str) -> str:
    found = queries.detail(request)
    assert found
    return found.row.status


def test_a_mail_says_who_asks_what_and_why_you_and_its_link_answers_once(mails: Any) -> None:
    request = ask()
    found = queries.detail(request)
    assert found
    asked = {each.person for each in found.asked}
    assert send() == len(asked) > 0
    assert send() == 0, "once for each asking"
    letter = mails.mails[0]
    text = letter.get_content()
    assert letter["To"].split("@")[0].replace(".", "-") in asked
    assert "Please answer: Expense declaration: Train to" in letter["Subject"]
    for says in (
        "Elif Aksoy asks for your answer",
        "1,090.50",
        "Why you: Asked as",
        "Until: ",
        "They work once",
    ):
        assert says in text
    yes, no = re.findall(r"http://testserver(/answer/\S+)", text)
    assert (yes.endswith("?say=approve"), no.endswith("?say=decline")) == (True, True)
    client = Client()
    for path in (yes, no):  # a mail scanner follows both
        page = client.get(path)
        assert (page.status_code, "Nothing is decided until" in page.content.decode()) == (200, True)
    assert status(request) == Status.OPEN
    assert client.post(no, {"act": "decline"}).status_code == 409, "a no says why, and the link still works"
    assert client.post(no, {"act": "decline", "note": "no receipt"}).status_code == 200
    assert status(request) == Status.DECLINED
    assert {client.get(yes).status_code, client.post(yes, {"act": "approve"}).status_code} == {410}


def test_a_reminder_is_a_mail_of_its_own_and_much_at_once_is_one(mails: Any) -> None:
    request = ask()
    send()
    first = len(mails.mails)
    found = queries.detail(request)
    assert found
    days = next(step.remind_after_days[0] for step in found.definition.steps if step.remind_after_days)
    later = NOW + timedelta(days=days, hours=1)
    assert actions.look_at_clocks(now=later) == 1
    assert send(later) == first
    assert "(reminder 1)" in mails.mails[-1].get_content()
    assert mails.mails[-1]["Subject"].startswith("Reminder: Please answer")
    mails.mails.clear()
    for n in range(6):
        ask(fields={**TRIP, "purpose": f"Trip {n}"})
    send(later)
    assert {m["Subject"] for m in mails.mails} == {"6 requests wait for your answer"}
    assert all("/answer/" not in m.get_content() for m in mails.mails)


def test_slack_says_the_same_and_what_was_typed_is_no_markup(mails: Any, settings: Any) -> None:
    with slack_server() as slack:
        settings.SLACK_API_URL, settings.SLACK_TOKEN = slack.url, "xoxb-test"
        ask()
        send()
        texts = [body["text"] for path, _, body in slack.posts if path == "/chat.postMessage"]
    assert texts
    assert "Train to &lt;Lyon&gt; &amp; back" in texts[0]
    assert re.search(r"<http://testserver/answer/\S+\?say=approve\|Approve…>", texts[0])


def test_nobody_in_a_sandbox_is_written_to(mails: Any) -> None:
    tester = next(p.slug for p in load_program(PROGRAM).people if p.team == "quality-engineering")
    ask(by=tester, tenant="experimental-qa")
    send()
    assert not Outgoing.objects.exists()
