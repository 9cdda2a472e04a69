"""R81: what triage says of a report, by table and by property; ownership; who takes over."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.work.feedback.domain.calibration import Quality
from companyos.work.feedback.domain.ownership import claims_on
from companyos.work.feedback.domain.succession import Situation as Heirs
from companyos.work.feedback.domain.succession import decide
from companyos.work.feedback.domain.triage import Situation, judge, triage
from companyos.work.feedback.domain.types import Axis, Guess, Ownership, Reading, Report

AUTHZ = Ownership("authz", "Authorisation", "platform-engineering", ("access denied", "role"))
APPROVALS = Ownership("approvals", "Approvals", "approvals-squad", ("approval",), ("unified-approvals",))
REVIEWS = Ownership("access-reviews", "Access reviews", "security-grc", ("recertification",))
AREAS = (AUTHZ, APPROVALS, REVIEWS)


def reading(top: float, threshold: float) -> Reading:
    rest = (1 - top) / 2
    guesses = (Guess("sre", top), Guess("support", rest), Guess("sales", rest))
    return Reading(guesses, ("pager", "latency"), threshold)


def situation(**changes: Any) -> Situation:
    return replace(Situation(Axis.SQUAD, None, (), ""), **changes)


ONE = claims_on(Report("The approval is stuck"), AREAS)
TWO = claims_on(Report("Access denied at the approval"), AREAS)


@pytest.mark.parametrize(
    ("seen", "rule", "sure", "label"),
    [
        (situation(reading=reading(0.97, 0.9)), "a_sure_model_answers", True, "sre"),
        (situation(reading=reading(0.9, 0.9)), "a_sure_model_answers", True, "sre"),
        (situation(reading=reading(0.6, 0.9)), "an_unsure_model_asks", False, "sre"),
        (situation(reading=reading(0.99, 1.01)), "an_unsure_model_asks", False, "sre"),
        (situation(reading=reading(0.6, 0.9), claims=ONE), "an_unsure_model_asks", False, "sre"),
        (situation(claims=ONE), "one_owner_answers", True, "approvals-squad"),
        (situation(claims=TWO), "several_owners_ask", False, "platform-engineering"),
        (situation(axis=Axis.TYPE, said="bug"), "the_reporters_word_stands", False, "bug"),
        (situation(), "nothing_known_asks", False, ""),
    ],
)
def test_R81_the_first_rule_with_an_opinion_wins(seen: Situation, rule: str, sure: bool, label: str) -> None:
    said = judge(seen)
    assert (said.rule, said.sure, said.label) == (rule, sure, label)


@given(top=st.floats(0.34, 1), threshold=st.floats(0.34, 1.01), claimed=st.booleans())
def test_R81_a_model_is_sure_from_its_threshold_on_and_says_the_numbers(
    top: float, threshold: float, claimed: bool
) -> None:
    said = judge(situation(reading=reading(top, threshold), claims=ONE if claimed else ()))
    assert said.sure == (top >= threshold)
    assert f"{top:.2f}" in said.because
    assert len(said.guesses) == 3
    assert said.words == ("pager", "latency")


@pytest.mark.parametrize(
    ("report", "squads"),
    [
        (Report("The approval is stuck"), ["approvals-squad"]),
        (Report("ACCESS DENIED!", "since monday"), ["platform-engineering"]),
        (Report("Approvals and access reviews"), ["approvals-squad", "security-grc"]),
        (Report("Access denied", feature="unified-approvals"), ["approvals-squad"]),
        (Report("disapproval is no word of it"), []),
        (Report("", "", ""), []),
    ],
)
def test_R81_cold_start_goes_by_the_areas(report: Report, squads: list[str]) -> None:
    assert [claim.ownership.squad for claim in claims_on(report, AREAS)] == squads


def test_R81_without_a_model_the_reporters_type_and_severity_wait_for_a_person() -> None:
    squad, case_type, severity = triage(Report("Approval stuck", type="bug", severity="sev2"), {}, ONE)
    assert (squad.label, squad.sure, squad.words) == ("approvals-squad", True, ("approval",))
    assert (case_type.label, case_type.sure, severity.label, severity.sure) == ("bug", False, "sev2", False)
    assert squad.guesses[0].probability is None  # a rule has no probability to show


def quality(accuracy: float, n: int = 400) -> Quality:
    return Quality(n, accuracy, accuracy, accuracy, 0.9, 0.8, 0.95, 0.02)


@pytest.mark.parametrize(
    ("new", "in_use", "stays_by", "takes_over", "rule"),
    [
        (quality(0.9), None, "", True, "the_newest_takes_over"),
        (quality(0.9), quality(0.91), "", True, "the_newest_takes_over"),
        (quality(0.7), quality(0.91), "", False, "a_clearly_worse_model_stays_out"),
        (quality(0.7, 10), quality(0.91, 10), "", True, "the_newest_takes_over"),
        (None, quality(0.5), "", False, "nothing_about_squads_stays_out"),
        (None, None, "", True, "the_newest_takes_over"),
        (quality(0.99), quality(0.5), "Ana Ruiz", False, "a_rollback_stays"),
    ],
)
def test_R81_who_takes_over(
    new: Quality | None, in_use: Quality | None, stays_by: str, takes_over: bool, rule: str
) -> None:
    decision = decide(Heirs(new, in_use, stays_by))
    assert (decision.takes_over, decision.rule) == (takes_over, rule)
