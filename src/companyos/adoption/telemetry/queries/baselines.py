"""How the old path does, measured now or read as it was stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.telemetry.domain.baseline import Baseline, Part
from companyos.adoption.telemetry.models import StoredBaseline
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
