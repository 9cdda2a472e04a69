"""Why a guardrail takes a stage back: every rule of the one file, with its sentence, in its order."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from companyos.adoption.rollouts.domain import guardrail
from companyos.adoption.rollouts.domain.guardrail import RULES, judge_guardrail, what_a_rule_says
from companyos.adoption.rollouts.domain.types import Verdict
from companyos.kernel.evidence import Fact

P, F, W, U = Verdict.PASSED, Verdict.FAILED, Verdict.PENDING, Verdict.INCONCLUSIVE


def fact(evidence: float | None = 0.9, *, problem: str = "", **told: Any) -> Fact:
    plain = {
        "comparison": "teams",
        "exposed_sessions": 9,
        "most_sessions": 9,
        "expected_sessions": 3.0,
        "safe": False,
        "limit": 3.0,
        "own_evidence": 1.0,
        "own_sessions": 1,
        "own_expected": 4.0,
        "confirmed": True,
        "without_best_day": 2.4,
    }
    return Fact("x", evidence, n=214, unit="to 1", problem=problem, details={**plain, **told})


GONE, GROUP = "telemetry is lost or has stalled", "no comparison group: nearly everybody is on"
CASES = [
    (Fact("x", problem="the guardrail has not begun"), W, "an_unwatched_stage_waits", "has not begun"),
    (fact(99, silent=GONE), U, "silence_holds", GONE),
    (
        fact(99, roster="3 people are off"),
        U,
        "people_out_of_place_suspend",
        "are suspended: 3 people are off",
    ),
    (fact(99, recount="it differs"), U, "an_unlike_recount_holds", "it differs"),
    (fact(99, problem=GROUP, own_evidence=30.0), U, "without_a_group_it_only_holds", "a person decides"),
    (fact(99, problem=GROUP), P, "without_a_group_it_only_holds", "at most x"),
    (fact(99, exposed_sessions=2, most_sessions=2), W, "too_few_sessions_wait", "acts from 3 sessions"),
    (fact(23.8), F, "twenty_to_one_takes_back", "(acts at 20). Rolling back."),
    (fact(6), W, "five_to_one_stops_advancing", "Evidence 6.0 to 1: advancing is stopped."),
    (fact(0.4, safe=True), P, "harm_ruled_out_passes", "harm beyond x3.0 is ruled out at 95 %"),
    (fact(0.4), W, "little_evidence_waits", "not yet ruled out"),
]


@pytest.mark.parametrize(("given", "verdict", "rule", "says"), CASES)
def test_the_first_rule_with_an_opinion_speaks(given: Fact, verdict: Verdict, rule: str, says: str) -> None:
    found = judge_guardrail(given, confirm=False)
    assert (found[0], found[2], says in found[1]) == (verdict, rule, True), found


@pytest.mark.parametrize(("confirmed", "verdict"), [(True, F), (False, W)])
def test_a_second_day_decides_where_the_plan_asks_for_it(confirmed: bool, verdict: Verdict) -> None:
    found = judge_guardrail(fact(23.8, confirmed=confirmed, without_best_day=1.1), confirm=True)
    assert found[0] is verdict
    assert confirmed or found[2] == "a_second_day_must_agree"


def test_every_rule_is_reached_and_says_what_it_is_for() -> None:
    reached = {rule for *_, rule, _ in CASES} | {"a_second_day_must_agree"}
    assert reached == {rule.__name__ for rule in RULES}
    assert all(what_a_rule_says(name).endswith(".") for name in reached)


def test_the_sentence_is_that_of_the_facts() -> None:
    assert judge_guardrail(fact(23.8), confirm=False)[1] == (
        "Exposed teams: 9 error sessions in 214 tasks. Going by the four weeks before and the other teams today, about"
        " 3 were expected. Evidence 23.8 to 1 (acts at 20). Rolling back."
    )


def test_merged_evidence_names_its_parts() -> None:
    parts = {"error": {"evidence": 50.0}, "latency": {"evidence": 1.0}}
    assert (
        ", merged from error 50.0, latency 1.0" in judge_guardrail(fact(34, signals=parts), confirm=False)[1]
    )


def test_the_answer_stands_in_one_file_of_less_than_two_hundred_lines() -> None:
    assert len(Path(guardrail.__file__).read_text().splitlines()) < 200
