"""Cases as they are stored: triaged by people, planned, fixed, merged and taken apart again (R79 to R86, R5, R6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from companyos.kernel.evidence import Fact, Question
from companyos.platform.instance import Instance, instance, run_as
from companyos.platform.models import OutboxMessage
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.surfaces.program.types import Program
from companyos.work.cases import actions, evidence, queries
from companyos.work.cases.actions.writing import state_from
from companyos.work.cases.domain.clocks import ClockState
from companyos.work.cases.domain.types import LinkKind, Origin, Severity
from companyos.work.cases.models import Case, CaseEvent
from companyos.work.cases.queries.one import Detail

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)  # a Monday
SQUAD, ENGINEER, LEAD = "approvals-squad", "elif-aksoy", "maelle-girard"
REPORTER, HOME = "kenji-fujimori", "engineering-quality"
STRANGER = "boyu-shen"  # of another tenant
FEATURE = "unified-approvals"


@cache
def the_program() -> Program:
    """The company and its case types; nothing that cases do not ask for."""
    nothing: dict[str, Any] = dict.fromkeys(
        ("features", "plans", "surveys", "flags", "segments", "requests"), ()
    )
    return replace(load_program(PROGRAM), measures={}, **nothing)


@pytest.fixture(autouse=True)
def _company(db: None, tmp_path: Path) -> Iterator[None]:
    before, program = instance(), the_program()
    run_as(Instance(before.clock, program.company.calendar, tmp_path, b"secret"))
    queries.forget_definitions()
    apply(program, now=NOW)
    yield
    queries.forget_definitions()
    run_as(before)


def later(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def report(title: str = "It breaks", by: str = REPORTER, at: datetime = NOW, **more: Any) -> str:
    said = {
        "type_slug": "bug",
        "tenant": HOME,
        "feature": FEATURE,
        "squad": SQUAD,
        "fields": {"actual": "an error"},
    }
    return actions.open_case(actor=by, title=title, now=at, **{**said, **more})


def triage(case: str, at: datetime, by: str = ENGINEER, **more: Any) -> None:
    said = {"type_slug": "bug", "severity": "sev3", "squad": SQUAD, "owner": ENGINEER}
    actions.accept_triage(actor=by, case=case, now=at, **{**said, **more})


def look(case: str, at: datetime = NOW, viewer: str = REPORTER) -> Detail:
    found = queries.detail(case, viewer, at)
    assert found
    return found


def clock(case: str, name: str, at: datetime) -> tuple[ClockState, str]:
    reading = [each for each in look(case, at).clocks if each.clock == name][-1]
    return reading.state, reading.because


def notices(person: str, case: str) -> list[str]:
    return [each.kind for each in queries.notices(person, case=case)][::-1]


def check_in_step() -> None:
    """The columns of every case are what its events fold into."""
    for row in Case.all_rows.all():
        assert state_from(row) == look(str(row.pk), viewer=row.reporter_id).state
        numbers = list(CaseEvent.all_rows.filter(case=row).order_by("n").values_list("n", flat=True))
        assert numbers == list(range(1, row.version + 1))


def test_a_report_is_triaged_planned_fixed_and_released_and_its_reporter_hears_each_R5() -> None:
    case = report()
    triage(case, later(3))
    actions.propose_plan(
        actor=ENGINEER,
        case=case,
        owner=ENGINEER,
        steps=["find it", "mend it"],
        due=date(2026, 11, 13),
        now=later(5),
    )
    with pytest.raises(actions.NotAllowed):
        actions.accept_plan(actor=REPORTER, case=case, plan=1, now=later(6))
    actions.accept_plan(actor=LEAD, case=case, plan=1, now=later(6))
    actions.resolve(actor=ENGINEER, case_id=case, resolution="the query was wrong", now=later(30))
    actions.release(actor=ENGINEER, case=case, release="2026.46", now=later(31))
    assert notices(REPORTER, case) == ["triaged", "plan_accepted", "resolved", "released"]
    assert clock(case, "triage", later(31)) == (
        ClockState.KEPT,
        "3 h of 24 h on working days, ended by triaged by elif-aksoy",
    )
    assert clock(case, "plan", later(31))[0] is ClockState.KEPT
    actions.answer_fix(actor=REPORTER, case=case, fixed=False, note="still there", now=later(40))
    found = look(case, later(40))
    assert (found.line.status, found.state.reopened, found.state.confirmed) == ("Open", 1, "")
    assert notices(ENGINEER, case)[-1] == "reopened"
    check_in_step()


def test_only_a_person_of_the_owning_squad_stops_the_triage_clock_R81() -> None:
    case = report()
    for wrong in ({"by": REPORTER}, {"by": REPORTER, "squad": "sre"}, {"squad": "no-squad"}):
        if wrong.get("squad") == "sre":
            with pytest.raises(actions.Unclear, match="not of sre"):
                triage(case, later(1), **wrong)  # his own squad, but the owner is not of it
            continue
        with pytest.raises(actions.NotAllowed):
            triage(case, later(1), **wrong)
    for squad in (SQUAD, "support"):  # nor does a stranger take it for their own squad
        with pytest.raises(actions.NoSuchCase):
            triage(case, later(1), by=STRANGER, squad=squad, owner=STRANGER)
    actions.assign(actor=ENGINEER, case=case, squad=SQUAD, owner=ENGINEER, now=later(1))
    actions.set_severity(actor=ENGINEER, case=case, severity="sev2", because="many meet it", now=later(1))
    assert clock(case, "triage", later(2))[0] is ClockState.RUNNING
    triage(case, later(2), severity="sev2")
    assert clock(case, "triage", later(2))[0] is ClockState.KEPT
    assert clock(case, "fix", later(26))[0] is ClockState.BREACHED  # from when the severity was set (R140)


def test_waiting_for_the_reporter_pauses_and_their_comment_goes_on_R83() -> None:
    case = report()
    actions.ask_reporter(actor=ENGINEER, case=case, text="Which browser?", now=later(10))
    assert clock(case, "triage", later(100))[0] is ClockState.PAUSED
    assert queries.inbox(ENGINEER, queries.Asked("waiting"), later(1))[1] == 1
    actions.comment(actor=REPORTER, case=case, text="Firefox, @elif-aksoy", now=later(48))
    assert notices(ENGINEER, case) == ["commented"]
    assert clock(case, "triage", later(58)) == (ClockState.SOON, "20 h of 24 h on working days")


def test_clocks_warn_at_three_quarters_breach_and_escalate_once_R83() -> None:
    case = report()
    triaged = [actions.look_at_clocks(now=later(hour)) for hour in (17, 18, 18, 24, 25, 25, 36.1, 40)]
    assert triaged == [0, 1, 0, 0, 1, 0, 1, 0]
    said = [
        (e.kind, e.body["clock"], e.body["share"], e.body["to"])
        for e in look(case).events
        if "clock" in e.body
    ]
    assert said == [
        ("warned", "triage", 0.75, "owner"),
        ("breached", "triage", 1.0, "owner"),
        ("escalated", "triage", 1.0, "lead"),
        ("escalated", "triage", 1.5, "department-head"),
    ]
    assert "escalated" in notices("jiwoo-kang", case)  # heads the department
    assert queries.counts(ENGINEER, later(25))["late"] == 1


def test_a_severe_bug_counts_for_gates_until_it_is_fixed_or_carried_by_another() -> None:
    first, second = (
        actions.report_bug(
            actor=REPORTER,
            tenant=HOME,
            feature=FEATURE,
            severity=Severity.SEV1,
            title=f"{n}",
            body="",
            now=NOW,
        ).id
        for n in range(2)
    )
    assert len(queries.open_bugs(FEATURE, (Severity.SEV1,))) == 2
    actions.merge(actor=REPORTER, case=second, into=first, now=later(1))
    assert len(queries.open_bugs(FEATURE, (Severity.SEV1,))) == 1
    actions.resolve(actor=REPORTER, case_id=first, resolution="mended", now=later(2))
    actions.resolve(actor=REPORTER, case_id=first, resolution="twice", now=later(3))
    assert queries.every_open_sev1() == {}
    assert look(first).state.resolution == "mended"
    topics = OutboxMessage.objects.filter(topic__in=["case.opened", "case.resolved"])
    assert topics.count() == 3


def test_merge_then_unmerge_restores_every_reporter_vote_and_word_R82() -> None:
    first, second, third = report("one"), report("two", by="thiago-azevedo"), report("three", by="thao-ho")
    for case, people in (
        (first, (REPORTER, LEAD)),
        (second, (LEAD, ENGINEER)),
        (third, ("thao-ho",)),
    ):
        for person in people:
            actions.vote(actor=person, case=case, now=NOW)
            actions.vote(actor=person, case=case, now=NOW)
            actions.comment(actor=person, case=case, text=f"me too in {case}", now=NOW)
    before = {case: look(case) for case in (first, second, third)}
    actions.merge(actor=ENGINEER, case=third, into=second, now=later(1))
    actions.merge(actor=ENGINEER, case=second, into=first, now=later(2))
    joined = look(first, later(3))
    assert joined.voters == {REPORTER, LEAD, ENGINEER, "thao-ho"}
    assert [each.line.reporter for each in joined.merged] == ["thiago-azevedo", "thao-ho"]
    assert sum(len(each.comments) for each in joined.merged) == 3
    triage(first, later(4))
    assert notices("thao-ho", third) == ["merged", "merged", "triaged"]
    assert notices("thiago-azevedo", second)[-1] == "triaged"
    with pytest.raises(actions.Refused, match="merged already"):
        actions.merge(actor=ENGINEER, case=second, into=third, now=later(5))
    actions.unmerge(actor=ENGINEER, case=second, now=later(6))
    actions.unmerge(actor=ENGINEER, case=third, now=later(7))
    for case, was in before.items():
        now = look(case, later(8))
        assert (now.line.reporter, now.voters, now.body) == (was.line.reporter, was.voters, was.body)
        said = [e for e in now.events if e.kind == "commented"]
        assert said == [e for e in was.events if e.kind == "commented"]
        assert (now.carrier, now.merged) == (None, ())
    check_in_step()


def test_a_merge_hides_no_worse_bug_and_goes_nowhere_that_is_over() -> None:
    worse, mild, over = report(severity="sev1"), report(severity="sev3"), report()
    actions.resolve(actor=ENGINEER, case_id=over, resolution="done", now=later(1))
    for case, into, why in ((worse, mild, "would hide it"), (mild, over, "is over"), (mild, mild, "itself")):
        with pytest.raises(actions.Refused, match=why):
            actions.merge(actor=ENGINEER, case=case, into=into, now=later(2))


def test_what_the_table_of_states_does_not_have_is_refused_and_a_no_needs_a_reason() -> None:
    case = report()
    with pytest.raises(actions.Refused, match="New does not go to released"):
        actions.move(actor=ENGINEER, case=case, to="released", now=later(1))
    with pytest.raises(actions.Unclear, match="Say why"):
        actions.move(actor=ENGINEER, case=case, to="declined", now=later(1))
    actions.move(actor=ENGINEER, case=case, to="declined", note="works as meant", now=later(1))
    assert clock(case, "triage", later(99))[0] is ClockState.LIFTED
    actions.reopen(actor=REPORTER, case=case, now=later(100))
    assert clock(case, "triage", later(101))[0] is ClockState.RUNNING
    check_in_step()


def test_who_is_not_in_a_case_learns_nothing_of_it_R8() -> None:
    case = report()
    assert queries.detail(case, STRANGER, NOW) is None
    assert queries.inbox(STRANGER, queries.Asked("all"), NOW) == ((), 0)
    for act in (actions.vote, actions.watch):
        with pytest.raises(actions.NoSuchCase):
            act(actor=STRANGER, case=case, now=NOW)
    with pytest.raises(actions.NoSuchCase):
        actions.comment(actor=STRANGER, case=case, text="hello", now=NOW)
    with pytest.raises(actions.NoSuchCase):
        actions.resolve(actor=STRANGER, case_id=case, resolution="x", now=NOW)
    with pytest.raises(actions.NoSuchCase):
        actions.attach(actor=STRANGER, case=case, name="x.txt", content=b"x", now=NOW)
    with pytest.raises(actions.NoSuchCase):
        report(by=STRANGER)
    idea = report(type_slug="suggestion", fields={"problem": "slow"}, severity="")
    assert queries.detail(idea, STRANGER, NOW)


FILES = {
    b"%PDF-1.7": "application/pdf",
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"plain words": "text/plain",
    b"<svg onload=alert(1)>": "",
    b"<!DOCTYPE html><script>": "",
    b"MZ\x90\x00": "",
    b"\xff\xfe<\x00s": "",
}


def test_a_file_is_what_its_bytes_say() -> None:
    case = report()
    for content, kind in FILES.items():
        if kind:
            file = actions.attach(actor=REPORTER, case=case, name="../../a b.html", content=content, now=NOW)
            assert actions.content_of(actor=ENGINEER, case=case, file=file) == ("a b.html", kind, content)
        else:
            with pytest.raises(actions.Refused, match="none of"):
                actions.attach(actor=REPORTER, case=case, name="x", content=content, now=NOW)


def test_a_calendar_change_lists_what_it_rejudges_R83() -> None:
    missed = report(at=NOW - timedelta(days=4))  # Thursday; triaged on Monday
    triage(missed, later(10))
    calendar = actions.calendar_said("Europe/Madrid", (date(2026, 11, 6),))
    assert clock(missed, "triage", later(10))[0] is ClockState.MISSED
    assert [each.clock for each in actions.what_it_rejudges(SQUAD, calendar, later(11))] == ["triage", "plan"]
    with pytest.raises(actions.NotAllowed):
        actions.change_calendar(
            actor=ENGINEER, squad=SQUAD, calendar=calendar, because="a feast", now=later(11)
        )
    told = actions.change_calendar(
        actor=LEAD, squad=SQUAD, calendar=calendar, because="a feast", now=later(11)
    )
    assert {(each.clock, each.before, each.after) for each in told} >= {("triage", "missed", "missed")}
    generous = actions.calendar_said("Europe/Madrid", (date(2026, 11, 5), date(2026, 11, 6)))
    told = actions.change_calendar(
        actor=LEAD, squad=SQUAD, calendar=generous, because="a bridge", now=later(12)
    )
    assert ("triage", "missed", "kept") in {(each.clock, each.before, each.after) for each in told}
    assert look(missed).events[-1].body["changes"].startswith("triage: missed to kept")


def ask(name: str, offered: Any, now: datetime) -> Fact:
    nobody: frozenset[str] = frozenset()
    fact = offered(Question(FEATURE, NOW - timedelta(days=28), now, nobody, nobody))
    assert isinstance(fact, Fact)
    assert fact.name == name
    return fact


def test_promises_fix_times_and_origins_are_evidence_R5_R6_R86() -> None:
    assert (
        ask("cases.sla_attainment", evidence.sla_attainment, later(1)).problem
        == "no clock ended in the period"
    )
    assert ask("feedback.time_to_fix", evidence.time_to_fix, later(1)).value is None
    kept, late = report("kept"), report("late")
    triage(kept, later(2))
    triage(late, later(30))
    for case in (kept, late):
        actions.resolve(actor=ENGINEER, case_id=case, resolution="x", now=later(48))
    actions.release(actor=ENGINEER, case=kept, release="46", now=later(50))
    actions.ship(actor=LEAD, feature=FEATURE, title="From the roadmap", origin=Origin.ROADMAP, now=later(51))
    attained = ask("cases.sla_attainment", evidence.sla_attainment, later(60))
    assert (attained.value, attained.n) == (0.5, 2)
    assert attained.details["by_tenant"][HOME]["n"] == 2
    fix = ask("feedback.time_to_fix", evidence.time_to_fix, later(60))
    assert (fix.value, fix.n, fix.low, fix.details["waiting"]) == (
        18.0,
        1,
        None,
        1,
    )  # 10 to 17 h, a day, 9 to 12 h
    assert ask("cases.internal_origin", evidence.internal_origin, later(60)).value == 0.5


def test_a_csv_is_imported_once_and_each_refused_line_says_why() -> None:
    lines = (
        "title,type,severity,reporter",
        "A,feedback,,",
        ",feedback,,",
        "B,bug,sev9,",
        "C,feedback,,nobody",
    )
    content = "\n".join((*lines, "D,suggestion,,"))
    with pytest.raises(actions.NotAllowed):
        actions.import_csv(actor=ENGINEER, tenant=HOME, content=content.encode(), now=NOW)
    first = actions.import_csv(actor=LEAD, tenant=HOME, content=content.encode(), now=NOW)
    assert (first.made, first.known, [line for line, _ in first.refused]) == (1, 0, [3, 4, 5, 6])
    again = actions.import_csv(actor=LEAD, tenant=HOME, content=content.encode(), now=later(1))
    assert (again.made, again.known) == (0, 1)
    with pytest.raises(actions.Unclear, match="no CSV"):
        actions.import_csv(actor=LEAD, tenant=HOME, content=b"\xff\xfe", now=NOW)


def test_links_are_kept_and_taken_away_and_lead_nowhere_bad() -> None:
    case = report()
    actions.link(
        actor=ENGINEER, case=case, kind=LinkKind.FIXED_BY, target="https://example.org/pull/1", now=NOW
    )
    with pytest.raises(actions.Unclear):
        actions.link(actor=ENGINEER, case=case, kind=LinkKind.RELATED, target="javascript:alert(1)", now=NOW)
    (link,) = look(case).links
    actions.unlink(actor=ENGINEER, case=case, number=link.number, now=later(1))
    assert look(case).links == ()
    assert [e.kind for e in look(case).events][-2:] == ["linked", "unlinked"]


def test_the_same_key_opens_a_case_once() -> None:
    assert len({report(key="k", at=later(n)) for n in range(3)}) == 1


def test_a_reporter_says_it_better_until_somebody_takes_it_on() -> None:
    case = report("It braeks")
    actions.reword(actor=REPORTER, case=case, title="It breaks at 9", body="Every day", now=later(1))
    found = queries.detail(case, REPORTER, later(1))
    assert found is not None
    assert (found.line.title, found.body) == ("It breaks at 9", "Every day")
    assert found.events[-1].body["before"]["title"] == "It braeks", "what stood there stays in the log"
    for who, what in ((ENGINEER, "Only the person"), (STRANGER, "no such case")):
        with pytest.raises(actions.Refused, match=what):
            actions.reword(actor=who, case=case, title="Mine", body="", now=later(2))
    triage(case, later(2.5))
    with pytest.raises(actions.Refused, match="taken it on"):
        actions.reword(actor=REPORTER, case=case, title="Too late", body="", now=later(3))
