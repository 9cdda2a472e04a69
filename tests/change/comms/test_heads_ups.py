"""Stages, flags and migrations are told before they come and answered afterwards; reach is a gate (R112, R115)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from companyos.adoption.flags import actions as flags
from companyos.adoption.flags.domain.documents import segment_from
from companyos.adoption.flags.domain.types import FlagSpec, SegmentSpec
from companyos.adoption.rollouts import actions as rollouts
from companyos.adoption.rollouts import judging
from companyos.adoption.rollouts import queries as rollout_queries
from companyos.adoption.rollouts.actions import Judged
from companyos.adoption.rollouts.domain.decide import Decision
from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec
from companyos.adoption.rollouts.domain.plan import NoShadow
from companyos.adoption.rollouts.domain.types import Gate, Move, StageState, Verdict
from companyos.adoption.rollouts.models import StageRun
from companyos.change.comms import actions, evidence, queries
from companyos.change.comms.actions import banners
from companyos.change.comms.domain.drafts import Draft
from companyos.change.comms.domain.telling import Telling
from companyos.change.comms.domain.types import Kind
from companyos.change.comms.jobs import HeadsUps
from companyos.change.comms.queries.banners import find_banner
from companyos.change.comms.queries.stories import Stories
from companyos.kernel.clock import WallClock
from companyos.people.identity import queries as identity
from companyos.platform import outbox, posting
from companyos.platform.instance import Instance, instance, run_as
from companyos.platform.models import Outgoing
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from end_to_end.message_servers import SlackServer, slack_server

PROGRAM = load_program(Path(__file__).parents[3] / "program")
CALENDAR = PROGRAM.company.calendar
PLAN, LEAD = "unified-approvals", "ana-ruiz"
MONDAY = datetime(2026, 11, 9, 8, tzinfo=UTC)  # 09:00 in Madrid
DAY, HOUR, WEEK = timedelta(days=1), timedelta(hours=1), timedelta(days=7)
REACHED = GateSpec("reached", "People know", GateKind.REACH, at_least=0.8)
NEXT = GateSpec("next-reached", "The next know", GateKind.REACH, at_least=0.5, evidence="comms.reach_next")
PILOT = "stage/unified-approvals/pilot/1"
pytestmark = pytest.mark.django_db


class Company:
    """The program's company, with one plan whose gates ask for reach, driven by hand."""

    def __init__(self, tmp_path: Path) -> None:
        plan = next(each for each in PROGRAM.plans if each.slug == PLAN)
        stages = tuple(replace(each, gates=(REACHED, NEXT), shadow=None) for each in plan.stages)
        bare = NoShadow((LEAD, "zeynep-yilmaz"), "the old path cannot be copied", "2027-01-31")
        self.plan = replace(plan, stages=stages, without_shadow=bare)
        lean = replace(
            PROGRAM, plans=(self.plan,), features=tuple(f for f in PROGRAM.features if f.slug == PLAN), flags=(),
            segments=(), measures={}, requests=(), cases=(), surveys=(), scorecards=(), definitions=(), surfaces=(),
            elsewhere=(), processes=(),
        )  # fmt: skip
        apply(lean, now=MONDAY - WEEK)
        run_as(Instance(WallClock(), CALENDAR, tmp_path, b"secret"))
        outbox.relay()
        self.heads_ups = HeadsUps(CALENDAR)

    def move(self, wanted: Move, now: datetime, because: str = "its gates passed") -> None:
        state = rollout_queries.state(PLAN)
        rollouts.move(
            actor=LEAD, plan=PLAN, decision=Decision(wanted, because, "by_a_person"),
            version=state.version if state else 0, judged=Judged(), calendar=CALENDAR, now=now,
        )  # fmt: skip
        outbox.relay()

    def look(self, now: datetime) -> None:
        outbox.relay()
        self.heads_ups.look(now)

    def joining(self, stage: str) -> frozenset[str]:
        return rollout_queries.joining_at(self.plan, stage)


@pytest.fixture
def company(tmp_path: Path) -> Iterator[Company]:
    outbox.forget_listeners()
    outbox.listen(lambda topic, body: actions.hear(topic, body, now=MONDAY))
    yield Company(tmp_path)
    outbox.forget_listeners()


@pytest.fixture
def posts(settings: Any) -> Iterator[SlackServer]:
    with slack_server() as server:
        settings.SLACK_API_URL, settings.SLACK_TOKEN = f"{server.url}/api", "xoxb-test"
        yield server


def _queued() -> list[tuple[str, str]]:
    return [(row.key, row.words["text"]) for row in Outgoing.objects.filter(channel="slack").order_by("id")]


def _outcome(key: str = PILOT) -> str:
    found = queries.find_by_key(key)
    return found.outcome if found else "nobody was told"


def test_R112_the_next_stage_is_told_in_time_to_those_who_join_and_once(company: Company) -> None:
    company.move(Move.START, MONDAY)
    company.look(MONDAY)  # prep itself began at once; pilot is expected in a week, and the feature is major
    company.look(MONDAY + HOUR)
    HeadsUps(CALENDAR).look(MONDAY + HOUR)  # another process

    row = queries.find_by_key(PILOT)
    assert row is not None
    assert (row.kind, row.feature, row.changes_at) == (Kind.STAGE, PLAN, MONDAY + WEEK)
    assert {each.person for each in queries.receipts([row])[row.id]} == company.joining("pilot")
    told = [text for key, text in _queued() if key == actions.POSTS + PILOT]
    assert len(told) == 1
    assert "Heads-up" in told[0] and "Expected Mon 16 Nov 09:00 (Europe/Madrid)" in told[0]
    assert f"/announcements/{row.id}" in told[0] and "Ana Ruiz" in told[0]


def test_R112_a_stage_that_is_tried_again_after_others_is_told_ahead_again(company: Company) -> None:
    company.move(Move.START, MONDAY)
    StageRun.objects.create(
        rollout_id=PLAN, stage="pilot", attempt=1, state=StageState.ROLLED_BACK, people=0,
        entered_at=MONDAY - 3 * DAY, left_at=MONDAY - 2 * DAY,
    )  # fmt: skip
    company.look(MONDAY)

    assert queries.find_by_key(PILOT) is None
    again = queries.find_by_key("stage/unified-approvals/pilot/2")
    assert again is not None and again.changes_at == MONDAY + WEEK


def test_R112_a_minor_change_waits_for_its_own_lead_time(company: Company) -> None:
    actions.keep_telling(Telling("#elsewhere", major_days=2, minor_days=1))
    assert not actions.keep_telling(Telling("#elsewhere", major_days=2, minor_days=1))
    company.move(Move.START, MONDAY)
    company.look(MONDAY + 2 * DAY)
    assert _outcome() == "nobody was told"
    company.look(MONDAY + 3 * DAY)
    assert Outgoing.objects.get(key=actions.POSTS + PILOT).words["channel"] == "#elsewhere"


def test_R112_what_became_of_a_stage_answers_in_its_thread_and_on_its_notice(
    company: Company, posts: SlackServer
) -> None:
    company.move(Move.START, MONDAY)
    company.look(MONDAY)
    posting.post_what_waits(now=MONDAY)
    begins = MONDAY + WEEK
    company.move(Move.ADVANCE, begins)
    company.look(begins)
    people = len(company.joining("pilot"))
    assert _outcome() == f"On since Mon 16 Nov 09:00 for {people} people."
    company.move(Move.PAUSE, begins + HOUR, "an open Sev1")
    company.look(begins + HOUR)
    assert _outcome().startswith("Paused Mon 16 Nov 10:00: an open Sev1.")
    company.move(Move.RESUME, begins + 2 * HOUR, "mended")
    company.look(begins + 2 * HOUR)
    company.move(Move.ROLL_BACK, begins + 3 * HOUR, "errors 4 % against 1 %")
    company.look(begins + 3 * HOUR)
    company.look(begins + 4 * HOUR)
    assert _outcome() == "Taken back Mon 16 Nov 12:00: errors 4 % against 1 %."

    posting.post_what_waits(now=begins + 4 * HOUR)
    first, *rest = [body for _, _, body in posts.posts if "comes" in body["text"] or "Pilot" in body["text"]]
    assert "thread_ts" not in first
    answers = [body["text"].partition("*: ")[2] for body in rest if body.get("thread_ts") == "1.2"]
    assert [each.split()[0] for each in answers][-4:] == ["On", "Paused", "Goes", "Taken"]
    company.move(Move.RESUME, begins + 5 * HOUR, "fixed")
    company.look(begins + 5 * HOUR)
    again = queries.find_by_key("stage/unified-approvals/pilot/2")
    assert again is not None, "another attempt is told at once: nobody could before"


def test_R112_a_date_that_moves_is_told_in_the_thread_and_one_that_is_open_says_so(company: Company) -> None:
    company.move(Move.START, MONDAY)
    company.look(MONDAY)
    company.move(Move.PAUSE, MONDAY + HOUR, "the vendor is away")
    company.look(MONDAY + HOUR)
    assert _outcome() == "The date is open since Mon 9 Nov 10:00: the vendor is away."
    company.move(Move.RESUME, MONDAY + DAY, "back")
    company.look(MONDAY + DAY)
    assert _outcome() == "There is a date again: Mon 16 Nov 09:00."
    late = MONDAY + WEEK + 2 * DAY  # due on Monday, and its gates have not passed
    company.look(late - DAY)
    assert _outcome() == "There is a date again: Mon 16 Nov 09:00."
    company.look(late)
    company.look(late + HOUR)
    assert "It was expected Mon 16 Nov 09:00 and waits for its gates" in _outcome()
    rollouts.freeze(actor=LEAD, since=late, until=late + 2 * DAY, because="quarter end", now=late)
    told = queries.find_by_key(PILOT)
    assert told is not None and sum(key.startswith(f"{actions.POSTS}{PILOT}#") for key, _ in _queued()) == 3


def test_R112_a_killed_rollout_calls_off_what_was_told(company: Company) -> None:
    company.move(Move.START, MONDAY)
    company.look(MONDAY)
    company.move(Move.KILL, MONDAY + HOUR, "we buy it instead")
    company.look(MONDAY + HOUR)
    assert _outcome() == "It does not come; called off Mon 9 Nov 10:00: we buy it instead."
    assert queries.heads_ups_open(Kind.STAGE) == {}


def test_R115_the_gates_of_a_plan_ask_who_knew_before(company: Company) -> None:
    evidence.offer_evidence()
    company.move(Move.START, MONDAY)
    company.look(MONDAY)
    pilots = sorted(company.joining("pilot"))
    notice = queries.find_by_key(PILOT)
    assert notice is not None
    assert _judged(MONDAY + HOUR)["next-reached"].verdict is Verdict.FAILED, "none has opened it"
    half = len(pilots) // 2 + 1
    for person in pilots[:half]:
        actions.open_one(actor=person, notice=notice.id, now=MONDAY + DAY)
    gate = _judged(MONDAY + DAY)["next-reached"]
    assert (gate.verdict, gate.n, gate.value) == (Verdict.PASSED, len(pilots), half / len(pilots))
    assert "?" not in gate.because, "all are counted: there is no interval to show"

    begins = MONDAY + WEEK
    company.move(Move.ADVANCE, begins)
    for person in pilots[half:]:
        actions.open_one(actor=person, notice=notice.id, now=begins + HOUR)  # too late
    gate = _judged(begins + 2 * HOUR)["reached"]
    assert (gate.verdict, gate.value) == (Verdict.FAILED, half / len(pilots))


def test_R115_nobody_told_is_a_problem_in_words_and_the_start_is_announced_by_hand(company: Company) -> None:
    evidence.offer_evidence()
    calendar = CALENDAR
    with pytest.raises(actions.NotYours):
        actions.announce_start(
            actor="dohyun-bae", plan=PLAN, begins=MONDAY, calendar=calendar, now=MONDAY - DAY
        )
    with pytest.raises(actions.NoSuch):
        actions.announce_start(actor=LEAD, plan="no-such", begins=MONDAY, calendar=calendar, now=MONDAY - DAY)
    if company.joining("prep"):
        made = actions.announce_start(
            actor=LEAD, plan=PLAN, begins=MONDAY, calendar=calendar, now=MONDAY - WEEK
        )
        again = actions.announce_start(
            actor=LEAD, plan=PLAN, begins=MONDAY + DAY, calendar=calendar, now=MONDAY - DAY
        )
        assert made == again and _outcome("stage/unified-approvals/prep/1").startswith("Moved to Tue 10 Nov")
    company.move(Move.START, MONDAY + DAY)
    gate = _judged(MONDAY + DAY)["next-reached"]
    assert (gate.verdict, gate.value) == (Verdict.PENDING, None)
    assert "was told in time" in gate.because


def _judged(now: datetime) -> dict[str, Gate]:
    state = rollout_queries.state(PLAN)
    assert state is not None
    found = judging.judged(state, judging.asked_of(state, now), exempt={}, calendar=CALENDAR, now=now)
    return {each.name: each for each in found.gates}


def _flag(company: Company, now: datetime = MONDAY) -> tuple[str, str]:
    """A flag of a team, and who may change it."""
    team = next(each for each in identity.teams() if len(each.people) > 3)
    spec = FlagSpec("desk.dark", "Dark desk", owner=team.slug)
    flags.create(actor=team.lead, spec=spec, because="a new look", now=now)
    return team.lead, team.slug


def _for(team: str) -> dict[str, Any]:
    tenant = next(each.tenant for each in identity.everybody() if each.team == team)
    return {"audience": {"slices": [{"tenant": tenant, "teams": [team]}]}}


def test_R112_a_scheduled_change_is_told_before_and_said_after(company: Company) -> None:
    lead, team = _flag(company)
    at = MONDAY + 2 * DAY
    number = flags.schedule(
        actor=lead, key="desk.dark", at=at, changes=_for(team), because="asked for", now=MONDAY
    )
    flags.schedule(
        actor=lead, key="desk.dark", at=at, changes={"description": "words"}, because="clearer", now=MONDAY
    )
    company.look(MONDAY + HOUR)
    assert queries.find_by_key(f"flag/{number}") is None, "a minor change waits for the day before"
    company.look(MONDAY + DAY)
    company.look(MONDAY + DAY + HOUR)
    row = queries.find_by_key(f"flag/{number}")
    assert row is not None and row.changes_at == at
    mine = {each.slug for each in identity.everybody() if each.team == team}
    assert {each.person for each in queries.receipts([row])[row.id]} == mine
    flags.apply_scheduled(scheduled=number, now=at)
    company.look(at)
    assert _outcome(f"flag/{number}") == f"Done Wed 11 Nov 09:00 for {len(mine)} people."
    assert [each.kind for each in queries.notices()].count(Kind.FLAG) == 1, (
        "it is not told again as made at once"
    )


def test_R112_a_cancelled_change_and_one_made_at_once(company: Company) -> None:
    lead, team = _flag(company)
    at = MONDAY + DAY
    number = flags.schedule(
        actor=lead, key="desk.dark", at=at, changes=_for(team), because="asked for", now=MONDAY
    )
    company.look(MONDAY)
    flags.cancel(actor=lead, key="desk.dark", scheduled=number, because="not ready", now=MONDAY + HOUR)
    company.look(MONDAY + HOUR)
    assert _outcome(f"flag/{number}") == "It does not come; called off Mon 9 Nov 10:00: not ready."
    flags.change(
        actor=lead, key="desk.dark", changes=_for(team), version=1, because="ready now", now=MONDAY + 2 * HOUR
    )
    company.look(MONDAY + 2 * HOUR)
    company.look(MONDAY + 3 * HOUR)
    row = queries.find_by_key("flag/desk.dark/2")
    assert row is not None and "Since Mon 9 Nov 11:00" in row.words and "ready now" in row.words
    assert queries.heads_ups_open(Kind.FLAG) == {}


def test_R112_what_nobody_sees_goes_into_one_daily_post(company: Company) -> None:
    lead, team = _flag(company)
    made = SegmentSpec("desk-people", "People at desks", owner=team)
    flags.save_segment(actor=lead, spec=made, version=0, because="for later", now=MONDAY)
    company.look(MONDAY + 6 * HOUR)
    assert not any(key.startswith(actions.DAILY) for key, _ in _queued())
    four = MONDAY + 7 * HOUR  # 16:00 in Madrid
    company.look(four)
    company.look(four + HOUR)
    [text] = [text for key, text in _queued() if key.startswith(actions.DAILY)]
    assert "flag desk.dark: a new flag" in text and "segment desk-people: a new segment" in text
    flags.change(
        actor=lead,
        key="desk.dark",
        changes={"description": "words"},
        version=1,
        because="clearer",
        now=four + HOUR,
    )
    company.look(four + 2 * HOUR)
    assert len(queries.minor_changes()) == 1, "after the post it waits for the next day's"
    company.look(four + DAY)
    assert len([key for key, _ in _queued() if key.startswith(actions.DAILY)]) == 2
    company.look(four + 2 * DAY)
    assert len([key for key, _ in _queued() if key.startswith(actions.DAILY)]) == 2, "nothing changed"


def test_R112_a_segment_that_moves_people_is_told(company: Company) -> None:
    lead, team = _flag(company)
    tenant = next(each.tenant for each in identity.everybody() if each.team == team)
    condition = {"attribute": "team", "test": "is", "values": ["nobody-there"]}
    empty = _segment(team, condition)
    flags.save_segment(actor=lead, spec=empty, version=0, because="first", now=MONDAY)
    changes = {"audience": {"slices": [{"tenant": tenant, "segments": ["desk-people"]}]}}
    flags.change(actor=lead, key="desk.dark", changes=changes, version=1, because="for the group", now=MONDAY)
    full = _segment(team, {**condition, "values": [team]})
    flags.save_segment(actor=lead, spec=full, version=1, because="the team joins", now=MONDAY + HOUR)
    company.look(MONDAY + HOUR)
    row = queries.find_by_key("segment/desk-people/2")
    mine = {each.slug for each in identity.everybody() if each.team == team}
    assert row is not None and {each.person for each in queries.receipts([row])[row.id]} == mine


def _segment(team: str, condition: dict[str, Any]) -> SegmentSpec:
    return segment_from(
        {"slug": "desk-people", "title": "People at desks", "owner": team, "conditions": [condition]}
    )


def test_R112_a_migration_is_announced_put_off_and_done(company: Company) -> None:
    team = identity.teams()[0]
    at = MONDAY + 3 * DAY
    said = {"title": "Requests move <!channel>", "words": "New tables.", "teams": [team.slug], "tenants": []}

    def announce(
        actor: str = team.lead, way_back: str = "Cannot be taken back.", moment: datetime = at
    ) -> str:
        return actions.announce_migration(
            actor=actor, way_back=way_back, changes_at=moment, calendar=CALENDAR, now=MONDAY, **said,  # type: ignore[arg-type]
        )  # fmt: skip

    for refused in (
        lambda: announce(actor="nobody"),
        lambda: announce(way_back=" "),
        lambda: announce(moment=MONDAY),
    ):
        with pytest.raises(actions.Refused):
            refused()
    notice = announce()
    row = queries.find(notice)
    assert row is not None and row.kind is Kind.MIGRATION and "Cannot be taken back." in row.words
    assert "&lt;!channel&gt;" in _queued()[-1][1], "what somebody typed calls nobody"
    actions.put_off(actor=team.lead, notice=notice, changes_at=at + DAY, calendar=CALENDAR, now=MONDAY)
    with pytest.raises(actions.Refused, match="Say why"):
        actions.say_how_it_went(
            actor=team.lead, notice=notice, went="taken_back", because="", calendar=CALENDAR, now=at
        )
    actions.say_how_it_went(
        actor=team.lead, notice=notice, went="done", because="", calendar=CALENDAR, now=at + DAY
    )
    assert _outcome(row.key) == f"Done Fri 13 Nov 09:00 for {len(team.people)} people."
    with pytest.raises(actions.Refused, match="said already"):
        actions.put_off(actor=team.lead, notice=notice, changes_at=at + WEEK, calendar=CALENDAR, now=at + DAY)


def test_R111_what_is_called_off_takes_its_banner_along(company: Company) -> None:
    team = identity.teams()[0]
    notice = actions.announce_migration(
        actor=team.lead, title="New tables", words="Requests move.", way_back="It cannot be.", teams=[team.slug],
        tenants=[], changes_at=MONDAY + 3 * DAY, calendar=CALENDAR, now=MONDAY,
    )  # fmt: skip
    draft = Draft("New tables on Thursday", "Save what you are writing.", MONDAY + 3 * DAY, notice=notice)
    banner = banners.make(actor=team.lead, draft=draft, now=MONDAY)
    actions.say_how_it_went(
        actor=team.lead, notice=notice, went="called_off", because="not ready", calendar=CALENDAR, now=MONDAY + DAY
    )  # fmt: skip

    row = find_banner(banner)
    assert row is not None and row.ended_at == MONDAY + DAY and row.ended_by == team.lead
    assert "not ready" in row.ended_because


def test_R112_a_migration_is_announced_and_ended_on_its_pages(company: Company, client: Client) -> None:
    team = identity.teams()[0]
    session = client.session
    session["person"] = team.lead
    session.save()
    form = {
        "title": "New tables",
        "words": "Requests move.",
        "teams": [team.slug],
        "way_back": "It cannot be.",
    }
    refused = client.post("/announcements", form)
    assert refused.status_code == 409 and "Say when" in refused.content.decode()
    made = client.post("/announcements", {**form, "changes_at": "2027-03-09T09:00"})
    page = client.get(made.headers["Location"]).content.decode()
    assert "How it went" in page and "It cannot be." in page
    assert client.post(made.headers["Location"], {"went": "called_off"}).status_code == 409
    ended = client.post(
        made.headers["Location"], {"went": "called_off", "because": "not needed"}, follow=True
    )
    told = ended.content.decode()
    assert "called off" in told and "How it went" not in told


def test_R112_a_rehearsal_tells_in_the_app_and_posts_nothing(company: Company) -> None:
    _flag(company)
    before = instance()
    run_as(Instance(before.clock, CALENDAR, before.folder, b"", rehearsal=True))
    company.move(Move.START, MONDAY)
    company.heads_ups.look_if_due(MONDAY)
    company.heads_ups.look_if_due(MONDAY + 7 * HOUR)
    assert queries.find_by_key(PILOT) is not None
    assert _queued() == []
    assert queries.minor_changes() == (), "the daily post of a rehearsal is over as well"


def test_the_company_file_sets_how_far_ahead_and_an_erasure_reaches_who_changed(company: Company) -> None:
    assert PROGRAM.company.telling == Telling("#companyos-updates", 5, 1, time(16))
    lead, _ = _flag(company)
    outbox.relay()
    assert lead in {each.by for each in queries.minor_changes()}
    actions.forget([lead])
    assert lead not in {each.by for each in queries.minor_changes()}


def test_one_change_that_cannot_be_told_keeps_no_other_back(
    company: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    lead, team = _flag(company)
    flags.change(actor=lead, key="desk.dark", changes=_for(team), version=1, because="ready", now=MONDAY)
    company.move(Move.START, MONDAY)
    real = Stories.of_stage

    def fails(stories: Stories, coming: Any) -> Any:
        raise RuntimeError(f"{coming.stage.slug} cannot be worded")

    monkeypatch.setattr(Stories, "of_stage", fails)
    company.look(MONDAY)
    assert _outcome() == "nobody was told"
    assert queries.find_by_key("flag/desk.dark/2") is not None
    monkeypatch.setattr(Stories, "of_stage", real)
    company.look(MONDAY)
    assert _outcome() == "", "it is told at the next look"
