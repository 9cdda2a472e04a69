"""R180: one tap takes a person, or a team with its lead, back to the old path for a day, and starts nothing."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path as File
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adoption.flags.small_world import PEOPLE, release, world
from companyos.adoption.flags import actions, evidence, queries
from companyos.adoption.flags.domain import compile as compiler
from companyos.adoption.flags.domain.reach import who_is_on
from companyos.adoption.flags.domain.refusals import NotYours, Refused, Unclear
from companyos.adoption.flags.domain.types import FlagState, Killed, Kind, Slice, people_of
from companyos.adoption.flags.domain.way_back import MOST_IN_A_DAY, Path, Tap, why_not_back
from companyos.adoption.flags.jobs import apply_due
from companyos.adoption.telemetry.queries.days_back import days_back
from companyos.cli.approval_paths import UnifiedFor
from companyos.kernel.evidence import Fact, Question, offer
from companyos.people.identity import queries as identity
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.work.approvals import actions as approvals
from companyos.work.approvals import queries as requests
from companyos.work.cases import actions as cases
from companyos.work.cases import queries as case_queries

PROGRAM = File(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
FLAG, FEATURE, TENANT = "approvals.unified", "unified-approvals", "engineering-quality"
OWNER = "maelle-girard"


@pytest.fixture(scope="session")
def company() -> Any:
    """The company with its flags and forms; nothing that this does not ask for."""
    return replace(load_program(PROGRAM), plans=(), surveys=(), measures={})


@pytest.fixture
def team(db: None, company: Any) -> Any:
    """Platform engineering has the feature."""
    case_queries.forget_definitions()
    apply(company, now=NOW)
    found = next(each for each in identity.teams() if each.slug == "platform-engineering")
    actions.put_on(
        actor="controller", flag=FLAG, cohort={TENANT: frozenset(found.people)}, because="pilot", now=NOW
    )
    return found


def tap(person: str, *, hours: float = 1, reason: str = "slower", **more: Any) -> Any:
    return actions.switch_back(
        actor=person, flag=FLAG, reason=reason, now=NOW + timedelta(hours=hours), **more
    )


def served(person: str) -> str:
    """What a program is answered with the newest ruleset."""
    document = queries.latest_document()
    assert document is not None
    flags = compiler.load(document["flag_sets"]["companyos"])
    answer = flags.evaluate(FLAG, {"targetingKey": person, "tenant": TENANT}, now=0.0)
    return str(answer.variant)


def test_a_tap_is_a_case_a_row_and_a_ruleset_and_the_day_ends_by_itself(team: Any) -> None:
    me, other = team.people[:2]
    context = {"page": "/requests/7", "version": "2026.41", "flags": f"{FLAG}=on", "trace": "4bf92f"}
    day = tap(me, words="Ten clicks instead of two", context=context)
    assert (served(me), served(other)) == ("off", "on")
    assert tap(me, hours=1.1).id == day.id, "a second tap changes nothing"
    detail = case_queries.detail(day.case, me, NOW)
    assert detail is not None
    assert detail.body == "Ten clicks instead of two"
    assert {**detail.context, **context, "flag": FLAG} == detail.context
    assert (detail.line.squad, detail.line.feature) == ("approvals-squad", FEATURE)
    path = queries.path_of(me, FLAG, NOW + timedelta(hours=2))
    assert path is not None
    assert (path.path, path.until) == (Path.BACK, NOW + timedelta(hours=25))
    assert queries.cohort_of(FLAG) == {TENANT: frozenset(team.people)}, "the stage keeps its people"
    apply_due(NOW + timedelta(hours=24.9))
    assert served(me) == "off"
    apply_due(NOW + timedelta(hours=25))
    assert served(me) == "on"


def test_a_lead_takes_the_team_back_and_nobody_else_does(team: Any) -> None:
    others = [person for person in team.people if person != team.lead]
    with pytest.raises(Refused, match="lead says so"):
        tap(others[0], team=team.slug)
    with pytest.raises(Unclear, match="one of"):
        tap(others[0], reason="because")
    with pytest.raises(Unclear, match="500"):
        tap(others[0], words="x" * 501)
    version = queries.latest_version()
    tap(team.lead, team=team.slug)
    assert {served(person) for person in team.people} == {"off"}
    assert queries.latest_version() == version + 1, "one ruleset for all of them"
    assert actions.come_back(actor=team.lead, flag=FLAG, now=NOW + timedelta(hours=2))
    assert {served(person) for person in team.people} == {"on"}


def test_a_persons_stop_is_final_whatever_is_tapped(team: Any) -> None:
    me = team.people[0]
    tap(me)
    actions.kill(actor=OWNER, key=FLAG, because="it loses money", now=NOW + timedelta(hours=2))
    with pytest.raises(Refused, match="stopped by"):
        tap(team.people[1], hours=3)
    actions.come_back(actor=me, flag=FLAG, now=NOW + timedelta(hours=3))
    apply_due(NOW + timedelta(days=3))
    assert {served(person) for person in team.people} == {"off"}


def test_after_the_fix_it_asks_again_once(team: Any) -> None:
    me = team.people[0]
    day = tap(me)
    at = NOW + timedelta(hours=2)
    assert _again(me, at) == ""
    cases.accept_triage(
        actor=OWNER, case=day.case, type_slug="feedback", severity="sev4", squad="approvals-squad", owner=OWNER, now=at
    )  # fmt: skip
    cases.resolve(actor=OWNER, case_id=day.case, resolution="Two clicks", now=at)
    assert _again(me, at) == day.id
    actions.come_back(actor=me, flag=FLAG, now=at + timedelta(hours=1))
    assert (_again(me, at), served(me)) == ("", "on")


def _again(person: str, at: datetime) -> str:
    path = queries.path_of(person, FLAG, at)
    assert path is not None
    return path.try_again


def test_work_that_has_begun_stays_on_its_path(team: Any) -> None:
    approvals.choose_paths_with(UnifiedFor())
    me = team.people[0]
    before = _ask(me, 0.5)
    tap(me)
    after = _ask(me, 2)
    found = [requests.detail(each) for each in (before, after)]
    assert [each.row.path for each in found if each] == ["unified", "existing"]


ACCESS = {"system": "The ledger", "level": "read", "reason": "to close the month"}


def _ask(person: str, hours: float) -> str:
    return str(
        approvals.ask(
            actor=person, type_slug="access-request", tenant=TENANT, fields=ACCESS,
            now=NOW + timedelta(hours=hours),
        )
    )  # fmt: skip


def test_a_signed_link_names_one_person_and_one_flag(team: Any) -> None:
    me, other = team.people[:2]
    token = actions.link_for(actor=me, flag=FLAG, person=me)
    assert actions.linked(token) == (FLAG, me)
    assert actions.link_for(actor=OWNER, flag=FLAG, person=me)
    with pytest.raises(NotYours):
        actions.link_for(actor=other, flag=FLAG, person=me)
    with pytest.raises(NotYours, match="not valid"):
        actions.linked(token[:-1] + ("a" if token[-1] != "a" else "b"))


def test_the_return_rate_is_of_those_who_met_it_with_its_interval(team: Any) -> None:
    question = Question(FEATURE, NOW, NOW + timedelta(hours=8), frozenset(), frozenset())
    met = {"variants": [("on", 20), ("off", 3)], "rows": []}
    offer("telemetry.flag_exposures", lambda asked: Fact("met", 20.0, n=99, details=met))
    for hour, person in enumerate(team.people[:2]):
        tap(person, hours=1 + hour)
    actions.come_back(actor=team.people[0], flag=FLAG, now=NOW + timedelta(hours=4))
    tap(team.people[0], hours=5)
    fact = evidence.switched_back(question)
    assert (fact.value, fact.n, fact.details["back"], fact.details["taps"]) == (0.1, 20, 2, 3)
    assert fact.low is not None
    assert fact.high is not None
    assert fact.low < 0.1 < fact.high
    assert "reasons" not in fact.details, "two people's reasons are theirs"
    offer("telemetry.flag_exposures", lambda asked: Fact("met", 0.0, details={}))
    assert evidence.switched_back(question).value is None


def test_days_back_are_told_to_who_counts_use(team: Any) -> None:
    evidence.offer_evidence()
    me = team.people[0]
    tap(me)
    actions.come_back(actor=me, flag=FLAG, now=NOW + timedelta(hours=3))
    told = days_back(FEATURE, NOW, NOW + timedelta(days=2))
    hour = 3_600_000
    begun = int(NOW.timestamp() * 1000)
    assert (told.people, told.began, told.ended) == ((me,), (begun + hour,), (begun + 3 * hour,))


TAP = Tap(Kind.RELEASE, "Approvals", "", people=1, already_back=0, taps_today=0)


@pytest.mark.parametrize(
    ("tapped", "rule"),
    [
        (TAP, ""),
        (replace(TAP, team="sales"), "a_team_goes_back_with_its_lead"),
        (replace(TAP, team="sales", leads_team=True), ""),
        (replace(TAP, kind=Kind.PERMISSION), "there_is_a_path_to_go_back_to"),
        (replace(TAP, stopped_because="killed"), "a_stopped_flag_has_taken_everybody_back"),
        (replace(TAP, people=0), "whoever_goes_back_is_on"),
        (replace(TAP, taps_today=MOST_IN_A_DAY), "a_day_has_so_many_taps"),
        (replace(TAP, taps_today=MOST_IN_A_DAY, already_back=1), ""),
    ],
)
def test_who_may_go_back(tapped: Tap, rule: str) -> None:
    assert why_not_back(tapped)[0] == rule


PERSON = st.sampled_from(sorted(PEOPLE))


@settings(max_examples=60, deadline=None)
@given(
    back=st.frozensets(PERSON, max_size=12),
    named=st.frozensets(PERSON, max_size=12),
    percent=st.sampled_from([0.0, 12.5, 50.0, 100.0]),
    killed=st.booleans(),
)
def test_a_day_back_only_takes_away(
    back: frozenset[str], named: frozenset[str], percent: float, killed: bool
) -> None:
    """Whatever the flag says: who is back is off, and nobody else notices; also behind a prerequisite."""
    spec = release("a", Slice("corp", people=tuple(sorted(named))), Slice("eng", percent=percent))
    state = FlagState(spec, 1, Killed("ann", NOW, "stop") if killed else None)
    decided = world(state, release("b", Slice("corp"), requires=("a",)))
    without, with_back = (
        {
            key: who_is_on(compiler.load(compiler.document_of(here, here.sets["companyos"])), key, here.directory)
            for key in "ab"
        }
        for here in (decided, replace(decided, back={"a": back}))
    )  # fmt: skip
    for key in "ab":
        assert people_of(with_back[key]) == people_of(without[key]) - back
