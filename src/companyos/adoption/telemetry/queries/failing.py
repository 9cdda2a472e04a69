"""The cases that failed, and what each of them saw: what a fix-it list is made of (R190)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from companyos.adoption.telemetry.queries.connection import engine, milliseconds
from companyos.adoption.telemetry.queries.tasks import Span

MOST_CASES = 200
_A_CASE_BEGAN_BEFORE = timedelta(days=28)


@dataclass(frozen=True, slots=True)
class FailingCase:
    """One case with failures. `variant` is what its flag answered last; empty when no program reported it."""

    tenant: str
    case: str
    failures: int
    first: datetime
    last: datetime
    kinds: tuple[str, ...]
    errors: tuple[str, ...]
    traces: tuple[str, ...]
    variant: str


def failing_cases(
    span: Span, *, flag: str, people: Iterable[str], most: int = MOST_CASES
) -> tuple[FailingCase, ...]:
    """Return the cases of `people` that failed in the span, those with the most failures first."""
    rows = engine().rows("failing_cases", **span.parameters(), people=sorted(people), most=most)
    met = _variants(span, flag, [str(row[1]) for row in rows])
    return tuple(
        FailingCase(
            tenant,
            case,
            int(failures),
            first,
            last,
            _words(kinds),
            _words(errors),
            _words(traces),
            met.get(case, ""),
        )
        for tenant, case, failures, first, last, kinds, errors, traces, _ in rows
    )


def _variants(span: Span, flag: str, cases: list[str]) -> dict[str, str]:
    if not cases:
        return {}
    rows = engine().rows(
        "case_variants",
        flag=flag,
        tenants=list(span.tenants),
        cases=cases,
        since=milliseconds(span.since - _A_CASE_BEGAN_BEFORE),
        until=milliseconds(span.until),
    )
    return {str(case): str(variant) for case, variant in rows}


def _words(found: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(each for each in found if each))
