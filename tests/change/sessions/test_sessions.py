"""Sessions through the room's own actions, its job, its gate and its pages (R100, R101, R113, R114)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.test import Client
from icalendar import Calendar

from companyos.adoption.rollouts import actions as rollout_actions
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.domain.types import Gate, Move, Verdict
from companyos.adoption.rollouts.judging import asked_of, judged
from companyos.change.comms import queries as news
from companyos.change.sessions import actions, jobs, queries
from companyos.change.sessions.domain.standing import State, standing
from companyos.change.sessions.domain.types import Kind, SessionRow, Wanted
from companyos.change.sessions.evidence import offer_evidence
from companyos.cli import hearing
from companyos.cli.session_news import tell_of_session
from companyos.kernel.clock import VirtualClock
from companyos.people.identity import actions as identity_actions
from companyos.people.identity import queries as identity
from companyos.platform import outbox
from companyos.platform.instance import Instance, run_as
from companyos.platform.models import OutboxMessage
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.surfaces.program.types import Program
from companyos.work.cases import actions as cases

PROGRAM = Path(__file__).parents[3] / "program"
MADRID = ZoneInfo("Europe/Madrid")
NOW = datetime(2026, 11, 9, 9, tzinfo=MADRID)  # a Monday
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLAN, LEAD, SQUAD, GRC = "unified-approvals", "ana-ruiz", "maelle-girard", "zeynep-yilmaz"
HUDDLE = "{name: huddle, title: Huddle with who joins next, kind: session, evidence: sessions.next_held}"
OWN = "{name: own-huddle, title: Huddle of this stage, kind: session}"
DWELL = "- {name: settled, title: A working week in the stage, kind: dwell}"


class Company:
    """The program's people with a clock, and a plan whose every stage has both gates over sessions."""

    def __init__(self, program: Program, tmp_path: Path) -> None:
        self.calendar = program.company.calendar
        self.clock = VirtualClock(NOW)
        run_as(Instance(self.clock, self.calendar, tmp_path, b"secret"))
        apply(program, now=NOW)
        self.relay()

    def at(self, now: datetime) -> datetime:
        self.clock.set(now)
        return now

    def move(self, move: Move, now: datetime) -> None:
        rollout_actions.person_moves(
            actor=LEAD, plan=PLAN, wanted=move, reason="as planned", version=rollouts.version_of(PLAN) or 0,
            judged=rollout_actions.Judged(), calendar=self.calendar, now=now,
        )  # fmt: skip
        self.relay()

    def relay(self) -> None:
        """Tell the room what was published since, as the process does."""
        while message := OutboxMessage.objects.filter(relayed=False).order_by("id").first():
            jobs.hear(message.topic, message.body, now=message.at)
            tell_of_session(message.topic, message.body, message.at)
            OutboxMessage.objects.filter(pk=message.pk).update(relayed=True)

    def gate(self, name: str, now: datetime) -> Gate:
        """Judge one gate as the controller does."""
        state = rollouts.state(PLAN)
        assert state is not None
        asked = tuple(each for each in asked_of(state, now) if each.spec.name == name)
        (gate,) = judged(state, asked, exempt={}, calendar=self.calendar, now=now).gates
        return gate


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Program:
    """The program, its stages with gates over sessions and Prep with a huddle; without what takes long to apply."""
    folder = tmp_path_factory.mktemp("sessions") / "program"
    shutil.copytree(PROGRAM, folder)
    plan = folder / "plans" / f"{PLAN}.yaml"
    text = plan.read_text().replace(DWELL, f"{DWELL}\n      - {HUDDLE}\n      - {OWN}")
    plan.write_text(text.replace("[enable_flag, announce]", "[enable_flag, announce, schedule_huddle]", 1))
    whole = load_program(folder)
    return replace(
        whole, flags=tuple(each for each in whole.flags if each.spec.key == "approvals.unified"), segments=(),
        measures={}, requests=(), scorecards=(), definitions=(), surveys=(),
    )  # fmt: skip


@pytest.fixture
def company(db: None, program: Program, tmp_path: Path) -> Iterator[Company]:
    offer_evidence()
    yield Company(program, tmp_path)
    outbox.forget_listeners()


def planned(kind: Kind, **fits: Any) -> list[SessionRow]:
    return [
        row for row in queries.sessions()
        if row.kind is kind and all(getattr(row, name) == value for name, value in fits.items())
    ]  # fmt: skip


def state_of(row: SessionRow, company: Company, now: datetime) -> State:
    found = queries.find(row.id)
    assert found is not None
    return standing(found, calendar=company.calendar, now=now).state


def a_lead_but(*people: str) -> str:
    return next(team.lead for team in identity.teams() if team.lead and team.lead not in people)


def test_R113_R114_a_start_plans_everything_once(company: Company) -> None:
    company.move(Move.START, NOW)

    (ahead,) = planned(Kind.HUDDLE, ahead=True)
    assert (ahead.stage, ahead.ahead, ahead.attempt, ahead.minutes) == ("pilot", True, 1, 15)
    assert ahead.begins_at == datetime(2026, 11, 13, 10, tzinfo=MADRID)  # prep's days end on Monday
    assert set(ahead.teams) == {"platform-engineering", "people-ops"}
    assert queries.invited(ahead.id)
    assert ahead.host == SQUAD
    (hours,) = planned(Kind.OFFICE_HOURS)
    assert (hours.stage, hours.host) == ("prep", SQUAD)
    assert hours.begins_at == datetime(2026, 11, 10, 14, tzinfo=MADRID)
    assert [row.begins_at.astimezone(MADRID).day for row in planned(Kind.DOGFOOD_HOUR)] == [11, 18]
    (clinic,) = planned(Kind.CLINIC)
    assert clinic.begins_at == datetime(2026, 12, 1, 11, tzinfo=MADRID)
    assert any("Unified Approvals" in item.says and "Prep" in item.says for item in clinic.agenda)

    before = queries.sessions()
    jobs.plan_sessions(NOW + HOUR)
    assert queries.sessions() == before


def test_R113_the_stages_own_huddle_is_planned_when_the_plan_asks_for_it(company: Company) -> None:
    company.move(Move.START, NOW)

    (first_day,) = planned(Kind.HUDDLE, ahead=False)
    assert (first_day.stage, first_day.attempt, first_day.begins_at) == ("prep", 1, NOW + DAY)
    assert len(queries.invited(first_day.id)) == 8
    assert "begins Tue 10 Nov 09:00" in company.gate("own-huddle", NOW).because
    actions.hold(actor=SQUAD, session=first_day.id, outcome="fine", now=company.at(NOW + DAY))
    assert company.gate("own-huddle", NOW + DAY).verdict is Verdict.PASSED
    company.move(Move.ADVANCE, company.at(NOW + 7 * DAY))
    assert {row.stage for row in planned(Kind.HUDDLE, ahead=True)} == {"pilot", "expand"}


def test_R113_a_major_change_waits_for_its_huddle_in_the_real_judge(company: Company) -> None:
    company.move(Move.START, NOW)
    (huddle,) = planned(Kind.HUDDLE, ahead=True)
    waits = company.gate("huddle", NOW + HOUR)
    assert waits.verdict is Verdict.PENDING
    assert "begins Fri 13 Nov 10:00" in waits.because

    at = company.at(huddle.begins_at + HOUR / 4)
    with pytest.raises(actions.NotYours):
        actions.hold(actor=queries.invited(huddle.id)[0], session=huddle.id, outcome="fine", now=at)
    with pytest.raises(actions.Unsaid):
        actions.hold(actor=SQUAD, session=huddle.id, outcome=" ", now=at)
    with pytest.raises(actions.Refused, match="not begun"):
        actions.hold(actor=SQUAD, session=huddle.id, outcome="fine", now=NOW)
    actions.hold(actor=SQUAD, session=huddle.id, outcome="Both teams are ready.", now=at)

    passes = company.gate("huddle", at)
    assert passes.verdict is Verdict.PASSED
    assert passes.because == f"1 of 1 done, last by {identity.name_of(SQUAD)}"
    assert company.gate("huddle", at + 60 * DAY).verdict is Verdict.PASSED  # late, but said
    company.move(Move.ADVANCE, company.at(NOW + 7 * DAY))
    assert company.gate("own-huddle", NOW + 7 * DAY).verdict is Verdict.PASSED  # the one ahead was its own
    with pytest.raises(actions.Refused, match="already"):
        actions.waive(actor=a_lead_but(SQUAD), session=huddle.id, because="no need", now=at)


def test_R113_a_waiver_needs_a_reason_and_somebody_from_outside_and_shows_as_one(company: Company) -> None:
    company.move(Move.START, NOW)
    (huddle,) = planned(Kind.HUDDLE, ahead=True)
    with pytest.raises(actions.NotYours):
        actions.waive(actor=SQUAD, session=huddle.id, because="we know", now=NOW)
    with pytest.raises(actions.NotYours):
        actions.waive(actor=queries.invited(huddle.id)[0], session=huddle.id, because="we know", now=NOW)
    other = a_lead_but(SQUAD)
    with pytest.raises(actions.Unsaid):
        actions.waive(actor=other, session=huddle.id, because="", now=NOW)
    actions.call_off(actor=SQUAD, session=huddle.id, because="we are ill", now=NOW)
    assert "called off: we are ill" in company.gate("huddle", NOW).because
    actions.waive(actor=other, session=huddle.id, because="Both teams tried it in the lab.", now=NOW)

    gate = company.gate("huddle", NOW)
    assert gate.verdict is Verdict.PASSED
    assert "who waived it: Both teams tried it in the lab." in gate.because
    assert state_of(huddle, company, NOW) is State.WAIVED
    with pytest.raises(actions.Refused):
        actions.sign_in(actor=other, session=huddle.id, now=huddle.begins_at)


def test_a_stage_taken_back_calls_its_sessions_off_and_a_new_attempt_has_new_ones(company: Company) -> None:
    company.move(Move.START, NOW)
    company.move(Move.ROLL_BACK, company.at(NOW + HOUR))

    (huddle,), (hours,) = planned(Kind.HUDDLE, ahead=True), planned(Kind.OFFICE_HOURS)
    assert {state_of(row, company, NOW + HOUR) for row in (huddle, hours)} == {State.CANCELLED}
    assert [change.what for change in queries.changes(hours.id)] == ["called_off"]
    rollout_actions.record_fix(actor=SQUAD, plan=PLAN, summary="mended", link="", now=NOW + HOUR)
    company.move(Move.RESUME, company.at(NOW + 2 * HOUR))
    again = [row for row in queries.sessions() if row.rollout and not row.cancelled_at]
    assert {row.kind for row in again} == {Kind.HUDDLE, Kind.OFFICE_HOURS}
    assert company.gate("huddle", NOW + 2 * HOUR).verdict is Verdict.PENDING


def test_a_huddle_that_was_held_counts_for_the_next_try_of_the_stage_before_it(company: Company) -> None:
    company.move(Move.START, NOW)
    (huddle,) = planned(Kind.HUDDLE, ahead=True)
    actions.hold(actor=SQUAD, session=huddle.id, outcome="ready", now=company.at(huddle.begins_at + HOUR))
    company.move(Move.ROLL_BACK, company.at(huddle.begins_at + 2 * HOUR))
    rollout_actions.record_fix(
        actor=SQUAD, plan=PLAN, summary="mended", link="", now=huddle.begins_at + 2 * HOUR
    )
    company.move(Move.RESUME, company.at(huddle.begins_at + 3 * HOUR))

    assert planned(Kind.HUDDLE, ahead=True) == [queries.find(huddle.id)]
    assert company.gate("huddle", huddle.begins_at + 3 * HOUR).verdict is Verdict.PASSED


def test_no_session_is_moved_silently(company: Company) -> None:
    company.move(Move.START, NOW)
    (huddle,) = planned(Kind.HUDDLE, ahead=True)
    guest = queries.invited(huddle.id)[0]
    assert [row.notice.title for row in news.news_of(guest)] == [huddle.title]

    with pytest.raises(actions.Unsaid):
        actions.move(actor=SQUAD, session=huddle.id, begins_at=NOW + DAY, because=" ", now=NOW)
    with pytest.raises(actions.Refused, match="still to come"):
        actions.move(actor=SQUAD, session=huddle.id, begins_at=NOW, because="sooner", now=NOW)
    with pytest.raises(actions.NotYours):
        actions.move(actor=guest, session=huddle.id, begins_at=NOW + DAY, because="sooner", now=NOW)
    actions.move(actor=SQUAD, session=huddle.id, begins_at=NOW + DAY, because="People Ops is away", now=NOW)
    actions.hand_over(actor=SQUAD, session=huddle.id, to=LEAD, because="I am away", now=NOW + HOUR)
    company.relay()

    moved = queries.find(huddle.id)
    assert moved is not None
    assert (moved.begins_at, moved.host, moved.sequence) == (NOW + DAY, LEAD, 2)
    assert [(each.what, each.because) for each in queries.changes(huddle.id)] == [
        ("moved", "People Ops is away"), ("handed_over", "I am away"),
    ]  # fmt: skip
    told = news.news_of(guest)
    assert any("Moved to" in row.notice.title and "People Ops is away" in row.notice.words for row in told)
    jobs.plan_sessions(NOW + HOUR)  # nobody's move is undone
    assert queries.find(huddle.id) == moved


def test_R113_questions_are_asked_before_it_and_answered_once(company: Company) -> None:
    company.move(Move.START, NOW)
    (huddle,) = planned(Kind.HUDDLE, ahead=True)
    guest = queries.invited(huddle.id)[0]
    first = actions.ask(actor=guest, session=huddle.id, text="Do drafts move over?", now=NOW)
    with pytest.raises(actions.NotYours):
        actions.answer(actor=guest, session=huddle.id, question=first, text="yes", now=NOW)
    actions.answer(actor=SQUAD, session=huddle.id, question=first, text="They do.", now=NOW + HOUR)
    with pytest.raises(actions.Refused, match="already"):
        actions.answer(actor=SQUAD, session=huddle.id, question=first, text="No.", now=NOW + HOUR)

    (asked,) = queries.asked(huddle.id)
    assert (asked.text, asked.answer, asked.is_open) == ("Do drafts move over?", "They do.", False)


def test_R100_people_sign_in_while_it_is_on(company: Company) -> None:
    jobs.plan_sessions(NOW)
    hour = planned(Kind.DOGFOOD_HOUR)[0]

    for after, refusal in ((-HOUR, "too early"), (HOUR + DAY, "It is over")):
        with pytest.raises(actions.Refused, match=refusal):
            actions.sign_in(actor=LEAD, session=hour.id, now=hour.begins_at + after)
    for person, after in ((LEAD, -HOUR / 4), (LEAD, HOUR / 4), (SQUAD, HOUR)):
        actions.sign_in(actor=person, session=hour.id, now=hour.begins_at + after)
    assert [(each.person, each.at) for each in queries.attended(hour.id)] == [
        (LEAD, hour.begins_at - HOUR / 4), (SQUAD, hour.ends_at),
    ]  # fmt: skip


def test_R100_cases_filed_in_the_hour_by_those_who_signed_in_are_its_yield(company: Company) -> None:
    company.move(Move.START, NOW)
    hour = planned(Kind.DOGFOOD_HOUR)[0]
    assert any("Unified Approvals Workflow: " in item.says for item in hour.agenda)
    ada, bo, stranger = (each.slug for each in identity.everybody()[:3])
    for person in (ada, bo):
        actions.sign_in(actor=person, session=hour.id, now=hour.begins_at)
    report = _reporter(hour.begins_at)
    taken_up = report(ada, 10, steps="Open it.\nPress send.")
    report(bo, 20)
    report(bo, 61)
    report(stranger, 20, steps="Open it.")
    cases.accept_triage(
        actor=SQUAD, case=taken_up, type_slug="bug", severity="sev3", squad="approvals-squad", owner=SQUAD,
        now=hour.ends_at,
    )  # fmt: skip

    found = queries.yield_of_hour(hour)
    assert (found.people, found.cases, found.actionable) == (2, 2, 1)
    assert next(each.id for each in queries.filed_in(hour)) == taken_up


def _reporter(begins_at: datetime) -> Callable[..., str]:
    homes = {each.slug: each.tenant for each in identity.everybody()}

    def report(person: str, minute: int, steps: str = "") -> str:
        return cases.open_case(
            actor=person, tenant=homes[person], type_slug="bug", title=f"Wrong in minute {minute}", body="",
            fields={"actual": "nothing", **({"steps": steps} if steps else {})}, feature=PLAN, severity="sev3",
            squad="approvals-squad", now=begins_at + timedelta(minutes=minute),
        )  # fmt: skip

    return report


def test_R101_a_clinic_keeps_who_came_and_what_they_take_home(company: Company) -> None:
    jobs.plan_sessions(NOW)
    (clinic,) = planned(Kind.CLINIC)
    guest = next(each.slug for each in identity.everybody() if each.slug != clinic.host)
    with pytest.raises(actions.Refused, match="not begun"):
        actions.note_attendance(actor=clinic.host, session=clinic.id, person=guest, now=NOW)
    actions.note_attendance(actor=clinic.host, session=clinic.id, person=guest, now=clinic.begins_at)
    for link, refused in (
        ("javascript:alert(1)", True),
        ("//evil.example", True),
        ("https://x.example", False),
    ):
        link_of = {"session": clinic.id, "title": "Slides", "link": link, "now": clinic.ends_at}
        if refused:
            with pytest.raises(actions.Refused, match="begins with https"):
                actions.add_material(actor=clinic.host, **link_of)
        else:
            actions.add_material(actor=clinic.host, **link_of)

    assert [(each.person, each.noted_by) for each in queries.attended(clinic.id)] == [(guest, clinic.host)]
    assert [each.link for each in queries.material(clinic.id)] == ["https://x.example"]


def test_an_agenda_follows_what_is_in_rollout_until_the_hour_begins(company: Company) -> None:
    jobs.plan_sessions(NOW)
    hour = planned(Kind.DOGFOOD_HOUR)[0]
    assert "Nothing is in rollout" in hour.agenda[1].says
    company.move(Move.START, NOW + HOUR)
    fresh = queries.find(hour.id)
    assert fresh is not None
    assert "Unified Approvals" in fresh.agenda[1].says
    assert fresh.sequence == hour.sequence + 1
    wanted = Wanted(hour.key, hour.kind, hour.title, hour.begins_at, hour.host, ())
    actions.plan(wanted=wanted, now=hour.begins_at)
    assert queries.find(hour.id) == fresh


def test_R101_a_calendar_is_a_persons_own_until_they_take_a_new_link(company: Company) -> None:
    company.move(Move.START, NOW)
    (huddle,) = planned(Kind.HUDDLE, ahead=True)
    guest = queries.invited(huddle.id)[0]
    stranger = next(
        p.slug for p in identity.everybody() if p.slug not in (*queries.invited(huddle.id), huddle.host)
    )
    client, key = Client(), actions.feed_key(guest)

    def read(key: str) -> dict[str, Any]:
        answer = client.get("/sessions/calendar.ics", {"key": key})
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/calendar")
        return {str(e["uid"]).partition("@")[0]: e for e in Calendar.from_ical(answer.content).walk("VEVENT")}

    assert read(key)[huddle.id]["sequence"] == 0
    assert huddle.id not in read(actions.feed_key(stranger))
    actions.call_off(actor=SQUAD, session=huddle.id, because="ill", now=NOW)
    assert (read(key)[huddle.id]["sequence"], read(key)[huddle.id]["status"]) == (1, "CANCELLED")
    fresh = actions.renew_feed(actor=guest)
    assert read(fresh)
    for old in (key, "", f"{guest}.1:forged", key.replace(guest, stranger)):
        assert client.get("/sessions/calendar.ics", {"key": old}).status_code == 403


def signed_in(person: str) -> Client:
    client = Client()
    client.get(f"/sign-in/{identity_actions.make_sign_in_link(person=person, now=NOW)}")
    return client


def test_the_pages_show_escape_and_refuse(company: Company) -> None:
    company.move(Move.START, NOW)
    (huddle,) = planned(Kind.HUDDLE, ahead=True)
    guest_slug = queries.invited(huddle.id)[0]
    host, guest = signed_in(SQUAD), signed_in(guest_slug)
    page = f"/sessions/{huddle.id}"
    for path in ("/sessions", "/sessions?show=mine", "/sessions?show=past", page):
        assert host.get(path).status_code == 200, path
        assert host.get(path, headers={"X-Fragment": "live"}).status_code == 200, path
    assert guest.post(f"{page}/ask", {"text": "<b>Why?</b>"}).status_code == 302
    assert b"&lt;b&gt;Why?&lt;/b&gt;" in host.get(page).content
    assert b"Keep the outcome" not in host.get(page).content  # it has not begun

    company.at(huddle.begins_at)
    assert b"Sign in</button>" in guest.get(page).content
    assert guest.post(f"{page}/sign-in").status_code == 302
    refused = guest.post(f"{page}/hold", {"outcome": "I say so"})
    assert (refused.status_code, b"Its host does this" in refused.content) == (403, True)
    assert host.post(f"{page}/hold", {"outcome": ""}).status_code == 422
    assert host.post(f"{page}/hold", {"outcome": "Ready."}).status_code == 302
    again = host.post(f"{page}/hold", {"outcome": "Not ready."})
    assert again.status_code == 409
    assert host.post(f"{page}/nothing").status_code == 404
    assert host.get(f"{page}/hold", headers={"X-Fragment": "live"}).status_code == 200  # after a refusal
    assert host.get(page.replace(huddle.id, "01a1cefc-3e80-724b-8d2b-23047b05fbb4")).status_code == 404
    assert Client().get(page).status_code == 302
    assert b"Ready." in guest.get(page).content


def test_the_same_over_http(company: Company) -> None:
    company.move(Move.START, NOW)
    (huddle,) = planned(Kind.HUDDLE, ahead=True)
    guest_slug = queries.invited(huddle.id)[0]
    people = (SQUAD, guest_slug)
    keys = identity_actions.issue_personal_keys(actor=LEAD, people=people, now=NOW)
    host, guest = ({"Authorization": f"Bearer {keys[person]}"} for person in people)
    client, at = Client(), f"/api/v1/sessions/{huddle.id}"

    def post(path: str, body: dict[str, Any], who: dict[str, str]) -> Any:
        return client.post(f"{at}/{path}", body, content_type="application/json", headers=who)

    assert client.get("/api/v1/sessions").status_code == 401
    rows = client.get("/api/v1/sessions", headers=guest).json()
    assert next(row for row in rows if row["id"] == huddle.id)["state"] == "planned"
    asked = post("questions", {"text": "Why?"}, guest)
    assert asked.status_code == 201
    assert post(f"questions/{asked.json()['id']}/answer", {"text": "So."}, host).status_code == 200
    assert post("sign-in", {}, guest).status_code == 409  # too early
    assert post("waive", {"because": "no need"}, host).status_code == 403
    moved = {"begins_at": "2026-11-12T10:00:00", "because": "sooner"}
    assert post("move", moved, host).status_code == 200
    company.at(datetime(2026, 11, 12, 10, tzinfo=MADRID))
    assert post("sign-in", {}, guest).status_code == 200
    assert post("hold", {"outcome": " "}, host).status_code == 422
    assert post("hold", {"outcome": "Ready."}, host).status_code == 200
    told = client.get(at, headers=guest).json()
    assert (told["state"], told["outcome"], told["rule"]) == ("held", "Ready.", "what_was_held_stays_held")
    assert [each["person"] for each in told["attended"]] == [guest_slug]
    assert client.get(f"{at[:-3]}fff", headers=guest).status_code == 404


def test_an_erased_person_leaves_no_word_and_no_name(company: Company) -> None:
    company.move(Move.START, NOW)
    (huddle,) = planned(Kind.HUDDLE, ahead=True)
    guest = queries.invited(huddle.id)[0]
    actions.ask(actor=guest, session=huddle.id, text="My own words", now=NOW)
    actions.sign_in(actor=guest, session=huddle.id, now=huddle.begins_at)
    actions.hold(actor=SQUAD, session=huddle.id, outcome="Ready.", now=huddle.begins_at)
    actions.renew_feed(actor=guest)

    assert actions.forget([guest, SQUAD]) >= 5
    (asked,), row = queries.asked(huddle.id), queries.find(huddle.id)
    assert (asked.by, asked.text) == ("somebody", "Erased")
    assert row is not None
    assert (row.host, row.held_by, row.outcome) == ("somebody", "somebody", "Ready.")
    assert guest not in (*queries.invited(huddle.id), *[each.person for each in queries.attended(huddle.id)])


def test_the_process_hears_of_a_stage_and_a_failure_stops_no_relay(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    heard: list[str] = []
    monkeypatch.setattr(hearing.feedback, "hear", lambda *said, **more: None)
    monkeypatch.setattr(hearing.trackers, "hear", lambda *said, **more: None)
    monkeypatch.setattr(jobs, "plan_sessions", lambda now: heard.append("moved"))
    hearing.tell_the_rooms("rollout.moved", {"rollout": PLAN}, NOW, handed_in=None)  # type: ignore[arg-type]
    assert heard == ["moved"]
    broken = {"rollout": PLAN, "action": "schedule_huddle"}  # no stage
    hearing.tell_the_rooms("rollout.entered", broken, NOW, handed_in=None)  # type: ignore[arg-type]


def test_a_session_is_planned_once_by_two_planners(company: Company) -> None:
    jobs.plan_sessions(NOW)
    hour = planned(Kind.DOGFOOD_HOUR)[0]
    wanted = Wanted(hour.key, hour.kind, "Another", NOW + 9 * DAY, LEAD, hour.agenda)

    assert actions.plan(wanted=wanted, now=NOW) == hour.id
    assert queries.find(hour.id) == replace(hour)
