"""Recognition through the room's own actions: badges, credits, the spotlight, erasure (R102 to R106)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from companyos.adoption.telemetry.actions.exposures import record_exposures
from companyos.adoption.telemetry.queries import connection
from companyos.change.comms import queries as comms
from companyos.change.recognition import actions, queries
from companyos.change.recognition.domain.champion import Verdict
from companyos.change.recognition.jobs import Recognition
from companyos.kernel.canonical_json import sha256_of
from companyos.people.identity import queries as identity
from companyos.people.identity.domain.types import TeamRow
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.work.cases import actions as cases
from companyos.work.cases.models import Case
from companyos.work.roadmap import actions as roadmap
from companyos.work.roadmap import queries as roadmap_queries
from companyos.work.roadmap.domain.types import Place

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
DAY, WEEK = timedelta(days=1), timedelta(days=7)
FEATURE = "unified-approvals"
LEAN = replace(load_program(PROGRAM), plans=(), flags=(), segments=(), flag_sets=(), measures={}, requests=())


class Engine:
    """Answers only who did how many tasks how many weeks back."""

    def __init__(self) -> None:
        self.done: list[tuple[str, int, int]] = []
        self.asked = 0

    def rows(self, name: str, **asked: Any) -> list[tuple[str, int, int]]:
        assert name == "completions"
        self.asked += 1
        return self.done


@pytest.fixture
def engine(db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Engine]:
    apply(LEAN, now=NOW)
    made = Engine()
    monkeypatch.setattr(connection, "_engine", [made])
    yield made


def team_of(slug: str) -> TeamRow:
    return next(team for team in identity.teams() if team.slug == slug)


def meet(team: TeamRow, at: datetime = NOW, tenant: str = "") -> None:
    record_exposures(met=[(tenant or team.tenant, FEATURE, person, at) for person in team.people])


def report(person: str, title: str, at: datetime, *, says_how: bool = True, accepted: bool = True) -> str:
    fields = {"actual": "It stays empty"} | ({"steps": "Open it, then press Send"} if says_how else {})
    made = cases.open_case(
        actor=person, type_slug="bug", tenant="corporate", title=title, fields=fields, feature=FEATURE,
        severity="sev3", squad="approvals-squad", now=at,
    )  # fmt: skip
    if accepted:
        accept(made, "approvals-squad", "maelle-girard", at + timedelta(hours=1))
    return made


def accept(case: str, squad: str, actor: str, at: datetime) -> None:
    cases.accept_triage(
        actor=actor, case=case, type_slug="bug", severity="sev3", squad=squad, owner=actor, now=at
    )


def champions(engine: Engine, team: TeamRow) -> None:
    meet(team)
    engine.done = [(person, back, 2) for person in team.people for back in (1, 2, 3)]
    ada, bo = [each for each in team.people if each != team.lead][:2]
    for n, person in enumerate((ada, bo, bo)):
        report(person, f"Number {n} does not send", NOW + (n + 1) * DAY)


def standing(team: str) -> Any:
    return next(each for each in queries.standings() if each.team == team)


def test_R102_a_team_earns_its_badge_once_with_evidence_and_is_told(engine: Engine) -> None:
    team = team_of("finance-operations")
    champions(engine, team)
    actions.judge_teams(now=NOW + 10 * DAY)
    assert standing(team.slug).verdict is Verdict.NOT_YET
    assert standing("approvals-squad").verdict is Verdict.NOT_ELIGIBLE
    assert standing("sales").because.startswith("0 of its")

    assert actions.judge_teams(now=NOW + 31 * DAY) == 1
    assert actions.judge_teams(now=NOW + 32 * DAY) == 0
    (badge,) = queries.badges()
    assert (badge.team, badge.sha256) == (team.slug, sha256_of(badge.evidence))
    assert "3 of 3 weeks with 60 % active; 3 of 3 reports, 100 % of them actionable" in badge.because
    assert not any(person in str(badge.evidence) for person in team.people)
    (told,) = comms.notices()
    assert {each.person for each in comms.receipts([told])[told.id]} == {*team.people, team.lead}


def test_R104_a_report_without_steps_a_duplicate_and_one_settled_by_the_team_do_not_help(
    engine: Engine,
) -> None:
    team = team_of("finance-operations")
    meet(team)
    engine.done = [(person, back, 2) for person in team.people for back in (1, 2, 3)]
    ada, bo = [each for each in team.people if each != team.lead][:2]
    report(ada, "It sends nothing at all", NOW + DAY, says_how=False)
    first = report(bo, "The total is wrong on Mondays", NOW + DAY)
    second = report(ada, "On Mondays the total is wrong", NOW + 2 * DAY, accepted=False)
    cases.merge(actor="maelle-girard", case=second, into=first, now=NOW + 3 * DAY)
    own = cases.open_case(
        actor=ada, type_slug="bug", tenant="corporate", title="The list is empty", feature=FEATURE, severity="sev3",
        fields={"actual": "Nothing in it", "steps": "Open the list twice"}, squad=team.slug, now=NOW + 4 * DAY,
    )  # fmt: skip
    accept(own, team.slug, bo, NOW + 4 * DAY)

    actions.judge_teams(now=NOW + 31 * DAY)
    told = [each["counts"] for each in standing(team.slug).evidence["feedback"]["reports"]]
    assert told == ["says_not_how", "actionable", "duplicate", "own_squad"]
    assert standing(team.slug).verdict is Verdict.MISSED


def test_R103_practice_in_a_sandbox_is_no_use_and_the_engine_is_asked_about_few(engine: Engine) -> None:
    team = team_of("finance-operations")
    meet(team, tenant="training")
    actions.judge_teams(now=NOW + 10 * DAY)
    assert standing(team.slug).because.startswith("0 of its")
    assert engine.asked == 0
    meet(team)
    actions.judge_teams(now=NOW + 10 * DAY)
    assert engine.asked == 1
    actions.judge_teams(now=NOW + 200 * DAY)  # what is that old stays as it was judged
    assert engine.asked == 1


def test_R102_a_badge_is_taken_back_with_a_reason_and_stays_on_record(engine: Engine) -> None:
    team = team_of("finance-operations")
    champions(engine, team)
    actions.judge_teams(now=NOW + 31 * DAY)
    badge, later = queries.badges()[0].id, NOW + 40 * DAY
    member = next(each for each in team.people if each != team.lead)
    with pytest.raises(actions.NotYours):
        actions.revoke(actor=member, badge=badge, because="I do not like it", now=later)
    with pytest.raises(actions.Refused, match="Say why"):
        actions.revoke(actor=team.lead, badge=badge, because=" ", now=later)
    actions.revoke(actor="kenji-fujimori", badge=badge, because="The tasks were made by a script", now=later)
    with pytest.raises(actions.Refused, match="already"):
        actions.revoke(actor="kenji-fujimori", badge=badge, because="Once more", now=later)
    actions.judge_teams(now=later)
    (row,) = queries.badges()
    assert (row.revoked_by, row.revoked_because) == ("kenji-fujimori", "The tasks were made by a script")
    assert actions.forget(["kenji-fujimori"]) == 1
    assert queries.badges()[0].revoked_by == "somebody"


def test_R106_a_pilot_gets_more_weight_shown_beside_the_raw_figure_until_it_runs_out(engine: Engine) -> None:
    team, other = team_of("finance-operations"), team_of("procurement")
    meet(team, NOW)
    assert actions.give_credits(now=NOW + DAY) == 1
    assert actions.give_credits(now=NOW + DAY) == 0
    (credit,) = queries.credits_given()
    assert (credit.team, credit.place, credit.percent, credit.until) == (team.slug, 1, 25, NOW + 90 * DAY)

    theirs, others = (
        roadmap.suggest(actor=people[0], tenant="corporate", title=title, body="", now=NOW)
        for people, title in ((team.people, "Sum over all"), (other.people, "Search in notes"))
    )
    for key in (theirs, others):
        for person in team_of("it-operations").people[:3]:
            roadmap.vote(actor=person, tenant="corporate", suggestion=key, now=NOW)
    roadmap.vote(actor=team_of("it-operations").people[3], tenant="corporate", suggestion=others, now=NOW)
    row = roadmap_queries.find(theirs, reader="", at=NOW + DAY)
    assert row is not None and (row.votes, row.weighted, row.with_credit) == (3, 3.0, 3.75)
    assert roadmap_queries.find(theirs, reader="", at=NOW + 90 * DAY).credit is None  # type: ignore[union-attr]
    roadmap.convene(actor=team.lead, now=NOW + DAY)
    agenda = roadmap_queries.councils()[0].agenda
    assert [each.key for each in agenda] == [others, theirs]  # 4 is more than 3.75
    assert agenda[1].why == "3 votes, 3 weighted, 3.75 with pilot credit until 07 Feb 2027"


def test_R106_a_credit_lifts_a_suggestion_above_one_with_as_many_votes(engine: Engine) -> None:
    team, other = team_of("finance-operations"), team_of("procurement")
    meet(team, NOW)
    actions.give_credits(now=NOW)
    first = roadmap.suggest(
        actor=other.people[0], tenant="corporate", title="Search in notes", body="", now=NOW
    )
    second = roadmap.suggest(
        actor=team.people[0], tenant="corporate", title="Sum over all", body="", now=NOW + DAY
    )
    for key in (first, second):
        roadmap.vote(
            actor=team_of("it-operations").people[0], tenant="corporate", suggestion=key, now=NOW + DAY
        )
    roadmap.convene(actor=team.lead, now=NOW + DAY)
    assert [each.key for each in roadmap_queries.councils()[0].agenda] == [second, first]


def test_R106_who_comes_with_everybody_pilots_nothing_and_an_old_credit_is_not_given(engine: Engine) -> None:
    for team in identity.teams():
        meet(team, NOW)
    assert actions.give_credits(now=NOW + DAY) == 0


def shipped(title: str, by: str, at: datetime, *, private: bool = False) -> str:
    key = roadmap.suggest(actor=by, tenant="corporate", title=title, body="", private=private, now=at)
    roadmap.place(
        actor="aiko-shibuya", suggestion=key, to=Place.SHIPPED, because="It is there", fix="release 1", now=at
    )
    return key


def test_R105_the_vote_opens_when_the_quarter_ends_closes_by_itself_and_all_are_told(engine: Engine) -> None:
    zone = queries.company_zone()
    ana, bo, cy = [each for each in team_of("finance-operations").people if each != "aiko-shibuya"][:3]
    one, two = shipped("Sum over all", ana, NOW), shipped("Search in notes", bo, NOW + DAY)
    private = shipped("Only for us", ana, NOW, private=True)
    vote = queries.current_vote(cy, NOW, zone)
    assert [each.suggestion for each in vote.nominations] == [one, two]
    with pytest.raises(actions.Refused, match="not open"):
        actions.vote(actor=cy, quarter="2026-Q4", suggestion=one, now=NOW, zone=zone)

    january = datetime(2027, 1, 5, tzinfo=UTC)
    for who, key, said in ((ana, one, "your own"), (cy, private, "not nominated"), ("nobody", one, "People")):
        with pytest.raises(actions.Refused, match=said):
            actions.vote(actor=who, quarter="2026-Q4", suggestion=key, now=january, zone=zone)
    for key in (one, two):  # the last word counts
        actions.vote(actor=cy, quarter="2026-Q4", suggestion=key, now=january, zone=zone)
    actions.vote(actor=ana, quarter="2026-Q4", suggestion=two, now=january, zone=zone)
    actions.vote(actor=bo, quarter="2026-Q4", suggestion=one, now=january, zone=zone)
    assert queries.current_vote(cy, january, zone).mine == two
    assert actions.close_due(now=january, zone=zone) == 0

    over = january + 14 * DAY
    assert actions.close_due(now=over, zone=zone) == 1
    assert actions.close_due(now=over, zone=zone) == 0
    won = queries.spotlight("2026-Q4")
    assert won is not None and won.suggestion == two and "2 of 3 votes, 2 nominated" in won.because
    (told,) = comms.notices()
    assert len(comms.receipts([told])[told.id]) == len(identity.everybody())
    assert "Search in notes" not in told.title + told.words  # so that an erasure reaches it
    with pytest.raises(actions.Refused, match="not open"):
        actions.vote(actor=cy, quarter="2026-Q4", suggestion=one, now=over, zone=zone)
    assert actions.forget([cy]) == 1


def test_R102_the_job_works_once_a_day(engine: Engine) -> None:
    job = Recognition()
    assert job.look(NOW)
    assert not job.look(NOW + timedelta(hours=5))
    assert job.look(NOW + DAY)
    assert Case.all_rows.count() == 0
