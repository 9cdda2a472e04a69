"""How each kind of gate turns a fact into a verdict. Pure; the numbers are in the reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from companyos.adoption.rollouts.domain.count_rule import a_count_decides
from companyos.adoption.rollouts.domain.judgement import a_named_person_judges
from companyos.adoption.rollouts.domain.plan import GateKind, GateSpec, Missing
from companyos.adoption.rollouts.domain.risks import a_row_of_the_matrix_is_hit
from companyos.adoption.rollouts.domain.types import Gate, Verdict
from companyos.kernel.evidence import Fact
from companyos.kernel.stats.binomial import smallest_n_to_pass, upper_bound
from companyos.kernel.stats.did_split import AMBER_AT, MIN_EXPOSED_SESSIONS, ROLL_BACK_AT
from companyos.kernel.stats.effect import MIN_EXPOSED_TASKS

Judgement = tuple[Verdict, str]
_TREND_UNITS = {"points", "log"}
_ANSWER_SHARE = 0.4
_ONLY_OTHERS_CAN_END_IT = {
    GateKind.DWELL,
    GateKind.ATTESTED,
    GateKind.APPROVAL,
    GateKind.OPEN_BUGS,
    GateKind.JUDGEMENT,
}
_SURVEY_SLACK = 0.1


def judge(spec: GateSpec, fact: Fact, *, now: datetime, due_at: datetime) -> Gate:
    """Judge one gate. What is still pending when the stage's time is over becomes inconclusive,
    except where only time or a person's word is outstanding."""
    due_at = _deadline(fact, due_at)
    verdict, because = _judged(spec, fact, now, due_at)
    streak = int(fact.details.get("passes_before", 0)) + 1 if verdict is Verdict.PASSED else 0
    if verdict is Verdict.PASSED and streak < spec.consecutive:
        verdict = Verdict.PENDING
        because = f"{because}; passed {streak} of {spec.consecutive} times in a row"
    waits_for_ever = spec.kind in _ONLY_OTHERS_CAN_END_IT
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
    )


def _deadline(fact: Fact, due_at: datetime) -> datetime:
    """A gate's own deadline stands with its fact, so that a replay sees it too."""
    own = fact.details.get("deadline")
    return datetime.fromisoformat(own) if own else due_at


def _judged(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    if fact.details.get("unmeasured"):
        return Verdict.INCONCLUSIVE, fact.problem
    if fact.value is None and fact.problem and spec.missing is not Missing.WAIT:
        return _WHEN_MISSING[spec.missing], fact.problem
    verdict, because = _JUDGES[spec.kind](spec, fact, now, due_at)
    if verdict is Verdict.PENDING and spec.count and now >= due_at:
        return a_count_decides(spec, fact, because)
    return verdict, because


def _limit(spec: GateSpec) -> float | None:
    if spec.kind is GateKind.GUARDRAIL:
        return ROLL_BACK_AT
    return spec.at_least if spec.at_least is not None else spec.at_most


def a_stage_settles(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes when the stage has lasted its working days."""
    if now >= due_at:
        return Verdict.PASSED, "the planned time is over"
    return Verdict.PENDING, f"settles until {due_at:%a %d %b %H:%M} UTC"


def errors_are_no_more_than_expected(
    spec: GateSpec, fact: Fact, now: datetime, due_at: datetime
) -> Judgement:
    """Fails at evidence 20 to 1 for harm; passes when harm of two points is ruled out at 95 %."""
    told = fact.details
    if fact.value is None:
        return Verdict.PENDING, fact.problem
    if fact.problem:
        return _against_their_own_days(fact)
    numbers = (
        f"{told['exposed_sessions']} error sessions in {fact.n} tasks; going by the four weeks before and the"
        f" other teams today about {told['expected_sessions']:.1f} were expected. Evidence {fact.value:.1f} to 1"
    )
    if fact.value >= ROLL_BACK_AT and told["exposed_sessions"] >= MIN_EXPOSED_SESSIONS:
        if spec.confirm == "two_days" and not told["confirmed"]:
            return (
                Verdict.PENDING,
                f"{numbers}; without its best day {told['without_best_day']:.1f}: a second day decides",
            )
        return Verdict.FAILED, f"{numbers} (acts at {ROLL_BACK_AT:.0f})"
    if fact.value >= AMBER_AT:
        return Verdict.PENDING, f"{numbers}: advancing is stopped"
    if told["safe"]:
        return Verdict.PASSED, f"{numbers}; harm beyond x{told['limit']:.1f} is ruled out at 95 %"
    return Verdict.PENDING, f"{numbers}; harm beyond x{told['limit']:.1f} not yet ruled out"


def _against_their_own_days(fact: Fact) -> Judgement:
    """Where nobody is left to compare with: a shared incident looks the same, so this holds but never rolls back."""
    told, tasks = fact.details, fact.n or 0
    sessions, expected = told["own_sessions"], told["own_expected"]
    words = (
        f"{fact.problem}. Against their own days alone: {sessions} error sessions in {tasks} tasks, about"
        f" {expected:.1f} expected, evidence {told['own_evidence']:.1f} to 1"
    )
    if told["own_evidence"] >= ROLL_BACK_AT:
        return Verdict.INCONCLUSIVE, f"{words}: a person decides"
    if told["own_evidence"] >= AMBER_AT or tasks < MIN_EXPOSED_TASKS or expected <= 0:
        return Verdict.PENDING, words
    most = upper_bound(min(sessions, tasks), tasks, 0.95) * tasks / expected
    if most <= told["limit"]:
        return Verdict.PASSED, f"{words}; at most x{most:.1f} at 95 %"
    return Verdict.PENDING, f"{words}; up to x{most:.1f} cannot be ruled out"


def a_metric_meets_its_target(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes when even the pessimistic bound meets the target; fails when even the optimistic one does not."""
    if fact.unit in _TREND_UNITS:
        return _a_trend_holds(spec, fact)
    if fact.value is None or fact.n is None:
        return Verdict.PENDING, fact.problem or "no data"
    if fact.unit == "days":
        return _enough_days(spec, fact)
    text = f"{_shown(fact.value, fact.unit)} ({_interval(fact)}), n = {fact.n}"
    if fact.n < (spec.min_n or 0):
        return Verdict.PENDING, f"{text}; needs {spec.min_n}"
    low, high = (
        fact.low if fact.low is not None else 0.0,
        fact.high if fact.high is not None else float("inf"),
    )
    if spec.at_least is not None:
        return _at_least(spec, fact, text, low, high)
    limit = spec.at_most if spec.at_most is not None else 0.0
    wanted = f"at most {_shown(limit, fact.unit)}"
    if high <= limit:
        return Verdict.PASSED, f"{text}; {wanted}"
    return (Verdict.FAILED if low > limit else Verdict.PENDING), f"{text}; needs {wanted} with certainty"


def _at_least(spec: GateSpec, fact: Fact, text: str, low: float, high: float) -> Judgement:
    target = spec.at_least if spec.at_least is not None else 0.0
    if low >= target:
        return Verdict.PASSED, f"{text}; at least {_shown(target, fact.unit)}"
    if fact.details.get("latest_high", high) < target:
        return Verdict.FAILED, f"{text}; below {_shown(target, fact.unit)}"
    failed = (fact.n or 0) - round((fact.value or 0) * (fact.n or 0))
    needed = smallest_n_to_pass(failed, target, spec.confidence or 0.95) if failed < 200 else None
    more = f"; at {failed} failures needs {needed} tasks" if needed else ""
    return Verdict.PENDING, f"{text}; needs {_shown(target, fact.unit)} with certainty{more}"


def _enough_days(spec: GateSpec, fact: Fact) -> Judgement:
    enough = (fact.value or 0) >= (spec.at_least or 0)
    words = f"{fact.value:.0f} days of the old path measured; needs {spec.at_least:.0f}"
    return (Verdict.PASSED if enough else Verdict.PENDING), words


def _a_trend_holds(spec: GateSpec, fact: Fact) -> Judgement:
    """Not worse than the margin and improving, or at target and holding (P5)."""
    if fact.value is None or fact.low is None or fact.high is None:
        return Verdict.PENDING, fact.problem or "no data"
    better = 1.0 if spec.at_least is not None else -1.0
    value = fact.value * better
    worst, best = sorted((fact.low * better, fact.high * better))
    text = f"{fact.value * 100:+.1f} % ({fact.low * 100:+.1f} to {fact.high * 100:+.1f}), {fact.n} people"
    margin = spec.margin or 0.05
    at_target = bool(fact.details.get("at_target"))
    if worst > -margin and (value >= 0 or at_target):
        return Verdict.PASSED, text + ("" if value >= 0 else "; at target and holding")
    if best < 0 and not at_target:
        return Verdict.FAILED, f"{text}: getting worse"
    return Verdict.PENDING, f"{text}: not yet clear"


def people_are_satisfied(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes at the target share with enough answers of enough people asked; fails when it is out of reach."""
    asked = int(fact.details.get("asked", 0))
    if fact.value is None or fact.n is None or fact.low is None or fact.high is None:
        return Verdict.PENDING, fact.problem or "no answers"
    target = spec.at_least or 0.8
    text = f"{fact.details['satisfied']} of {fact.n} satisfied ({asked} asked)"
    if fact.n < (spec.min_n or 0):
        return Verdict.PENDING, f"{text}; needs {spec.min_n} answers"
    if fact.high < target:
        return Verdict.FAILED, f"{text}; {target:.0%} is out of reach"
    if fact.n < _ANSWER_SHARE * asked:
        return Verdict.PENDING, f"{text}; needs answers of 40 % of those asked"
    if fact.value >= target and fact.low >= target - _SURVEY_SLACK:
        return Verdict.PASSED, f"{text}; needs {target:.0%}"
    return Verdict.PENDING, f"{text}; too close to {target:.0%} to tell"


def severe_bugs_are_fixed_in_time(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """An open Sev1 fails at once; others wait for their fix until the clock has run out (R140)."""
    count, oldest = int(fact.value or 0), float(fact.details.get("oldest_hours", 0.0))
    if count <= (spec.at_most or 0):
        return Verdict.PASSED, "no open Sev1 or Sev2" if not count else f"{count} open, within budget"
    words = f"{count} open Sev1/Sev2 ({', '.join(fact.details['cases'])}), the oldest {oldest:.0f} h"
    if fact.details.get("sev1") or oldest > (spec.fix_hours or 24):
        return Verdict.FAILED, f"{words}; to be fixed within {spec.fix_hours or 24} h"
    return Verdict.PENDING, f"{words}; due within {spec.fix_hours or 24} h"


def teams_use_it(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Counts teams that use the feature actively; when the time is over, too few is a failure."""
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
    done, wanted = int(fact.value or 0), spec.times or 1
    latest = f", last by {fact.details['by_name']}" if fact.details.get("by_name") else ""
    words = f"{done} of {wanted} done{latest}"
    return (Verdict.PASSED if done >= wanted else Verdict.PENDING), words


def the_named_roles_approve(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes when each named role has approved this stage."""
    given = fact.details.get("by_role", {})
    missing = [role for role in spec.roles if role not in given]
    names = {role: told["by_name"] for role, told in given.items()}
    words = ", ".join(f"{role.replace('_', ' ')}: {names.get(role, 'not yet')}" for role in spec.roles)
    return (Verdict.PENDING if missing else Verdict.PASSED), words


_WHEN_MISSING = {Missing.HOLD: Verdict.INCONCLUSIVE, Missing.FAIL: Verdict.FAILED}
_JUDGES: dict[GateKind, Callable[[GateSpec, Fact, datetime, datetime], Judgement]] = {
    GateKind.DWELL: a_stage_settles,
    GateKind.GUARDRAIL: errors_are_no_more_than_expected,
    GateKind.METRIC: a_metric_meets_its_target,
    GateKind.SURVEY: people_are_satisfied,
    GateKind.OPEN_BUGS: severe_bugs_are_fixed_in_time,
    GateKind.ACTIVE_TEAMS: teams_use_it,
    GateKind.ATTESTED: somebody_vouches,
    GateKind.APPROVAL: the_named_roles_approve,
    GateKind.JUDGEMENT: a_named_person_judges,
    GateKind.RISK: a_row_of_the_matrix_is_hit,
}


def _shown(value: float, unit: str) -> str:
    return f"{value * 100:.2f} %" if unit == "share" else f"{value:.0f} {unit}"


def _interval(fact: Fact) -> str:
    ends = ["?" if end is None else _shown(end, fact.unit) for end in (fact.low, fact.high)]
    return " to ".join(ends)
