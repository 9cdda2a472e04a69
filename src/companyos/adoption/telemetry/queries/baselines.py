"""How the old path does, measured now or read as it was stored."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.telemetry.domain.baseline import Baseline, Part
from companyos.adoption.telemetry.models import FirstExposure, StoredBaseline
from companyos.adoption.telemetry.queries.connection import engine
from companyos.adoption.telemetry.queries.tasks import Span, days_with_tasks


@dataclass(frozen=True, slots=True)
class BaselineRow:
    """A stored baseline with its author and time."""

    at: datetime
    by: str
    baseline: Baseline


def whole(span: Span) -> Part:
    """Measure a path over a span, all tasks in one."""
    return next(iter(_parts(span, "", {})), Part("", 0, 0, 0))


def measure(span: Span, *, stage: str, team_of: Mapping[str, str], zone: str) -> Baseline:
    """Measure the old path over a span, whole, by team and by kind of task."""
    return Baseline(
        span.feature,
        stage,
        span.since,
        span.until,
        days_with_tasks(span, zone),
        whole(span),
        _parts(span, "team", team_of),
        _parts(span, "kind", team_of),
    )


def stored(feature: str) -> tuple[BaselineRow, ...]:
    """Return a feature's baselines, the newest first."""
    rows = StoredBaseline.objects.filter(feature=feature)
    return tuple(BaselineRow(r.at, r.by, Baseline.from_document(r.document)) for r in rows)


def that_counts(feature: str, first_human: datetime | None) -> BaselineRow | None:
    """Return the newest baseline from before anybody in a production tenant had the feature; else the newest."""
    rows = stored(feature)
    before = (row for row in rows if first_human is None or row.baseline.until <= first_human)
    return next(before, rows[0] if rows else None)


def first_human(feature: str, production: Iterable[str]) -> datetime | None:
    """Return when somebody in a production tenant first met the feature switched on."""
    met = FirstExposure.objects.across_tenants(because="only the first moment is told")
    return (
        met.filter(feature=feature, tenant_id__in=list(production))
        .order_by("at")
        .values_list("at", flat=True)
        .first()
    )


def _parts(span: Span, by: str, team_of: Mapping[str, str]) -> tuple[Part, ...]:
    people = sorted(team_of)
    rows = engine().rows(
        "baseline_parts",
        **span.parameters(),
        by=by,
        people=people,
        teams=[team_of[person] for person in people],
    )
    return tuple(
        Part(name, int(n), int(done), int(failed), _known(latency), _known(seconds))
        for name, n, done, failed, latency, seconds in rows
    )


def _known(value: float) -> float | None:
    return None if value != value or value == 0 else float(value)
