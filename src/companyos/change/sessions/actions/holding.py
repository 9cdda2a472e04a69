"""Coming to a session, and what became of it: held with an outcome, or waived by somebody who answers for that."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from companyos.change.sessions.actions.refusals import NotYours, Refused
from companyos.change.sessions.actions.rows import as_host, said, settle, the_session
from companyos.change.sessions.domain.types import Kind, SessionRow
from companyos.change.sessions.models import Attendance, Material
from companyos.change.sessions.queries.rights import may_waive
from companyos.people.identity import queries as identity
from companyos.platform import outbox

OPENS_BEFORE = timedelta(minutes=15)
_OUTCOME, _REASON, _TITLE, _LINK = 5_000, 1_000, 160, 400
_WEB = ("https://", "http://", "/")


def sign_in(*, actor: str, session: str, now: datetime) -> None:
    """Sign in to a session, from a quarter of an hour before until its end; whoever drops in is welcome."""
    row = the_session(session)
    if row.cancelled_at or row.waived_at:
        raise Refused("This session does not take place.")
    if now < row.begins_at - OPENS_BEFORE:
        raise Refused("It is too early: sign in from a quarter of an hour before it begins.")
    if now > row.ends_at:
        raise Refused("It is over. Its host can note that you were there.")
    _attends(row, actor, "", now)


def note_attendance(*, actor: str, session: str, person: str, now: datetime) -> None:
    """Note that somebody was there who did not sign in; its host does. Raises Refused."""
    row = as_host(session, actor)
    if now < row.begins_at:
        raise Refused("It has not begun: nobody was there yet.")
    if row.cancelled_at or row.waived_at:
        raise Refused("This session did not take place.")
    if not any(each.slug == person for each in identity.everybody()):
        raise Refused(f"There is nobody called {person!r} here.")
    _attends(row, person, actor, now)


def hold(*, actor: str, session: str, outcome: str, now: datetime) -> None:
    """Say that a session took place and what came of it; its host does, also after the day it was due."""
    row = as_host(session, actor)
    words = said(outcome, "Say what came of it: whoever was not there reads this.", _OUTCOME)
    if now < row.begins_at:
        raise Refused("It has not begun. Move it, and say why, if you meet sooner.")
    with transaction.atomic():
        settle(row, now=now, held_at=now, held_by=actor, outcome=words)
        outbox.publish("session.held", {"session": row.id, "kind": str(row.kind), "by": actor}, at=now)


def waive(*, actor: str, session: str, because: str, now: datetime) -> None:
    """Go on without a huddle. Somebody answers for it who leads a team, and not the squad whose feature it is."""
    row = the_session(session)
    if row.kind is not Kind.HUDDLE:
        raise Refused("Only a huddle is waived: nothing waits for this session. Its host may call it off.")
    if not may_waive(row, actor):
        raise NotYours(
            "Somebody waives it who leads a team, and not the squad that owns the feature: ask another lead."
        )
    reason = said(because, "Say why it can be done without: it is shown with the gate.", _REASON)
    with transaction.atomic():
        settle(row, now=now, waived_at=now, waived_by=actor, waived_because=reason)
        outbox.publish("session.waived", {"session": row.id, "kind": str(row.kind), "by": actor}, at=now)


def add_material(*, actor: str, session: str, title: str, link: str, now: datetime) -> None:
    """Add a link for whoever was not there. Raises Refused."""
    row = as_host(session, actor)
    name = said(title, "Say what the link leads to.", _TITLE)
    where = said(link, "Give the link itself.", _LINK)
    if not where.startswith(_WEB) or where.startswith("//"):
        raise Refused("A link begins with https:// or, for a page of ours, with /.")
    with transaction.atomic():
        Material.objects.create(session_id=UUID(row.id), title=name, link=where, by=actor, at=now)
        outbox.publish("session.material", {"session": row.id, "kind": str(row.kind), "by": actor}, at=now)


def _attends(row: SessionRow, person: str, noted_by: str, now: datetime) -> None:
    with transaction.atomic():
        _, is_new = Attendance.objects.get_or_create(
            session_id=UUID(row.id), person=person, defaults={"at": now, "noted_by": noted_by}
        )
        if is_new:
            outbox.publish("session.attended", {"session": row.id, "kind": str(row.kind)}, at=now)
