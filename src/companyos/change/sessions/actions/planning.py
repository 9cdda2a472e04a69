"""Planning sessions: each once, whoever plans it; what it will be about stays fresh until it begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime

from django.db import transaction
from django.db.models import F

from companyos.change.sessions.domain.types import MINUTES, AgendaItem, Wanted
from companyos.change.sessions.models import Invited, Session
from companyos.kernel.ids import id_of
from companyos.platform import outbox

PLANNER = "planner"
_TITLE = 160


def plan(*, wanted: Wanted, now: datetime, actor: str = PLANNER) -> str:
    """Plan a session and return its id. The same key is planned once: nobody's move of it is undone.

    Whoever should come and was not invited yet is invited until it begins.
    """
    with transaction.atomic():
        session, is_new = Session.objects.get_or_create(
            key=wanted.key,
            defaults={
                "id": id_of(now, "session", wanted.key),
                "kind": wanted.kind,
                "title": wanted.title[:_TITLE],
                "feature": wanted.feature,
                "rollout": wanted.rollout,
                "stage": wanted.stage,
                "attempt": wanted.attempt,
                "ahead": wanted.ahead,
                "begins_at": wanted.begins_at,
                "minutes": MINUTES[wanted.kind],
                "host": wanted.host,
                "teams": list(wanted.teams),
                "open_to_all": wanted.open_to_all,
                "agenda": [asdict(item) for item in wanted.agenda],
                "planned_at": now,
                "changed_at": now,
            },
        )
        fresh = _not_invited_yet(session, wanted) if is_new or _is_to_come(session, now) else []
        Invited.objects.bulk_create(
            [Invited(session=session, person=person) for person in fresh], ignore_conflicts=True
        )
        if is_new or fresh:
            _tell(session, "planned" if is_new else "invited", fresh, actor, now)
    if not is_new:
        _freshen(session, wanted.agenda, now)
    return str(session.pk)


def _not_invited_yet(session: Session, wanted: Wanted) -> list[str]:
    if session.open_to_all:
        return []
    known = set(Invited.objects.filter(session=session).values_list("person", flat=True))
    return sorted(wanted.people - known)


def _is_to_come(session: Session, now: datetime) -> bool:
    settled = session.held_at or session.waived_at or session.cancelled_at
    return not settled and session.begins_at > now


def _freshen(session: Session, agenda: Sequence[AgendaItem], now: datetime) -> None:
    """What is in rollout changes until the hour begins; then the agenda stays as people met it."""
    items = [asdict(item) for item in agenda]
    if items == session.agenda or not _is_to_come(session, now):
        return
    Session.objects.filter(pk=session.pk, begins_at__gt=now).update(
        agenda=items, changed_at=now, sequence=F("sequence") + 1
    )


def _tell(session: Session, what: str, people: list[str], actor: str, now: datetime) -> None:
    body = {"session": str(session.pk), "kind": str(session.kind), "by": actor, "people": people}
    outbox.publish(f"session.{what}", body, at=now)
