"""Alerts, their history and silences: frozen rows out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.telemetry.domain.alerts import AlertMove, Entry, OpenAlert, Quiet, Route, state_of
from companyos.adoption.telemetry.models import Alert, Silence

TEST = "test"


@dataclass(frozen=True, slots=True)
class AlertRow:
    id: str
    slo: str
    condition: str
    feature: str
    severity: str
    route: str
    state: OpenAlert
    history: tuple[Entry, ...]

    @property
    def is_test(self) -> bool:
        return self.severity == TEST


def alerts(most: int = 100) -> tuple[AlertRow, ...]:
    """Return the newest alerts, test pages among them."""
    return tuple(_row(each) for each in Alert.objects.prefetch_related("entries")[:most])


def open_alerts() -> tuple[AlertRow, ...]:
    rows = Alert.objects.exclude(entries__move=AlertMove.RESOLVE).prefetch_related("entries")
    return tuple(_row(each) for each in rows)


def alert(alert_id: str) -> AlertRow | None:
    found = Alert.objects.filter(pk=alert_id).prefetch_related("entries").first()
    return _row(found) if found else None


def paged(person: str) -> tuple[AlertRow, ...]:
    """Return the alerts that wait for this person's answer."""
    return tuple(a for a in open_alerts() if a.state.waits_for_an_answer and person in a.state.paged)


def silence_of(slo: str, now: datetime) -> Quiet | None:
    """Return the silence that holds now: the newest one counts."""
    row = Silence.objects.filter(slo=slo).first()
    return Quiet(row.by, row.because, row.until) if row and row.until > now else None


def last_tested(route: Route, *, since: datetime) -> AlertRow | None:
    """Return the newest test page of a route that was acknowledged since a moment."""
    rows = Alert.objects.filter(route=route.slug, severity=TEST).prefetch_related("entries")
    answered = (_row(each) for each in rows)
    return next(
        (a for a in answered if a.state.acknowledged_at is not None and a.state.acknowledged_at >= since),
        None,
    )


def _row(each: Alert) -> AlertRow:
    history = tuple(
        Entry(e.at, e.by, AlertMove(e.move), e.because, e.rule, e.person, e.level) for e in each.entries.all()
    )
    return AlertRow(
        str(each.pk),
        each.slo,
        each.condition,
        each.feature,
        each.severity,
        each.route,
        state_of(history),
        history,
    )
