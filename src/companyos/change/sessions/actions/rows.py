"""What every action on a session begins with: its row, who acts, and a text that must be said."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F

from companyos.change.sessions.actions.refusals import NoSuch, NotYours, Refused, Unsaid
from companyos.change.sessions.domain.types import SessionRow
from companyos.change.sessions.models import Session
from companyos.change.sessions.queries.rights import may_host
from companyos.change.sessions.queries.sessions import find

_UNSETTLED = {"held_at": None, "waived_at": None, "cancelled_at": None}
_WAIVABLE = {"held_at": None, "waived_at": None}


def the_session(session: str) -> SessionRow:
    """Return a session. Raises NoSuch."""
    row = find(session)
    if row is None:
        raise NoSuch("There is no such session.")
    return row


def as_host(session: str, actor: str) -> SessionRow:
    """Return a session that this person leads, or may step in for. Raises Refused."""
    row = the_session(session)
    if not may_host(row, actor):
        raise NotYours("Its host does this, or whoever leads a team when the host is away.")
    return row


def said(text: str, what: str, longest: int) -> str:
    """Return what was said, within bounds. Raises Unsaid."""
    found = text.strip()[:longest]
    if not found:
        raise Unsaid(what)
    return found


def settle(row: SessionRow, *, now: datetime, **columns: Any) -> None:
    """Change a session that is not settled yet; its calendar entry rises. Raises Refused: two people, one outcome.

    What was called off may still be waived: a gate that waits for it would wait for ever.
    """
    open_still = _WAIVABLE if "waived_at" in columns else _UNSETTLED
    unsettled = Session.objects.filter(pk=UUID(row.id), **open_still)
    if not unsettled.update(**columns, changed_at=now, sequence=F("sequence") + 1):
        raise Refused("This session was held, waived or called off already; what was said then stays.")
