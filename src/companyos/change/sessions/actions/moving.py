"""Moving a session, giving it to another host, calling it off: never without saying why."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction

from companyos.change.sessions.actions.planning import PLANNER
from companyos.change.sessions.actions.refusals import Refused
from companyos.change.sessions.actions.rows import as_host, said, settle, the_session
from companyos.change.sessions.domain.types import SessionRow
from companyos.change.sessions.models import SessionChange
from companyos.people.identity import queries as identity
from companyos.platform import outbox

_REASON = 500
_SAY_WHY = "Say why: whoever is invited reads it."


def move(*, actor: str, session: str, begins_at: datetime, because: str, now: datetime) -> None:
    """Hold a session at another time; one that was missed may be moved too. Raises Refused."""
    row = as_host(session, actor)
    reason = said(because, _SAY_WHY, _REASON)
    if begins_at <= now:
        raise Refused("Move it to a moment that is still to come.")
    before = {"begins_at": row.begins_at.isoformat()}
    _change(row, "moved", actor, reason, before, now, begins_at=begins_at)


def hand_over(*, actor: str, session: str, to: str, because: str, now: datetime) -> None:
    """Give a session to another host. Raises Refused."""
    row = as_host(session, actor)
    reason = said(because, _SAY_WHY, _REASON)
    if not any(person.slug == to for person in identity.everybody()):
        raise Refused(f"There is nobody called {to!r} here.")
    _change(row, "handed_over", actor, reason, {"host": row.host}, now, host=to)


def call_off(*, actor: str, session: str, because: str, now: datetime) -> None:
    """Call a session off. The planner does so by itself when its stage is over. Raises Refused."""
    row = the_session(session) if actor == PLANNER else as_host(session, actor)
    reason = said(because, _SAY_WHY, _REASON)
    _change(
        row, "called_off", actor, reason, {}, now,
        cancelled_at=now, cancelled_by=actor, cancelled_because=reason,
    )  # fmt: skip


def _change(
    row: SessionRow, what: str, actor: str, because: str, before: dict[str, Any], now: datetime, **to: Any
) -> None:
    with transaction.atomic():
        settle(row, now=now, **to)
        made = SessionChange.objects.create(
            session_id=UUID(row.id), what=what, at=now, by=actor, because=because, before=before
        )
        body = {"session": row.id, "kind": str(row.kind), "by": actor, "change": made.pk}
        outbox.publish(f"session.{what}", body, at=now)
