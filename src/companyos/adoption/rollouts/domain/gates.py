"""How each kind of gate turns a fact into a verdict. Pure; the numbers are in the reason.

The statistics are those of `kernel.stats`; a guardrail's rules have a file of their own, `guardrail.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from companyos.adoption.rollouts.domain import guardrail
from companyos.adoption.rollouts.domain.count_rule import a_count_decides
from companyos.adoption.rollouts.domain.judgement import a_named_person_judges
from companyos.adoption.rollouts.domain.plan import GateKind, GateSpec, Missing
from companyos.adoption.rollouts.domain.risks import a_row_of_the_matrix_is_hit
from companyos.adoption.rollouts.domain.shadow import the_paths_agree
from companyos.adoption.rollouts.domain.types import Gate, Verdict
from companyos.kernel.evidence import Fact
from companyos.kernel.stats.did_split import AMBER_AT, ROLL_BACK_AT
from companyos.kernel.stats.finding import Answer, Finding
from companyos.kernel.stats.improvement import (
    COMPLETION_MARGIN,
    TIME_MARGIN,
    judge_change,
)
from companyos.kernel.stats.incident_trend import Week, judge_incidents
from companyos.kernel.stats.interval import Interval
from companyos.kernel.stats.opinions import judge_satisfaction
from companyos.kernel.stats.stability import judge_stability

Judgement = tuple[Verdict, str]
Judge = Callable[[GateSpec, Fact, datetime, datetime], Judgement]
_NAMED_BY_METRIC = {GateKind.METRIC, GateKind.GUARDRAIL, GateKind.RISK}
_TREND_UNITS = {"points", "log"}
_VERDICT_OF = {
    Answer.PASSED: Verdict.PASSED,
    Answer.FAILED: Verdict.FAILED,
    Answer.NOT_ENOUGH: Verdict.PENDING,
}


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


def errors_are_no_more_than_expected(
    spec: GateSpec, fact: Fact, now: datetime, due_at: datetime
) -> Judgement:
    """Watched at every event: fails at evidence 20 to 1 for harm; passes when harm is ruled out at 95 %."""
    verdict, because, _ = guardrail.judge_guardrail(fact, confirm=spec.confirm == "two_days")
    return verdict, because


def it_is_safe_to_advance(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes when harm of `points` (2) is ruled out at 95 %, from 100 exposed tasks on. Never fails."""
    if fact.value is None or fact.problem:
        return Verdict.PENDING, fact.problem or "not measured yet"
    told = fact.details
    words = (
        f"{told['probability_safe']:.0%} sure that errors are at most x{told['limit']:.1f}"
        f" ({spec.points:g} points of harm) in {fact.n or 0:,} tasks"
    )
    if fact.value >= AMBER_AT:
        return Verdict.PENDING, f"{words}; evidence of harm {fact.value:.1f} to 1: advancing is stopped"
    return (Verdict.PASSED if told["safe"] else Verdict.PENDING), f"{words}; needs 95 %"


def people_are_where_the_plan_put_them(
    spec: GateSpec, fact: Fact, now: datetime, due_at: datetime
) -> Judgement:
    """Passes when the roster of whole teams, or the sample ratio of drawn people (SRM), is right; else holds."""
    if fact.value is None:
        return Verdict.PENDING, fact.problem or "nobody was met yet"
    if fact.problem:
        return Verdict.INCONCLUSIVE, f"decisions are suspended: {fact.problem}"
    return Verdict.PASSED, f"{fact.n or 0:,} tasks on the new path, by the people of the plan"


def a_metric_meets_its_target(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes when even the pessimistic bound meets the target; fails when even the optimistic one does not."""
    if fact.unit in _TREND_UNITS:
        return a_trend_holds(spec, fact, now, due_at)
    if fact.value is None or fact.n is None:
        return Verdict.PENDING, fact.problem or "no data"
    if fact.unit == "days":
        return _enough_days(spec, fact)
    text = f"{_shown(fact.value, fact.unit)} ({_interval(fact)}), n = {fact.n}"
    if fact.n < (spec.min_n or 0):
        return Verdict.PENDING, f"{text}; needs {spec.min_n}"
    low = fact.low if fact.low is not None else fact.value  # without an interval the figure is exact
    high = fact.high if fact.high is not None else fact.value
    if spec.at_least is not None:
        return _at_least(spec, fact, text, low, high)
    limit = spec.at_most if spec.at_most is not None else 0.0
    wanted = f"at most {_shown(limit, fact.unit)}"
    if high <= limit:
        return Verdict.PASSED, f"{text}; {wanted}"
    return (Verdict.FAILED if low > limit else Verdict.PENDING), f"{text}; needs {wanted} with certainty"


def _at_least(spec: GateSpec, fact: Fact, text: str, low: float, high: float) -> Judgement:
    target = spec.at_least if spec.at_least is not None else 0.0
    is_a_share = fact.unit == "share" and fact.low is not None and 0 < target < 1
    if is_a_share and "sprints" not in fact.details:
        return _of(_stability(spec, fact, target), f"{text}: ")
    if low >= target:
        return Verdict.PASSED, f"{text}; at least {_shown(target, fact.unit)}"
    if fact.details.get("latest_high", high) < target:
        return Verdict.FAILED, f"{text}; below {_shown(target, fact.unit)}"
    return Verdict.PENDING, f"{text}; needs {_shown(target, fact.unit)} with certainty"


def _stability(spec: GateSpec, fact: Fact, target: float) -> Finding:
    """The exact judgement of a share, with what is missing for an answer."""
    n = fact.n or 0
    failed = n - round((fact.value or 0.0) * n)
    a_day = float(fact.details.get("tasks_a_day", 0.0))
    return judge_stability(failed, n, target=target, confidence=spec.confidence or 0.95, tasks_a_day=a_day)


def enough_error_budget_is_left(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes while at least so much error budget is left (none unless it says else); fails when less is."""
    if fact.value is None:
        return Verdict.PENDING, fact.problem or "no data"
    wanted = spec.at_least or 0.0
    words = f"{fact.value:.0%} of the error budget left over {fact.window}; needs {wanted:.0%}"
    return (Verdict.PASSED if fact.value >= wanted else Verdict.FAILED), words


def _enough_days(spec: GateSpec, fact: Fact) -> Judgement:
    enough = (fact.value or 0) >= (spec.at_least or 0)
    words = f"{fact.value:.0f} days of the old path measured; needs {spec.at_least:.0f}"
    return (Verdict.PASSED if enough else Verdict.PENDING), words


def a_trend_holds(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """The same people against themselves (P5): passes when they do no worse within 5 points (10 % of time) at 90 %."""
    if fact.value is None or fact.low is None or fact.high is None:
        return Verdict.PENDING, fact.problem or "no data"
    is_time = fact.unit == "log"
    interval = Interval(fact.value, fact.low, fact.high)
    if is_time:  # a log of seconds: less is better
        interval = Interval(-fact.value, -fact.high, -fact.low)
    return _of(
        judge_change(
            interval,
            people=fact.n or 0,
            margin=spec.margin or (TIME_MARGIN if is_time else COMPLETION_MARGIN),
            at_target=bool(fact.details.get("at_target")),
            unit="% time saved" if is_time else "points",
        )
    )


def people_are_satisfied(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes at the target share, from 10 answers of 40 % of those asked, with Wilson's 90 % bound near."""
    if fact.value is None or fact.n is None:
        return Verdict.PENDING, fact.problem or "no answers"
    told, target = fact.details, spec.at_least or 0.8
    found = judge_satisfaction(
        int(told["satisfied"]), fact.n, max(fact.n, int(told.get("asked", 0))), target=target
    )
    if fact.n < (spec.min_n or 0) and found.answer is Answer.PASSED:
        return Verdict.PENDING, f"{found.because}; this gate needs {spec.min_n} answers"
    return _of(found)


def severe_bugs_are_fixed_in_time(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """An open Sev1 fails at once; others wait for their fix until the clock has run out (R140)."""
    count, oldest = int(fact.value or 0), float(fact.details.get("oldest_hours", 0.0))
    if count <= (spec.at_most or 0):
        return Verdict.PASSED, "no open Sev1 or Sev2" if not count else f"{count} open, within budget"
    words = f"{count} open Sev1/Sev2 ({', '.join(fact.details['cases'])}), the oldest {oldest:.0f} h"
    if fact.details.get("sev1") or oldest > (spec.fix_hours or 24):
        return Verdict.FAILED, f"{words}; to be fixed within {spec.fix_hours or 24} h"
    return Verdict.PENDING, f"{words}; due within {spec.fix_hours or 24} h"


def severe_bugs_do_not_rise(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """P4: passes without an open Sev1, with open Sev2 within budget, and not rising per active person-week (.10)."""
    if fact.value is None:
        return Verdict.PENDING, fact.problem or "no data"
    told = fact.details
    first, last = ([Week(int(bugs), float(use)) for bugs, use in told[half]] for half in ("first", "last"))
    found = judge_incidents(
        first,
        last,
        open_sev1=int(told["open_sev1"]),
        open_sev2=int(told["open_sev2"]),
        budget=int(spec.at_most or 0),
        least_person_weeks=float(spec.min_n or 0),
    )
    return _of(found)


def teams_use_it(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Counts teams that use the feature actively (P1); when the time is over, too few is a failure."""
    rows = fact.details.get("teams", [])
    wanted = int(spec.at_least) if spec.at_least is not None else len(rows)
    active, missing = int(fact.value or 0), [row["team"] for row in rows if not row["active"]]
    words = f"{active} of {len(rows)} teams actively using ({fact.window}); needs {wanted}"
    if rows and active >= wanted:
        return Verdict.PASSED, words
    words += f"; not yet: {', '.join(missing)}" if missing else ""
    return (Verdict.PENDING if now < due_at else Verdict.FAILED), words


def somebody_vouches(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes when a named person has attested it, often enough."""
    if fact.value is None and fact.problem:
        return Verdict.PENDING, fact.problem
    done, wanted = int(fact.value or 0), spec.times or 1
    latest = f", last by {fact.details['by_name']}" if fact.details.get("by_name") else ""
    words = f"{done} of {wanted} done{latest}"
    return (Verdict.PASSED if done >= wanted else Verdict.PENDING), words


def the_scorecard_is_met(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes when every row of the feature's scorecard is met; when the time is over, a row that fails fails it."""
    if fact.value is None:
        return Verdict.PENDING, fact.problem or "no data"
    words = f"{fact.details.get('says', '')} ({fact.window})"
    if fact.value >= 1:
        return Verdict.PASSED, words
    return (Verdict.FAILED if fact.details.get("failed") and now >= due_at else Verdict.PENDING), words


def the_named_roles_approve(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes when each named role has approved this stage; one no of theirs fails it."""
    if refused := fact.details.get("refused"):
        return Verdict.FAILED, f"{refused['by_name']} said no: {refused['because']}"
    given = fact.details.get("by_role", {})
    missing = [role for role in spec.roles if role not in given]
    names = {role: told["by_name"] for role, told in given.items()}
    words = ", ".join(f"{role.replace('_', ' ')}: {names.get(role, 'not yet')}" for role in spec.roles)
    return (Verdict.PENDING if missing else Verdict.PASSED), words


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
    GateKind.SESSION: Kind(somebody_vouches, "playbooks.session_held", True),
    GateKind.SUPPORT_PACK: Kind(somebody_vouches, "playbooks.support_pack", True),
    GateKind.JUDGEMENT: Kind(a_named_person_judges, "rollouts.task_done", True),
    GateKind.RISK: Kind(a_row_of_the_matrix_is_hit, ""),
    GateKind.READINESS: Kind(the_scorecard_is_met, "", True),
    GateKind.APPROVAL: Kind(the_named_roles_approve, "rollouts.approvals", True),
}


def _of(found: Finding, before: str = "") -> Judgement:
    return _VERDICT_OF[found.answer], before + found.because


def _shown(value: float, unit: str) -> str:
    return f"{value * 100:.2f} %" if unit == "share" else f"{value:.0f} {unit}"


def _interval(fact: Fact) -> str:
    ends = ["?" if end is None else _shown(end, fact.unit) for end in (fact.low, fact.high)]
    return " to ".join(ends)
