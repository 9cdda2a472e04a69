"""How a figure becomes a verdict. The statistics are those of `kernel.stats` (docs/statistics.md)."""

from __future__ import annotations

from collections.abc import Callable

from companyos.adoption.features.domain.template import Row, Rule
from companyos.adoption.features.domain.types import Verdict
from companyos.kernel.evidence import Fact
from companyos.kernel.stats.finding import Answer, Finding
from companyos.kernel.stats.improvement import judge_change
from companyos.kernel.stats.incident_trend import Week, judge_incidents
from companyos.kernel.stats.interval import Interval
from companyos.kernel.stats.opinions import judge_satisfaction
from companyos.kernel.stats.stability import judge_stability

Judgement = tuple[Verdict, str]
_OF = {
    Answer.PASSED: Verdict.PASSED,
    Answer.FAILED: Verdict.FAILED,
    Answer.NOT_ENOUGH: Verdict.PENDING,
}


def judge_figure(row: Row, fact: Fact) -> Judgement:
    """Judge a fact that has a value. A figure of another unit than the row's says nothing: inconclusive."""
    if fact.unit != row.unit:
        return Verdict.INCONCLUSIVE, f"measured in {fact.unit or 'no unit'}, the row is about {row.unit}"
    if row.rule is None:
        return Verdict.INCONCLUSIVE, "the row does not say how its figure is judged"
    try:
        return _RULES[row.rule](row, fact)
    except (KeyError, TypeError, ValueError) as odd:
        return Verdict.INCONCLUSIVE, f"the figure cannot be judged: {type(odd).__name__} {odd}"


def at_least(row: Row, fact: Fact) -> Judgement:
    """Passes when even the pessimistic bound reaches the limit; fails when even the optimistic one does not."""
    low = fact.low if fact.low is not None else _value(fact)
    high = fact.high if fact.high is not None else _value(fact)
    words = f"{_said(row, fact)}; needs at least {shown(row.limit, row.unit)}"
    if (fact.n or 0) < row.min_n:
        return Verdict.PENDING, f"{words}, from {row.min_n} on"
    if low >= row.limit:
        return Verdict.PASSED, words
    return (Verdict.FAILED if high < row.limit else Verdict.PENDING), words


def at_most(row: Row, fact: Fact) -> Judgement:
    """Passes when even the pessimistic bound stays within the limit; fails when even the optimistic one does not."""
    low = fact.low if fact.low is not None else _value(fact)
    high = fact.high if fact.high is not None else _value(fact)
    words = f"{_said(row, fact)}; may be at most {shown(row.limit, row.unit)}"
    if (fact.n or 0) < row.min_n:
        return Verdict.PENDING, f"{words}, from {row.min_n} on"
    if high <= row.limit:
        return Verdict.PASSED, words
    return (Verdict.FAILED if low > row.limit else Verdict.PENDING), words


def stability(row: Row, fact: Fact) -> Judgement:
    """Exact binomial bounds at 95 %; over sprints the weaker one must pass, and a failure is the newest one's."""
    n = fact.n or 0
    if "sprints" in fact.details:
        worst = fact.low if fact.low is not None else 0.0
        words = f"{_said(row, fact)}; each needs {row.limit:.1%} at 95 %"
        if n >= row.min_n and worst >= row.limit:
            return Verdict.PASSED, words
        return (
            Verdict.FAILED if fact.details.get("latest_high", 1.0) < row.limit else Verdict.PENDING
        ), words
    failed = n - round(_value(fact) * n)
    found = judge_stability(
        failed, n, target=row.limit, tasks_a_day=float(fact.details.get("tasks_a_day", 0.0))
    )
    if found.answer is Answer.PASSED and n < row.min_n:
        return Verdict.PENDING, f"{found.because}; needs {row.min_n:,}"
    return _of(found)


def satisfaction(row: Row, fact: Fact) -> Judgement:
    """The share reaches the target and Wilson's lower 90 % bound lies at most ten points below it."""
    n = fact.n or 0
    asked = max(n, int(fact.details.get("asked", 0)))
    found = judge_satisfaction(int(fact.details["satisfied"]), n, asked, target=row.limit)
    if found.answer is Answer.PASSED and n < row.min_n:
        return Verdict.PENDING, f"{found.because}; this row needs {row.min_n} answers"
    return _of(found)


def incidents(row: Row, fact: Fact) -> Judgement:
    """No open Sev1, open Sev2 within the budget, and a rate per active person-week that does not rise (P4)."""
    first, last = (
        [Week(int(bugs), float(use)) for bugs, use in fact.details[half]] for half in ("first", "last")
    )
    found = judge_incidents(
        first, last,
        open_sev1=int(fact.details["open_sev1"]), open_sev2=int(fact.details["open_sev2"]),
        budget=int(row.limit), least_person_weeks=float(row.min_n),
    )  # fmt: skip
    return _of(found)


def trend(row: Row, fact: Fact) -> Judgement:
    """The same people lose no more than the margin at 90 % (P5)."""
    return _change(row, fact, sign=1.0, unit="points")


def time_trend(row: Row, fact: Fact) -> Judgement:
    """The same people are no slower than the margin at 90 % (P5); less time is better."""
    return _change(row, fact, sign=-1.0, unit="% time saved")


def shown(value: float, unit: str) -> str:
    """Say a figure with its unit, one of a thing without its plural."""
    if unit == "share":
        return f"{value:.1%}"
    return f"{value:,.0f} {_one_of(unit) if value == 1 else unit}"


def _one_of(unit: str) -> str:
    return "person" if unit == "people" else unit.removesuffix("s")


def _change(row: Row, fact: Fact, *, sign: float, unit: str) -> Judgement:
    if fact.low is None or fact.high is None:
        return Verdict.PENDING, "the change has no interval yet"
    ends = sorted((sign * fact.low, sign * fact.high))
    interval = Interval(sign * _value(fact), ends[0], ends[1])
    at_target = bool(fact.details.get("at_target"))
    return _of(judge_change(interval, people=fact.n or 0, margin=row.limit, at_target=at_target, unit=unit))


def _said(row: Row, fact: Fact) -> str:
    interval = ""
    if fact.low is not None and fact.high is not None and fact.low != fact.high:
        interval = f" ({shown(fact.low, row.unit)} to {shown(fact.high, row.unit)})"
    of = f", n = {fact.n:,}" if fact.n is not None else ""
    window = f", {fact.window}" if fact.window else ""
    return f"{shown(_value(fact), row.unit)}{interval}{of}{window}"


def _value(fact: Fact) -> float:
    return fact.value if fact.value is not None else 0.0


def _of(found: Finding) -> Judgement:
    return _OF[found.answer], found.because


_RULES: dict[Rule, Callable[[Row, Fact], Judgement]] = {
    Rule.AT_LEAST: at_least,
    Rule.AT_MOST: at_most,
    Rule.STABILITY: stability,
    Rule.SATISFACTION: satisfaction,
    Rule.INCIDENTS: incidents,
    Rule.TREND: trend,
    Rule.TIME_TREND: time_trend,
}
