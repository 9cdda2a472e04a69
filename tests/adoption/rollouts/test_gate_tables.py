"""The gates' tables of statistics, section 3, asked of the gates as a plan states them; and their error rates."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec
from companyos.adoption.rollouts.domain.gates import KINDS, judge
from companyos.adoption.rollouts.domain.kinds_page import page
from companyos.adoption.rollouts.domain.types import Gate, Verdict
from companyos.kernel.evidence import Fact
from companyos.kernel.stats.binomial import lower_bound, upper_bound
from companyos.kernel.stats.opinions import satisfied_share
from companyos.kernel.stats.paired import paired_interval

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=1)
P, F, W, U = Verdict.PASSED, Verdict.FAILED, Verdict.PENDING, Verdict.INCONCLUSIVE
SEED = 3


def asked(kind: GateKind, fact: Fact, **values: Any) -> Gate:
    return judge(GateSpec(name="gate", title="Gate", kind=kind, **values), fact, now=NOW, due_at=LATER)


def tasks(failed: int, n: int, **details: Any) -> Fact:
    good = n - failed
    return Fact(
        "x", good / n, lower_bound(good, n, 0.95), upper_bound(good, n, 0.95), n, "share", details=details
    )


@pytest.mark.parametrize(
    ("target", "needed"),
    [
        (0.995, [598, 947, 1258, 1549, None, 2100, None, None, None, None, 3389]),
        (0.99, [299, 473, 628, 773, None, 1049, None, None, None, None, 1693]),
        (0.98, [149, 236, 313, 386, None, 523, None, None, None, None, 845]),
        (0.999, [2995, 4742, 6294, 7752, None, 10511, None, None, None, None, 16959]),
    ],
)
def test_stability_passes_from_so_many_tasks_R72(target: float, needed: list[int | None]) -> None:
    for failed, n in enumerate(needed):
        if n is not None:
            assert asked(GateKind.METRIC, tasks(failed, n), at_least=target).verdict is P
            short = asked(GateKind.METRIC, tasks(failed, n - 1), at_least=target)
            assert short.verdict is W
            assert f"Needs {n:,} at {failed} failure" in short.because


def test_stability_says_how_many_days_are_missing() -> None:
    fact = tasks(3, 1120, tasks_a_day=107.3)
    assert asked(GateKind.METRIC, fact, at_least=0.995).because.endswith(
        "3 failed of 1,120. Needs 1,549 at 3 failures: about 4 more days"
    )


@pytest.mark.parametrize("n", [600, 2000, 4000])
def test_stability_passes_wrongly_in_at_most_six_of_a_hundred(n: int) -> None:
    dice, runs = random.Random(SEED), 1500
    worst = 0
    for _ in range(runs):
        failed = sum(dice.random() < 0.005 for _ in range(n))
        worst += asked(GateKind.METRIC, tasks(failed, n), at_least=0.995).verdict is P
    assert worst / runs <= 0.06, f"seed {SEED}: {worst} of {runs}"


@pytest.mark.parametrize(("happy", "n"), [(9, 10), (13, 15), (17, 20), (25, 30), (32, 40), (48, 60)])
def test_a_survey_passes_from_so_many_happy_answers(happy: int, n: int) -> None:
    assert opinion(happy, n).verdict is P
    assert opinion(happy - 1, n).verdict is W


@pytest.mark.parametrize(("happy", "n"), [(6, 10), (10, 15), (13, 20), (21, 30), (28, 40), (44, 60)])
def test_a_survey_fails_up_to_so_many_happy_answers(happy: int, n: int) -> None:
    assert opinion(happy, n).verdict is F
    assert opinion(happy + 1, n).verdict is W


def opinion(happy: int, n: int, unanswered: int = 0) -> Gate:
    share = satisfied_share(happy, n)
    details = {"asked": n + unanswered, "satisfied": happy}
    fact = Fact("x", share.value, share.low, share.high, n, "share", details=details)
    return asked(GateKind.SURVEY, fact, survey="usability", at_least=0.8)


@pytest.mark.parametrize(
    ("promoters", "detractors", "n", "asked_of", "verdict", "because"),
    [
        (30, 2, 40, 60, Verdict.PASSED, "NPS +70"),
        (20, 10, 40, 60, Verdict.PENDING, "needs about"),
        (2, 30, 40, 60, Verdict.FAILED, "NPS -70"),
        (9, 0, 9, 20, Verdict.PENDING, "9 of 20 asked"),
        (30, 2, 40, 200, Verdict.PENDING, "(20% answered)"),
    ],
)
def test_a_net_promoter_gate_needs_its_whole_interval_above_the_target(
    promoters: int, detractors: int, n: int, asked_of: int, verdict: Verdict, because: str
) -> None:
    told = {"asked": asked_of, "promoters": promoters, "detractors": detractors}
    fact = Fact("surveys.nps", (promoters - detractors) / n, n=n, unit="points", details=told)
    gate = asked(GateKind.SURVEY, fact, evidence="surveys.nps", at_least=0.2)
    assert (gate.verdict, because in gate.because) == (verdict, True), gate.because


def test_a_survey_says_what_the_silent_could_hide() -> None:
    assert opinion(17, 20, 11).because == "17 of 20 (20 of 31 asked); if all silent people are unhappy 55%"
    assert opinion(20, 20, 31).verdict is W  # fewer than 40 % answered


@pytest.mark.parametrize(
    ("points", "share"),
    [(-8, (0.0, 0.02)), (-3, (0.04, 0.2)), (0, (0.38, 0.6)), (3, (0.8, 0.96)), (8, (0.98, 1))],
)
def test_completion_passes_as_often_as_the_table_says_R154(points: int, share: tuple[float, float]) -> None:
    dice, runs = random.Random(SEED), 400
    passed = 0
    for _ in range(runs):
        changes = [dice.gauss(points / 100, 0.09) for _ in range(15)]
        interval = paired_interval(changes, 0.8)
        fact = Fact("x", interval.value, interval.low, interval.high, 15, "points")
        passed += asked(GateKind.COMPLETION_TREND, fact).verdict is P
    assert share[0] <= passed / runs <= share[1], f"seed {SEED}: {passed} of {runs}"


def test_time_saved_is_a_gain_and_time_lost_a_loss_R155() -> None:
    saved = asked(GateKind.TIME_TREND, Fact("x", -0.12, -0.2, -0.05, 12, "log"))
    lost = asked(GateKind.TIME_TREND, Fact("x", 0.3, 0.2, 0.4, 12, "log"))
    assert (saved.verdict, lost.verdict) == (P, F)
    assert saved.because == "+12 % time saved (+5 to +20), 12 people"


@pytest.mark.parametrize(
    ("first", "last", "open_bugs", "verdict", "says"),
    [
        ([2, 2, 1, 2], [1, 1, 1, 1], (0, 1), P, "7 then 4: too few to tell; within budget 5"),
        ([3, 2, 3, 4], [1, 1, 2, 0], (0, 0), P, "falling"),
        ([1, 1, 2, 0], [3, 2, 3, 4], (0, 0), F, "rising"),
        ([0, 0], [0, 0], (1, 0), F, "1 open Sev1"),
        ([0, 0], [0, 0], (0, 6), F, "6 open Sev2"),
        ([0, 0], [0, 0], (0, 0), P, "0 then 0"),
    ],
)
def test_severe_bugs_must_not_rise_R74(
    first: list[int], last: list[int], open_bugs: tuple[int, int], verdict: Verdict, says: str
) -> None:
    halves = {name: [[bugs, 25] for bugs in half] for name, half in (("first", first), ("last", last))}
    told = {**halves, "open_sev1": open_bugs[0], "open_sev2": open_bugs[1]}
    gate = asked(GateKind.BUG_TREND, Fact("x", float(sum(first + last)), details=told), at_most=5)
    assert (gate.verdict, says in gate.because) == (verdict, True), gate.because


def test_severe_bugs_without_enough_use_prove_nothing_R74() -> None:
    told = {"first": [[0, 2], [0, 2]], "last": [[0, 2], [0, 2]], "open_sev1": 0, "open_sev2": 0}
    gate = asked(GateKind.BUG_TREND, Fact("x", 0.0, details=told), at_most=0, min_n=40)
    assert gate.verdict is W


@pytest.mark.parametrize(
    ("value", "safe", "problem", "verdict"),
    [(0.4, True, "", P), (0.4, False, "", W), (6.0, True, "", W), (0.4, True, "no comparison group", W)],
)
def test_safe_to_advance_never_fails(value: float, safe: bool, problem: str, verdict: Verdict) -> None:
    told = {"safe": safe, "probability_safe": 0.97, "limit": 3.0}
    fact = Fact("x", value, n=400, problem=problem, details=told)
    assert asked(GateKind.SAFE_TO_ADVANCE, fact).verdict is verdict


@pytest.mark.parametrize(("left", "verdict"), [(0.4, P), (0.2, P), (0.1, F), (-0.3, F), (None, W)])
def test_error_budget_must_be_left(left: float | None, verdict: Verdict) -> None:
    assert asked(GateKind.SLO, Fact("x", left, n=4000, unit="share"), at_least=0.2).verdict is verdict


@pytest.mark.parametrize(
    ("fact", "verdict"),
    [(Fact("x", 1.0, n=40), P), (Fact("x", 0.0, n=40, problem="3 of 40 tasks"), U), (Fact("x"), W)],
)
def test_people_out_of_place_suspend_decisions(fact: Fact, verdict: Verdict) -> None:
    assert asked(GateKind.ROSTER, fact).verdict is verdict


@pytest.mark.parametrize("kind", [GateKind.DRILL, GateKind.SESSION, GateKind.SUPPORT_PACK, GateKind.REACH])
def test_what_nobody_measures_yet_waits_and_says_so(kind: GateKind) -> None:
    name = KINDS[kind].evidence
    gate = asked(kind, Fact(name, problem=f"nothing in this instance measures {name}"), at_least=0.8)
    assert (gate.verdict, gate.because) == (W, f"nothing in this instance measures {name}")


def test_every_kind_has_a_judge_a_sentence_and_a_line_in_the_docs() -> None:
    assert set(KINDS) == set(GateKind)
    assert all((kind.judge.__doc__ or "").strip().endswith(".") for kind in KINDS.values())
    assert (Path(__file__).parents[3] / "docs" / "gate-kinds.md").read_text() == page()
