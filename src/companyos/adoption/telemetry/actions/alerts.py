"""Pages, answers, silences: each one a line of history with its author, and a message in the outbox."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from companyos.adoption.telemetry.domain.alerts import AlertMove, Decision, Entry, Route, state_of
from companyos.adoption.telemetry.models import Alert, AlertEntry, Definition, Silence
from companyos.kernel.ids import id_of
from companyos.platform import outbox

WATCH = "alerting"
TEST = "test"
LONGEST_SILENCE = timedelta(days=7)


class Refused(Exception):
    """Nothing was changed; says why and what to do."""


class NotYours(Refused):
    """Somebody else answers for this."""


def carry_out(
    *,
    actor: str,
    decision: Decision,
    slo: str,
    condition: str,
    feature: str,
    severity: str,
    route: Route,
    alert: str | None,
    level: int,
    now: datetime,
) -> str | None:
    """Act out a decision of the watch; says which alert it is about. An alert that changed meanwhile is left alone."""
    with transaction.atomic():
        _hold(slo)
        if decision.move is AlertMove.PAGE:
            if _open_alert(slo, condition):
                return None
            row = Alert.objects.create(
                id=id_of(now, slo, condition),
                slo=slo,
                condition=condition,
                feature=feature,
                severity=severity,
                route=route.slug,
                opened_at=now,
            )
        else:
            row = Alert.objects.get(pk=alert or "")
            state = state_of(entries_of(row))
            if not state.is_open or (
                decision.move is AlertMove.ESCALATE
                and (state.level >= level or not state.waits_for_an_answer)
            ):
                return None
        _write(row, actor, decision.move, decision.because, decision.rule, route, level, now)
    return str(row.pk)


def send_test_page(*, actor: str, route: Route, now: datetime) -> str:
    """Page whoever is on call, to see that pages arrive (R158)."""
    if actor not in route.people:
        raise NotYours(
            f"Only those whom the route {route.title} can page may send its test page. Ask one of them."
        )
    with transaction.atomic():
        row = Alert.objects.create(
            id=id_of(now, route.slug, TEST), severity=TEST, route=route.slug, opened_at=now
        )
        _write(row, actor, AlertMove.PAGE, "a test page: acknowledge it", "", route, 0, now)
    return str(row.pk)


def acknowledge(*, actor: str, alert: str, route: Route, note: str, now: datetime) -> None:
    """Say that somebody has it. A test page ends with its acknowledgement."""
    with transaction.atomic():
        row = Alert.objects.select_for_update().filter(pk=alert).first()
        if row is None:
            raise Refused("There is no such alert.")
        state = state_of(entries_of(row))
        if actor not in route.people:
            raise NotYours(f"{route.title} answers for this alert. Tell {', '.join(state.paged)}.")
        if not state.waits_for_an_answer:
            raise Refused(
                f"It was acknowledged already, by {state.acknowledged_by}."
                if state.acknowledged_by
                else "It is over."
            )
        _write(row, actor, AlertMove.ACKNOWLEDGE, note or "has it", "", route, state.level, now)
        if row.severity == TEST:
            _write(row, actor, AlertMove.RESOLVE, "the page arrived", "", route, state.level, now)


def silence(*, actor: str, slo: str, route: Route, because: str, until: datetime, now: datetime) -> None:
    """Hold an objective's pages back until a moment; one in the past lifts the silence."""
    if actor not in route.people:
        raise NotYours(f"Only those whom {route.title} can page may silence it.")
    if len(because.strip()) < 3:
        raise Refused("Say why: a reason is kept with every silence.")
    if until > now + LONGEST_SILENCE:
        raise Refused("A silence lasts 7 days at most. Choose an earlier end; it can be renewed.")
    Silence.objects.create(slo=slo, by=actor, at=now, because=because.strip(), until=until)
    outbox.publish("alerts.silenced", {"slo": slo}, at=now)


def entries_of(row: Alert) -> tuple[Entry, ...]:
    return tuple(
        Entry(e.at, e.by, AlertMove(e.move), e.because, e.rule, e.person, e.level) for e in row.entries.all()
    )


def _hold(slo: str) -> None:
    """Let one writer at a time decide about an objective."""
    list(Definition.objects.select_for_update().filter(name=slo))


def _open_alert(slo: str, condition: str) -> bool:
    rows = Alert.objects.filter(slo=slo, condition=condition).exclude(entries__move=AlertMove.RESOLVE)
    return rows.exists()


def _write(
    row: Alert,
    actor: str,
    move: AlertMove,
    because: str,
    rule: str,
    route: Route,
    level: int,
    now: datetime,
) -> None:
    pages = move in {AlertMove.PAGE, AlertMove.ESCALATE}
    person = route.person_at(level, now.date()) if pages else ""
    AlertEntry.objects.create(
        alert=row, at=now, by=actor, move=move, because=because, rule=rule, person=person, level=level
    )
    word = {"page": "paged", "escalate": "paged", "acknowledge": "acknowledged", "resolve": "resolved"}[move]
    outbox.publish(f"alerts.{word}", {"alert": str(row.pk), "person": person, "slo": row.slo}, at=now)
