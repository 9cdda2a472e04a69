"""Who asked is told what came of it: by whom, with which words, once, and not one by one for many (R58)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client

from companyos.kernel.business_time import WorkingCalendar
from companyos.people.identity import actions as identity
from companyos.people.identity.domain.types import Pace, Way
from companyos.platform import posting
from companyos.platform.instance import instance, run_as
from companyos.platform.models import Outgoing
from companyos.work.approvals import actions, queries
from companyos.work.approvals.domain.outcomes import TOGETHER, Outcome, is_news, several, tell_at
from companyos.work.approvals.domain.types import Act, ActKind, Status
from companyos.work.approvals.models import Request
from end_to_end.message_servers import slack_server
from work.approvals.test_letters import ASKER, NOW, TRIP, _company, ask, mails  # noqa: F401 fixtures

SOON = NOW + TOGETHER
HELSINKI = WorkingCalendar(ZoneInfo("Europe/Helsinki"))
FRIDAY_NIGHT = datetime(2026, 11, 13, 20, tzinfo=UTC)
MONDAY_9 = datetime(2026, 11, 16, 7, tzinfo=UTC)


@pytest.mark.parametrize(
    ("pace", "since", "told"),
    [
        (Pace.AT_ONCE, FRIDAY_NIGHT, FRIDAY_NIGHT + TOGETHER),
        (Pace.WORKING_HOURS, FRIDAY_NIGHT, MONDAY_9),
        (Pace.WORKING_HOURS, MONDAY_9 + timedelta(hours=2), MONDAY_9 + timedelta(hours=2) + TOGETHER),
        (Pace.DAILY, MONDAY_9 + timedelta(hours=2), MONDAY_9 + timedelta(days=1)),
        (Pace.DAILY, FRIDAY_NIGHT, MONDAY_9),
    ],
)
def test_outcomes_go_at_the_pace_a_person_chose(pace: Pace, since: datetime, told: datetime) -> None:
    assert tell_at(pace, since, HELSINKI) == told


@pytest.mark.parametrize("status", list(Status))
def test_news_is_an_outcome_that_somebody_else_brought_about(status: Status) -> None:
    act = Act(ActKind.APPROVED, "ada", NOW)
    told = {"returned", "approved", "declined", "cancelled", "timed_out", "carried_out"}
    assert is_news(status, act, "bob") is (status in told)
    assert not is_news(status, act, "ada"), "they did it themselves"
    assert not is_news(status, act, "companyos"), "nobody to tell"


def test_a_letter_of_many_names_what_needs_its_author_first_and_ends() -> None:
    def outcome(n: int, status: Status) -> Outcome:
        return Outcome(status, f"Trip {n}", "Expense", "", "Ada", "", "", f"/r/{n}", "", "t")

    many = [*(outcome(n, Status.APPROVED) for n in range(24)), outcome(99, Status.RETURNED)]
    subject, text = several(many, "/mine")
    assert subject == "25 of your requests have an outcome"
    assert text.index("Trip 99") < text.index("Trip 0")
    assert ("And 5 more." in text, text.count("/r/")) == (True, 20)


def answer(request: str, kind: ActKind, note: str = "", at: datetime = NOW) -> None:
    found = queries.detail(request)
    assert found
    actions.act_on(actor=found.asked[0].person, request=request, kind=kind, note=note, now=at)


def approve(request: str, at: datetime = NOW) -> None:
    while (found := queries.detail(request)) and found.asked:
        answer(request, ActKind.APPROVED, at=at)


def send(now: datetime = SOON) -> int:
    actions.tell_outcomes(now=now)
    return posting.post_what_waits(now=now)


def status(request: str) -> str:
    found = queries.detail(request)
    assert found
    return found.row.status


def test_each_outcome_is_told_once_with_who_and_why_and_what_to_do(mails: Any) -> None:  # noqa: F811
    request = ask()
    answer(request, ActKind.RETURNED, "the receipt is missing")
    assert send(NOW + timedelta(minutes=1)) == 0, "what comes together is told together"
    assert (send(), send(SOON + timedelta(hours=1))) == (1, 0)
    letter = mails.mails[-1]
    assert letter["To"].startswith("elif.aksoy")
    assert letter["Subject"].startswith("Returned for changes: Expense declaration: Train to")
    for says in (
        "They say: the receipt is missing",
        "send it again",
        f"http://testserver/requests/{request}",
    ):
        assert says in letter.get_content()
    thread = letter["References"]
    assert request in thread
    actions.resubmit(actor=ASKER, request=request, fields=TRIP, now=SOON)
    approve(request, SOON)
    assert send(SOON + TOGETHER) == 1
    assert mails.mails[-1]["Subject"].startswith("Approved: ")
    assert mails.mails[-1]["References"] == thread, "a mail program shows them together"
    assert "it is carried out by the administration" in mails.mails[-1].get_content()
    clerk = next(p.slug for p in queries.organisation(NOW).people.values() if p.role == "administration")
    later = SOON + timedelta(days=1)
    actions.carry_out(actor=clerk, request=request, note="paid on 10 November", now=later)
    assert send(later + TOGETHER) == 1
    last = mails.mails[-1]
    assert last["Subject"].startswith("Carried out: ")
    assert "They say: paid on 10 November" in last.get_content()
    assert queries.organisation(NOW).name(clerk) in last.get_content()


def test_a_request_out_of_time_and_a_decline_are_told_and_ones_own_acts_are_not(mails: Any) -> None:  # noqa: F811
    ended = {}
    for purpose in ("Late train", "No train", "Mine alone", "Changed mind"):
        ended[purpose] = ask(fields={**TRIP, "purpose": purpose})
    answer(ended["No train"], ActKind.DECLINED, "not this year")
    actions.withdraw(actor=ASKER, request=ended["Mine alone"], now=NOW)
    answer(ended["Changed mind"], ActKind.RETURNED, "which train?")
    actions.withdraw(actor=ASKER, request=ended["Changed mind"], now=NOW)
    assert send() == 1, "whoever answered by then is not written to"
    assert "Declined by" in mails.mails[-1].get_content()
    at = NOW
    while status(ended["Late train"]) == Status.OPEN:
        at += timedelta(days=10)
        assert at < NOW + timedelta(days=200)
        actions.look_at_clocks(now=at)
    mails.mails.clear()
    send(at + TOGETHER)
    assert [m["Subject"].split(":")[0] for m in mails.mails] == ["Ended without an answer"]
    assert "nobody answered" in mails.mails[0].get_content()


def test_many_at_once_are_one_letter_and_a_way_that_was_chosen_is_kept(mails: Any, settings: Any) -> None:  # noqa: F811
    def decline(n: int, at: datetime = NOW) -> None:
        for each in [ask(fields={**TRIP, "purpose": f"Trip {i}"}) for i in range(n)]:
            answer(each, ActKind.DECLINED, "no", at)

    decline(6)
    assert send() == 1
    assert mails.mails[-1]["Subject"] == "6 of your requests have an outcome"
    identity.choose_how_told(actor=ASKER, ways=[Way.SLACK], pace=Pace.AT_ONCE, now=NOW)
    mails.mails.clear()
    decline(1)
    assert (send(), len(mails.mails)) == (1, 1), "no bot reaches people, so mail stands in"
    with slack_server() as slack:
        settings.SLACK_API_URL, settings.SLACK_TOKEN = slack.url, "xoxb-test"
        mails.mails.clear()
        decline(1)
        assert (send(), len(mails.mails)) == (1, 0)
        text = next(body["text"] for path, _, body in slack.posts if path == "/chat.postMessage")
    assert "Declined by" in text
    identity.choose_how_told(actor=ASKER, ways=[], pace=Pace.AT_ONCE, now=NOW)
    decline(1)
    assert send() == 0, "these pages alone tell"
    identity.choose_how_told(actor=ASKER, ways=[Way.MAIL], pace=Pace.DAILY, now=NOW)
    decline(2)
    assert (send(), send(NOW + timedelta(days=1))) == (0, 1)
    assert mails.mails[-1]["Subject"] == "2 of your requests have an outcome"


def test_nothing_leaves_a_rehearsal(mails: Any) -> None:  # noqa: F811
    request = ask()
    answer(request, ActKind.DECLINED, "no")
    here = instance()
    run_as(replace(here, rehearsal=True))
    assert send() == 0
    assert not Outgoing.objects.exists()


def test_the_pages_say_what_is_new_until_it_is_looked_at(client: Client) -> None:
    request = ask()
    answer(request, ActKind.DECLINED, "no")
    session = client.session
    session["person"] = ASKER
    session.save()
    assert "1 of what you asked for has an outcome" in client.get("/requests").content.decode()
    assert "<strong>new</strong>" in client.get("/requests/mine").content.decode()
    client.get(f"/requests/{request}")
    assert queries.news_for(ASKER) == 0
    assert Request.all_rows.get(pk=request).to_tell is not None, "the letter still goes"
    said = client.post("/requests/told", {"way": ["mail"], "pace": "working_hours"}, follow=True)
    assert "Saved" in said.content.decode()
    assert client.post("/requests/told", {"way": ["pigeon"], "pace": "daily"}).status_code == 404
