"""Gates over measured figures: shares, times, budgets, trends, opinions, bugs, teams."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.rollouts.domain.gate_specs import GateSpec
from companyos.adoption.rollouts.domain.types import Verdict
from companyos.kernel.evidence import Fact
from companyos.kernel.stats.finding import Answer, Finding
from companyos.kernel.stats.improvement import COMPLETION_MARGIN, TIME_MARGIN, judge_change
from companyos.kernel.stats.incident_trend import Week, judge_incidents
from companyos.kernel.stats.interval import Interval
from companyos.kernel.stats.opinions import Promoters, judge_promoters, judge_satisfaction
from companyos.kernel.stats.stability import judge_stability

Judgement = tuple[Verdict, str]
_TREND_UNITS = {"points", "log"}
_VERDICT_OF = {
    Answer.PASSED: Verdict.PASSED,
    Answer.FAILED: Verdict.FAILED,
    Answer.NOT_ENOUGH: Verdict.PENDING,
}


def a_metric_meets_its_target(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> Judgement:
    """Passes when even the pessimistic bound meets the target; fails when even the optimistic one does not."""
    if fact.unit in _TREND_UNITS:
        return a_trend_holds(spec, fact, now, due_at)
    if fact.value is None or fact.n is None:
        return Verdict.PENDING, fact.problem or "no data"
    if fact.unit == "days":
        return _enough_days(spec, fact)
    text = f"{_shown(fact.value, fact.unit)}{_interval(fact)}, n = {fact.n}"
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
    """Passes at the target share, from 10 answers of 40 % of those asked, with Wilson's 90 % bound near; with evidence
    `surveys.nps` when the net promoter score's whole 95 % interval reaches the target (0.3 is +30)."""
    if fact.value is None or fact.n is None:
        return Verdict.PENDING, fact.problem or "no answers"
    found = _opinion(spec, fact, fact.n)
    if fact.n < (spec.min_n or 0) and found.answer is Answer.PASSED:
        return Verdict.PENDING, f"{found.because}; this gate needs {spec.min_n} answers"
    return _of(found)


def _opinion(spec: GateSpec, fact: Fact, answers: int) -> Finding:
    told, asked = fact.details, max(answers, int(fact.details.get("asked", 0)))
    if "promoters" not in told:
        target = spec.at_least if spec.at_least is not None else 0.8
        return judge_satisfaction(int(told["satisfied"]), answers, asked, target=target)
    up, down = int(told["promoters"]), int(told["detractors"])
    counts = Promoters(up, answers - up - down, down)
    return judge_promoters(counts, asked, target=100 * (spec.at_least or 0.0))


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


def _of(found: Finding, before: str = "") -> Judgement:
    return _VERDICT_OF[found.answer], before + found.because


def _shown(value: float, unit: str) -> str:
    return f"{value * 100:.2f} %" if unit == "share" else f"{value:.0f} {unit}"


def _interval(fact: Fact) -> str:
    """Where everybody was counted there is none to show."""
    if fact.low is None and fact.high is None:
        return ""
    ends = ["?" if end is None else _shown(end, fact.unit) for end in (fact.low, fact.high)]
    return f" ({' to '.join(ends)})"
