"""How a gate turns a fact into a verdict. Pure; the numbers are in the reason.

`KINDS` says who judges each kind: over figures `measured`, over what is watched at every event `watched` (a guardrail's
rules are `guardrail`), over people's word `vouched`. Here is what they have in common: missing data, time that is over,
passes in a row.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from companyos.adoption.rollouts.domain import guardrail
from companyos.adoption.rollouts.domain.count_rule import a_count_decides
from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec, Missing
from companyos.adoption.rollouts.domain.judgement import a_named_person_judges
from companyos.adoption.rollouts.domain.measured import (
    a_metric_meets_its_target,
    a_trend_holds,
    enough_error_budget_is_left,
    people_are_satisfied,
    severe_bugs_are_fixed_in_time,
    severe_bugs_do_not_rise,
    teams_use_it,
)
from companyos.adoption.rollouts.domain.risks import a_row_of_the_matrix_is_hit
from companyos.adoption.rollouts.domain.shadow import the_paths_agree
from companyos.adoption.rollouts.domain.types import Gate, Verdict
from companyos.adoption.rollouts.domain.vouched import (
    somebody_vouches,
    the_named_roles_approve,
    the_scorecard_is_met,
)
from companyos.adoption.rollouts.domain.watched import (
    errors_are_no_more_than_expected,
    it_is_safe_to_advance,
    people_are_where_the_plan_put_them,
)
from companyos.kernel.evidence import Fact
from companyos.kernel.stats.did_split import ROLL_BACK_AT

Judgement = tuple[Verdict, str]
Judge = Callable[[GateSpec, Fact, datetime, datetime], Judgement]
_NAMED_BY_METRIC = {GateKind.METRIC, GateKind.GUARDRAIL, GateKind.RISK}


def judge(spec: GateSpec, fact: Fact, *, now: datetime, due_at: datetime) -> Gate:
    """Judge one gate. What is still pending when the stage's time is over becomes inconclusive,
    except where only time or a person's word is outstanding."""
    due_at = _deadline(fact, due_at)
    verdict, because, rule = _judged(spec, fact, now, due_at)
    streak = int(fact.details.get("passes_before", 0)) + 1 if verdict is Verdict.PASSED else 0
    if verdict is Verdict.PASSED and streak < spec.consecutive:
        verdict = Verdict.PENDING
        because = f"{because}; passed {streak} of {spec.consecutive} times in a row"
    waits_for_ever = KINDS[spec.kind].waits_for_a_person
    if verdict is Verdict.PENDING and now > due_at and not waits_for_ever and not fact.details.get("waits"):
        verdict, because = Verdict.INCONCLUSIVE, f"time is over: {because}"
    return Gate(
        spec.name,
        verdict,
        because,
        spec.rolls_back,
        spec.kind.value,
        spec.title,
        fact.value,
        fact.low,
        fact.high,
        _limit(spec),
        fact.n,
        fact.unit,
        dry_run=spec.dry_run,
        streak=streak,
        reach=spec.reach,
        rule=rule,
        told=_told(spec, fact),
    )


def fact_asked_by(spec: GateSpec) -> str:
    """Return the name of the evidence that a gate asks for: its own, or that of its kind."""
    if spec.evidence:
        return spec.evidence
    if spec.kind is GateKind.READINESS:
        return f"readiness.{spec.scorecard}"
    if spec.kind in _NAMED_BY_METRIC and spec.metric:
        return spec.metric if "." in spec.metric else f"telemetry.{spec.metric}"
    return KINDS[spec.kind].evidence


def _deadline(fact: Fact, due_at: datetime) -> datetime:
    """A gate's own deadline stands with its fact, so that a replay sees it too."""
    own = fact.details.get("deadline")
    return datetime.fromisoformat(own) if own else due_at


def _judged(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> tuple[Verdict, str, str]:
    if fact.details.get("unmeasured"):
        return Verdict.INCONCLUSIVE, fact.problem, "what_cannot_be_measured_holds"
    if fact.value is None and fact.problem and spec.missing is not Missing.WAIT:
        return _WHEN_MISSING[spec.missing], fact.problem, f"missing_data_{spec.missing}"
    verdict, because, rule = _by_its_kind(spec, fact, now, due_at)
    if verdict is Verdict.PENDING and spec.count and now >= due_at:
        return *a_count_decides(spec, fact, because), a_count_decides.__name__
    return verdict, because, rule


def _by_its_kind(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> tuple[Verdict, str, str]:
    if spec.kind is GateKind.GUARDRAIL:
        return guardrail.judge_guardrail(fact, confirm=spec.confirm == "two_days")
    judged = KINDS[spec.kind].judge
    return *judged(spec, fact, now, due_at), judged.__name__


def _limit(spec: GateSpec) -> float | None:
    if spec.kind is GateKind.GUARDRAIL:
        return ROLL_BACK_AT
    return spec.at_least if spec.at_least is not None else spec.at_most


def _told(spec: GateSpec, fact: Fact) -> dict[str, Any]:
    """Keep what a guardrail compared, for its page."""
    if spec.kind is not GateKind.GUARDRAIL:
        return {}
    return {name: fact.details[name] for name in ("comparison", "signals", "catches") if name in fact.details}


def a_stage_settles(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes when the stage has lasted its working days."""
    if now >= due_at:
        return Verdict.PASSED, "the planned time is over"
    return Verdict.PENDING, f"settles until {due_at:%a %d %b %H:%M} UTC"


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of gate: who judges it, and the evidence it asks for when the gate names none."""

    judge: Judge
    evidence: str
    waits_for_a_person: bool = False  # stays pending however late it is: time changes nothing


_WHEN_MISSING = {Missing.HOLD: Verdict.INCONCLUSIVE, Missing.FAIL: Verdict.FAILED}
KINDS: dict[GateKind, Kind] = {
    GateKind.DWELL: Kind(a_stage_settles, "rollouts.dwell", True),
    GateKind.GUARDRAIL: Kind(errors_are_no_more_than_expected, "telemetry.task_failed"),
    GateKind.SAFE_TO_ADVANCE: Kind(it_is_safe_to_advance, "telemetry.task_failed"),
    GateKind.ROSTER: Kind(people_are_where_the_plan_put_them, "telemetry.roster"),
    GateKind.METRIC: Kind(a_metric_meets_its_target, ""),
    GateKind.SLO: Kind(enough_error_budget_is_left, "telemetry.error_budget"),
    GateKind.SHADOW_MISMATCH: Kind(the_paths_agree, "shadow.mismatch"),
    GateKind.RETURN_RATE: Kind(a_metric_meets_its_target, "telemetry.return_rate"),
    GateKind.REACH: Kind(a_metric_meets_its_target, "comms.reach"),
    GateKind.COMPLETION_TREND: Kind(a_trend_holds, "telemetry.completion_trend"),
    GateKind.TIME_TREND: Kind(a_trend_holds, "telemetry.time_to_value_trend"),
    GateKind.SURVEY: Kind(people_are_satisfied, "surveys.satisfaction"),
    GateKind.OPEN_BUGS: Kind(severe_bugs_are_fixed_in_time, "cases.open_severe_bugs", True),
    GateKind.BUG_TREND: Kind(severe_bugs_do_not_rise, "telemetry.severe_bugs"),
    GateKind.ACTIVE_TEAMS: Kind(teams_use_it, "telemetry.active_teams"),
    GateKind.ATTESTED: Kind(somebody_vouches, "rollouts.task_done", True),
    GateKind.CHECKLIST: Kind(somebody_vouches, "features.checklist_item", True),
    GateKind.DRILL: Kind(somebody_vouches, "playbooks.drill", True),
    GateKind.SESSION: Kind(somebody_vouches, "sessions.held", True),
    GateKind.SUPPORT_PACK: Kind(somebody_vouches, "playbooks.support_pack", True),
    GateKind.JUDGEMENT: Kind(a_named_person_judges, "rollouts.task_done", True),
    GateKind.RISK: Kind(a_row_of_the_matrix_is_hit, ""),
    GateKind.READINESS: Kind(the_scorecard_is_met, "", True),
    GateKind.APPROVAL: Kind(the_named_roles_approve, "rollouts.approvals", True),
}
