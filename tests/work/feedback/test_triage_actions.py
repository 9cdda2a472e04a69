"""R81, R82, P15: triage through its actions: who may answer, what is kept, learning, versions and the way back."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path

import pytest

from companyos.platform.models import OutboxMessage
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from companyos.surfaces.program.types import Program
from companyos.work.cases import actions as cases
from companyos.work.cases.domain.types import Severity
from companyos.work.feedback import actions, jobs, queries
from companyos.work.feedback.domain.calibration import Quality
from companyos.work.feedback.domain.standing import standing
from companyos.work.feedback.domain.types import Axis, Report, Suggestion
from companyos.work.feedback.learner import Outcome, Part
from companyos.work.feedback.models import TriageModelPart
from work.feedback.made_reports import reports

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
_cases: dict[int, str] = {}
LEAD, MEMBER = "maelle-girard", "kenji-fujimori"  # lead the Approvals Squad, and SRE


@cache
def _program() -> Program:
    return load_program(PROGRAM)


@pytest.fixture
def company(db: None) -> Iterator[None]:
    queries.forget_index()
    _cases.clear()
    apply(_program(), now=NOW)
    yield
    queries.forget_index()


def suggested(n: int, report: Report, tenant: str = "engineering-quality") -> Suggestion:
    now = NOW + timedelta(minutes=n)
    if n not in _cases:
        _cases[n] = cases.report_bug(
            actor="elif-aksoy",
            tenant=tenant,
            feature=report.feature,
            severity=Severity.SEV3,
            title=report.title,
            body=report.body,
            now=now,
        ).id
    return actions.suggest(actor="elif-aksoy", tenant=tenant, case=_cases[n], report=report, now=now)


STUCK = Report("The approval is stuck", "It waits since Monday.", "", "bug", "sev3")


def topics() -> list[str]:
    return list(OutboxMessage.objects.order_by("id").values_list("topic", flat=True))


def test_R81_cold_start_sends_a_report_to_the_squad_of_its_area(company: None) -> None:
    said = suggested(1, STUCK)
    assert (said.queue, said.model) == ("approvals-squad", None)
    assert said.of(Axis.SQUAD).rule == "one_owner_answers"
    assert suggested(1, Report("Something else")) == said  # what was said first stays
    by_feature = suggested(2, Report("It hangs", feature="unified-approvals"))
    assert by_feature.queue == "approvals-squad"
    assert suggested(3, Report("Nobody knows what this is")).queue == ""


def test_P15_only_the_owning_squad_accepts(company: None) -> None:
    case = suggested(1, STUCK).case
    with pytest.raises(actions.NotYours):
        actions.accept(actor=MEMBER, case=case, now=NOW)
    answered = actions.accept(actor=LEAD, case=case, now=NOW)
    assert not answered.is_open
    assert (answered.answers[0].accepted, answered.answers[0].settled) == (True, True)
    assert {"feedback.triaged", "case.triaged"} <= set(topics())
    told = OutboxMessage.objects.filter(topic="feedback.triaged").last()
    assert told is not None
    assert told.body["case"] == case
    assert (told.body["squad"], told.body["type"], told.body["severity"]) == (
        "approvals-squad",
        "bug",
        "sev3",
    )


def test_R81_a_correction_to_another_squad_hands_it_on_until_they_accept(company: None) -> None:
    case = suggested(1, STUCK).case
    handed = actions.correct(
        actor=LEAD, case=case, squad="sre", case_type="incident", severity="sev2", because="it pages", now=NOW
    )
    assert (handed.is_open, handed.queue) == (True, "sre")
    assert topics()[-2:] == ["feedback.handed_on", "case.assigned"]
    assert queries.answered_texts()[0] == []  # nothing is learned from what the squad has not taken
    settled = actions.accept(actor=MEMBER, case=case, now=NOW + timedelta(hours=1))
    assert (settled.is_open, settled.answers[-1].accepted) == (False, False)
    texts, labels = queries.answered_texts()
    assert texts == [("The approval is stuck", "It waits since Monday.", "")]
    assert labels == {Axis.SQUAD: ["sre"], Axis.TYPE: ["incident"], Axis.SEVERITY: ["sev2"]}


def test_R81_what_was_settled_is_changed_by_its_squad_only(company: None) -> None:
    case = suggested(1, STUCK).case
    actions.accept(actor=LEAD, case=case, now=NOW)
    with pytest.raises(actions.Overtaken, match="settled"):
        actions.correct(
            actor=MEMBER, case=case, squad="sre", case_type="bug", severity="sev2", because="", now=NOW
        )


@pytest.mark.parametrize(
    ("squad", "case_type", "severity"),
    [("nobody", "bug", "sev3"), ("sre", "thing", "sev3"), ("sre", "bug", "sev9")],
)
def test_R81_a_correction_names_what_there_is(
    company: None, squad: str, case_type: str, severity: str
) -> None:
    case = suggested(1, STUCK).case
    with pytest.raises(actions.Unclear, match="Say"):
        actions.correct(
            actor=LEAD, case=case, squad=squad, case_type=case_type, severity=severity, because="", now=NOW
        )


def test_R81_a_report_without_an_owner_cannot_be_accepted_as_it_is(company: None) -> None:
    case = suggested(1, Report("Nobody knows", type="bug", severity="sev3")).case
    with pytest.raises(actions.Unclear, match="squad"):
        actions.accept(actor=LEAD, case=case, now=NOW)


def test_R8_other_tenants_reports_are_neither_seen_nor_found(company: None) -> None:
    said = suggested(1, Report("Invoice export is slow", "", "", "bug", "sev3"), tenant="go-to-market")
    with pytest.raises(actions.NoSuchReport):
        actions.accept(actor=LEAD, case=said.case, now=NOW)
    assert queries.similar(title="Invoice export slow", tenants=["engineering-quality"]).cases == ()
    assert len(queries.similar(title="Invoice export slow", tenants=["go-to-market"]).cases) == 1
    assert queries.open_suggestions(tenants=["engineering-quality"], squads=["sre"], most=9) == ()


def test_R82_a_report_is_found_at_once_and_never_like_itself(company: None) -> None:
    first, second = suggested(1, STUCK), suggested(2, Report("Approvals are stuck again"))
    found = queries.similar(
        title="Approvals are stuck again", tenants=["engineering-quality"], but=second.case
    )
    assert [each.case for each in found.cases] == [first.case]
    assert (found.searched, found.known) == (2, 2)


def test_R81_changed_words_are_judged_again_while_nobody_has_said_what_it_is(company: None) -> None:
    said = suggested(1, Report("Something", "It is odd.", "", "bug", "sev3"))
    cases.reword(
        actor="elif-aksoy",
        case=said.case,
        title="The approval is stuck",
        body="It waits since Monday.",
        now=NOW,
    )
    jobs.hear("case.reworded", {"case": said.case}, now=NOW)
    again = queries.suggestion_of(said.case)
    assert again is not None
    assert (said.queue, again.queue) == ("", "approvals-squad")
    stands = actions.accept(actor=LEAD, case=said.case, now=NOW)
    jobs.hear("case.reworded", {"case": said.case}, now=NOW)
    assert queries.suggestion_of(said.case) == stands, "a person's word is not judged again"


def outcome(content: bytes, accuracy: float = 0.9, in_use: Quality | None = None) -> Outcome:
    return Outcome(
        {Axis.SQUAD: Part(Quality(200, accuracy, accuracy, 1, 0.9, 0.8, 0.96, 0.02), content)}, {}, in_use
    )


def kept(content: bytes = b"not a model", n: int = 1) -> int:
    for _ in range(n):
        version, _ = actions.keep_model(
            actor="nightly", because="the night's training", answers=90, outcome=outcome(content), now=NOW
        )
    return version


def test_R81_a_rollback_stays_until_a_person_lets_the_newest_answer(company: None) -> None:
    assert [kept(), kept()] == [1, 2]
    assert queries.version_in_use() == 2
    actions.put_into_use(actor=LEAD, version=1, because="2 sends approvals to sales", now=NOW)
    assert kept() == 3
    assert queries.version_in_use() == 1
    actions.put_into_use(actor=LEAD, version=3, because="3 is mended", now=NOW)
    assert kept() == 4
    assert queries.version_in_use() == 4
    actions.put_into_use(actor=LEAD, version=None, because="rules for now", now=NOW)
    assert queries.version_in_use() is None
    assert [use.version for use in queries.uses()][:3] == [None, 4, 3]


def test_R81_versions_are_chosen_by_leads_with_a_reason(company: None) -> None:
    version = kept()
    with pytest.raises(actions.NotYours):
        actions.put_into_use(actor="elif-aksoy", version=version, because="because", now=NOW)
    with pytest.raises(actions.Unclear):
        actions.put_into_use(actor=LEAD, version=version, because=" ", now=NOW)
    with pytest.raises(actions.Refused, match="not kept"):
        actions.put_into_use(actor=LEAD, version=99, because="because", now=NOW)


def test_R81_old_versions_lose_their_content_and_keep_their_row(company: None) -> None:
    kept(n=12)
    rows = queries.versions()
    assert [row.version for row in rows if not row.is_kept] == [2, 1]
    assert len(rows) == 12


def test_R81_a_model_that_was_tampered_with_does_not_answer(company: None) -> None:
    version = kept(b"harmless")
    TriageModelPart.objects.filter(model_id=version).update(content=b"other bytes")
    said = suggested(1, STUCK)
    assert (said.queue, said.model) == ("approvals-squad", None)  # the rules go on
    assert "hashes differ" in queries.what_cannot_answer()[0]


@pytest.mark.slow
def test_R81_the_night_learns_from_answers_and_the_model_answers(company: None) -> None:
    pytest.importorskip("sklearn")
    texts, labels = reports(75)
    leads = {"approvals-squad": LEAD, "sre": MEMBER, "support": "boyu-shen"}
    for n, ((title, body), squad) in enumerate(zip(texts, labels, strict=True), start=1):
        case = suggested(n, Report(title, body, "", "bug", "sev3")).case
        actions.correct(
            actor=leads[squad], case=case, squad=squad, case_type="bug", severity="sev3", because="", now=NOW
        ) if squad != "support" else _through_lead(case, leads[squad])
    night = NOW.replace(hour=3) + timedelta(days=1)
    assert jobs.ask_at_night(night)
    assert not jobs.ask_at_night(night)  # one at a time
    assert jobs.train_what_is_asked(night) == 1
    training = queries.latest_training()
    assert training is not None
    assert (training.version, training.ended_at) == (1, night)
    assert "answers from now on" in training.outcome
    assert not jobs.ask_at_night(night + timedelta(days=1))  # nothing new to learn
    said = suggested(500, Report("pager and disk latency", "", "", "bug", "sev3"))
    assert said.model == 1
    assert said.of(Axis.SQUAD).label == "sre"
    assert {"pager", "latency"} <= set(said.of(Axis.SQUAD).words)
    assert set(queries.versions()[0].skipped) == {"type", "severity"}  # one label teaches nothing
    found = standing(queries.suggestions_since(NOW - timedelta(days=1)))
    assert (found.suggested, found.overridden.n) == (76, 75)


def _through_lead(case: str, lead: str) -> None:
    """The squad is in another tenant: somebody of the report's tenant hands it on, and the squad accepts."""
    actions.correct(
        actor=LEAD, case=case, squad="support", case_type="bug", severity="sev3", because="", now=NOW
    )
    actions.accept(actor=lead, case=case, now=NOW)


def test_R81_too_few_answers_are_said_and_change_nothing(company: None) -> None:
    pytest.importorskip("sklearn")
    actions.ask_training(actor=LEAD, because="try it", now=NOW)
    with pytest.raises(actions.Refused, match="under way"):
        actions.ask_training(actor=LEAD, because="again", now=NOW)
    jobs.train_what_is_asked(NOW)
    training = queries.latest_training()
    assert training is not None
    assert "at least 60 answers" in training.outcome
    assert queries.versions() == ()


def test_R81_a_training_whose_process_died_is_given_up(company: None) -> None:
    number = actions.ask_training(actor=LEAD, because="try it", now=NOW)
    assert actions.begin_training(training=number, now=NOW)
    assert jobs.train_what_is_asked(NOW + timedelta(minutes=5)) == 0
    jobs.train_what_is_asked(NOW + timedelta(hours=2))
    training = queries.latest_training()
    assert training is not None
    assert "train again" in training.outcome
