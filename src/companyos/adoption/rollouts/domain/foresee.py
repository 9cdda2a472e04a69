"""The chance that each kind of gate has answered by its date, before a plan starts (R179).

The formulas are `kernel.stats.verdict_odds` and `kernel.stats.guardrail_power`; here is which of them a gate of a plan
asks, about whom, over which time. The true quality of a feature is not known when a plan is written, so each chance is
the mean over a feature that is as hoped, half as faulty, and twice as faulty.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import sqrt

from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec, Window
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.setting import WEEK, Crowd, Setting
from companyos.kernel.stats.beta import binomial_at_most
from companyos.kernel.stats.did_split import MIN_UNEXPOSED_PEOPLE
from companyos.kernel.stats.effect import MIN_EXPOSED_TASKS, harmful_ratio
from companyos.kernel.stats.guardrail_power import PRESENT, Traffic, chance_to_be_safe
from companyos.kernel.stats.verdict_odds import (
    Cohort,
    Odds,
    odds_of_enough_cases,
    odds_of_improvement,
    odds_of_incidents,
    odds_of_promoters,
    odds_of_satisfaction,
    odds_of_stability,
)

CERTAIN = Odds(1.0, 0.0)
NEVER = Odds(0.0, 0.0)
_FAULTS = ((1.0, 0.5), (0.5, 0.25), (2.0, 0.25))  # times the expected share of failures, and its weight
_SPRINT_WEEKS = 2
_ASKED_AFTER_DAYS = 5  # a survey asks three working days after the first use, and people need some to answer
_P95 = 0.95
_LATENCY_WITHIN = 0.98  # share of answers expected within a latency limit
_COUNT_NEEDS_WEEKS = 0.2


@dataclass(frozen=True, slots=True)
class Place:
    """A gate's place: its stage of the plan, in a company."""

    plan: Plan
    index: int
    crowds: Sequence[Crowd]
    setting: Setting

    @property
    def crowd(self) -> Crowd:
        return self.crowds[self.index]

    @property
    def days(self) -> int:
        return self.plan.stages[self.index].working_days

    @property
    def weeks(self) -> float:
        return self.days / WEEK

    def cohort(self, people: int) -> Cohort:
        each = self.setting.cases_a_week / self.setting.headcount
        return Cohort(people, people * each, self.setting.response)

    def weeks_since(self, index: int) -> float:
        """Return the weeks from the start of stage `index` to the end of this one."""
        return self.plan.stages[self.index].week - self.plan.stages[index].week + self.weeks


def odds_of(spec: GateSpec, place: Place) -> Odds:
    """Return the odds that the gate passes or fails by its date; a count rule answers where the rule does not."""
    odds = _ODDS[spec.kind](spec, place)
    if not spec.count:
        return odds
    counted = _odds_of_the_count(spec, place)
    return Odds(odds.passes, max(odds.fails, min(1.0, counted.verdict) - odds.passes))


def traffic(place: Place) -> Traffic:
    """Return what the guardrail of a stage has to compare."""
    a_day = place.setting.cases_a_week / WEEK / place.setting.headcount
    crowd = place.crowd
    return Traffic(
        crowd.joining,
        crowd.joining * a_day,
        max(0, crowd.others) * a_day,
        place.setting.error_rate,
        place.setting.days_before,
    )


def _always(spec: GateSpec, place: Place) -> Odds:
    """The calendar, or a person's word: whoever is asked can answer by the date."""
    return CERTAIN


def _guardrail(spec: GateSpec, place: Place) -> Odds:
    if place.crowd.joining == 0:
        return NEVER
    if place.crowd.others < MIN_UNEXPOSED_PEOPLE:
        return _against_their_own_days(place)
    return Odds(chance_to_be_safe(traffic(place), days=place.days), 0.0)


def _against_their_own_days(place: Place) -> Odds:
    """Nobody is left to compare with: passes when errors beyond the harmful ratio are ruled out by an exact bound."""
    rate, cohort = place.setting.error_rate, place.cohort(place.crowd.joining)
    if cohort.cases(place.weeks) < MIN_EXPOSED_TASKS:
        return NEVER
    target = 1 - min(0.99, rate * harmful_ratio(rate, 0.02))
    passes = odds_of_stability(cohort, weeks=place.weeks, target=target, true_share=1 - rate).passes
    return Odds(passes, 0.0)


def _metric(spec: GateSpec, place: Place) -> Odds:
    return _METRICS.get(spec.metric, _success)(spec, place)


def _success(spec: GateSpec, place: Place) -> Odds:
    failing = 1 - place.setting.expected_success
    if spec.window is Window.TWO_SPRINTS:
        return _two_sprints(spec, place, failing)
    return _share(spec, place.cohort(place.crowd.on), place.weeks, spec.at_least or 0.99, failing)


def _two_sprints(spec: GateSpec, place: Place, failing: float) -> Odds:
    """Each of the last two sprints must meet the target; both must lie after the first people were on."""
    first = next((i for i, crowd in enumerate(place.crowds) if crowd.on), 0)
    if place.weeks_since(first) < 2 * _SPRINT_WEEKS + 1:
        return NEVER
    before = max(0, place.index - 1)
    cohort = place.cohort((place.crowds[before].on + place.crowd.on) // 2)
    sprint = _share(spec, cohort, _SPRINT_WEEKS, spec.at_least or 0.995, failing)
    return Odds(sprint.passes**2, sprint.fails)


def _completion(spec: GateSpec, place: Place) -> Odds:
    cohort = place.cohort(place.crowd.on)
    return _share(spec, cohort, place.weeks, spec.at_least or 0.9, 1 - place.setting.expected_completion)


def _at_most(spec: GateSpec, place: Place) -> Odds:
    """A share that must stay low: policy violations, and pairs of old and new path that differ."""
    pairs = spec.metric == "shadow_mismatch"
    people = _in_shadow(place) if pairs else place.crowd.on
    failing = (1 - place.setting.expected_success) if pairs else (spec.at_most or 0.01) / 4
    return _share(spec, place.cohort(people), place.weeks, 1 - (spec.at_most or 0.01), failing)


def _in_shadow(place: Place) -> int:
    """Pairs come from the people of a stage that begins in shadow; else from all cases, whoever is on."""
    stage = place.plan.stages[place.index]
    return place.crowd.joining if stage.shadow else place.crowd.everybody


def _latency(spec: GateSpec, place: Place) -> Odds:
    return _share(spec, place.cohort(place.crowd.on), place.weeks, _P95, 1 - _LATENCY_WITHIN)


def _baseline(spec: GateSpec, place: Place) -> Odds:
    by_then = place.setting.days_before + WEEK * place.plan.stages[place.index].week + place.days
    return CERTAIN if by_then >= (spec.at_least or 0) else NEVER


def _trend(spec: GateSpec, place: Place) -> Odds:
    """The same people since their own exposure: those who were on early have the longest time."""
    margin, gain = spec.margin or 0.05, place.setting.expected_gain
    found = [
        odds_of_improvement(
            place.cohort(place.crowds[index].on),
            weeks=place.weeks_since(index),
            true_gain=gain,
            margin=margin,
            at_target=True,
        )
        for index in range(place.index + 1)
    ]
    return max(found, key=lambda odds: odds.verdict)


def _survey(spec: GateSpec, place: Place) -> Odds:
    """People are asked days after their first use: those of this stage only when it lasts long enough."""
    before = place.crowds[place.index - 1].on if place.index else 0
    asked = place.cohort(place.crowd.on if place.days > _ASKED_AFTER_DAYS else before)
    enough = _odds_of_answers(asked, spec.min_n or 0)
    mean = [0.0, 0.0]
    for times, weight in _FAULTS:
        happy = 1 - min(1.0, (1 - place.setting.expected_happy) * times)
        odds = _odds_of_opinion(spec, asked, happy)
        mean[0] += weight * odds.passes
        mean[1] += weight * odds.fails
    return Odds(min(mean[0], enough), min(mean[1], max(0.0, enough - mean[0])))


def _odds_of_opinion(spec: GateSpec, asked: Cohort, happy: float) -> Odds:
    """Of a net promoter gate it is assumed that whoever is satisfied recommends, and nobody else does."""
    if spec.evidence != "surveys.nps":
        return odds_of_satisfaction(asked, target=spec.at_least or 0.8, true_share=happy)
    spread = max(0.1, 2 * sqrt(happy * (1 - happy)))
    score, target = 100 * (2 * happy - 1), 100 * (spec.at_least or 0.0)
    return odds_of_promoters(asked, target=target, true_score=score, spread=spread)


def _bug_trend(spec: GateSpec, place: Place) -> Odds:
    """Two halves of two weeks or more since people are on, and as much use as the gate asks for."""
    first = next((i for i, crowd in enumerate(place.crowds) if crowd.on), 0)
    cohort = place.cohort(place.crowd.on)
    return odds_of_incidents(
        cohort, weeks=place.weeks_since(first), least_person_weeks=float(spec.min_n or 0)
    )


def _odds_of_answers(asked: Cohort, least: int) -> float:
    return 1 - binomial_at_most(least - 1, asked.people, asked.response) if least else 1.0


def _share(spec: GateSpec, cohort: Cohort, weeks: float, target: float, failing: float) -> Odds:
    """A share against its target, over what the feature may be like, and never below the gate's least number."""
    asked = {"weeks": weeks, "target": target, "confidence": spec.confidence or 0.95}
    passes = fails = 0.0
    for times, weight in _FAULTS:
        odds = odds_of_stability(cohort, true_share=1 - min(0.99, failing * times), **asked)
        passes, fails = passes + weight * odds.passes, fails + weight * odds.fails
    enough = odds_of_enough_cases(cohort, weeks=weeks, least=spec.min_n or 0).passes
    return Odds(min(passes, enough), min(fails, max(0.0, enough - passes)))


def _odds_of_the_count(spec: GateSpec, place: Place) -> Odds:
    least = spec.count or 0
    if spec.kind is GateKind.SURVEY:
        before = place.crowds[place.index - 1].on if place.index else 0
        asked = place.cohort(place.crowd.on if place.days > _ASKED_AFTER_DAYS else before)
        return Odds(_odds_of_answers(asked, max(least, 1)), 0.0)
    if spec.metric in {"completion_trend", "time_to_value_trend"}:
        return NEVER  # a trend needs people with enough tasks in two halves; there is nothing to count
    people = place.crowd.joining if spec.kind is GateKind.GUARDRAIL else place.crowd.on
    return odds_of_enough_cases(place.cohort(people), weeks=max(_COUNT_NEEDS_WEEKS, place.weeks), least=least)


def cases_of(spec: GateSpec, place: Place) -> float:
    """Return how many cases the gate is about, to be expected by its date."""
    people = place.crowd.joining if spec.kind is GateKind.GUARDRAIL else place.crowd.on
    return place.cohort(people).cases_a_week * PRESENT * place.weeks


_METRICS: dict[str, Callable[[GateSpec, Place], Odds]] = {
    "task_success": _success,
    "task_completion": _completion,
    "policy_violations": _at_most,
    "shadow_mismatch": _at_most,
    "latency_p95_ms": _latency,
    "baseline_days": _baseline,
    "completion_trend": _trend,
    "time_to_value_trend": _trend,
}


def _as_metric(name: str) -> Callable[[GateSpec, Place], Odds]:
    """A kind that asks for one metric has that metric's odds."""
    return lambda spec, place: _metric(replace(spec, metric=name), place)


_ODDS: dict[GateKind, Callable[[GateSpec, Place], Odds]] = {
    GateKind.DWELL: _always,
    GateKind.GUARDRAIL: _guardrail,
    GateKind.METRIC: _metric,
    GateKind.SURVEY: _survey,
    GateKind.OPEN_BUGS: _always,  # passes while none is open, fails or waits for its fix otherwise
    GateKind.ACTIVE_TEAMS: _always,  # too few by the date is a failure
    GateKind.ATTESTED: _always,
    GateKind.APPROVAL: _always,
    GateKind.JUDGEMENT: _always,
    GateKind.SAFE_TO_ADVANCE: _guardrail,
    GateKind.ROSTER: _always,  # right or wrong from the first tasks on
    GateKind.SLO: _always,  # the budget left is counted, not estimated
    GateKind.REACH: _always,
    GateKind.RETURN_RATE: _at_most,
    GateKind.SHADOW_MISMATCH: _as_metric("shadow_mismatch"),
    GateKind.COMPLETION_TREND: _as_metric("completion_trend"),
    GateKind.TIME_TREND: _as_metric("time_to_value_trend"),
    GateKind.BUG_TREND: _bug_trend,
    GateKind.CHECKLIST: _always,
    GateKind.READINESS: _always,
    GateKind.DRILL: _always,
    GateKind.SESSION: _always,
    GateKind.SUPPORT_PACK: _always,
    GateKind.RISK: _always,
}
