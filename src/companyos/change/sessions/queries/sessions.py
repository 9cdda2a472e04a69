"""Sessions, who is invited and came, what was asked, and how it was changed."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from companyos.change.sessions.domain.types import (
    AgendaItem,
    Asked,
    Attended,
    Change,
    FollowUp,
    Kind,
    SessionRow,
)
from companyos.change.sessions.models import (
    Attendance,
    Invited,
    Material,
    Session,
    SessionChange,
    SessionQuestion,
)

_MANY = 200


def sessions(*, since: datetime | None = None, until: datetime | None = None) -> tuple[SessionRow, ...]:
    """Return the sessions that begin between two moments, in order."""
    return _rows(_between(since, until).order_by("begins_at", "key")[:_MANY])


def past(before: datetime) -> tuple[SessionRow, ...]:
    """Return the sessions that began before a moment, the latest first."""
    return _rows(Session.objects.filter(begins_at__lt=before).order_by("-begins_at", "key")[:_MANY])


def sessions_of(person: str, *, since: datetime) -> tuple[SessionRow, ...]:
    """Return the sessions of one person from a moment on: hosted, invited to or open to everybody."""
    invited = Invited.objects.filter(person=person).values("session_id")
    theirs = Q(host=person) | Q(open_to_all=True) | Q(pk__in=invited)
    return _rows(_between(since, None).filter(theirs).order_by("begins_at", "key")[:_MANY])


def of_stage(rollout: str, stage: str, attempt: int) -> tuple[SessionRow, ...]:
    """Return the sessions about one attempt at a stage, in order."""
    found = Session.objects.filter(rollout=rollout, stage=stage, attempt=attempt)
    return _rows(found.order_by("begins_at", "key"))


def open_of_rollouts() -> tuple[SessionRow, ...]:
    """Return the sessions about stages of which nobody has said what became of them."""
    found = Session.objects.filter(held_at=None, waived_at=None, cancelled_at=None)
    return _rows(found.exclude(rollout="").order_by("begins_at", "key"))


def latest_begun(kind: Kind, before: datetime) -> SessionRow | None:
    """Return the last session of a kind that began before a moment and was not called off."""
    found = Session.objects.filter(kind=kind, begins_at__lt=before, cancelled_at=None)
    row = found.order_by("-begins_at").first()
    return _row(row) if row else None


def find(session: str) -> SessionRow | None:
    try:
        found = Session.objects.filter(pk=UUID(session)).first()
    except ValueError:
        return None
    return _row(found) if found else None


def invited(session: str) -> tuple[str, ...]:
    """Return who is on the list of a session; nobody for one that is open to everybody."""
    return tuple(_of(Invited, session).order_by("person").values_list("person", flat=True))


def attended(session: str) -> tuple[Attended, ...]:
    rows = _of(Attendance, session).order_by("at", "person")
    return tuple(Attended(each.person, each.at, each.noted_by) for each in rows)


def how_many_attended(sessions: Iterable[str]) -> dict[str, int]:
    """Count who was there, by session."""
    found: dict[str, int] = {}
    ids = [UUID(each) for each in sessions]
    for each in Attendance.objects.filter(session_id__in=ids).values_list("session_id", flat=True):
        found[str(each)] = found.get(str(each), 0) + 1
    return found


def asked(session: str) -> tuple[Asked, ...]:
    return tuple(
        Asked(int(q.pk), q.by, q.text, q.at, q.answer, q.answered_by, q.answered_at)
        for q in _of(SessionQuestion, session).order_by("id")
    )


def material(session: str) -> tuple[FollowUp, ...]:
    rows = _of(Material, session).order_by("id")
    return tuple(FollowUp(each.title, each.link, each.by, each.at) for each in rows)


def changes(session: str) -> tuple[Change, ...]:
    rows = _of(SessionChange, session).order_by("id")
    return tuple(
        Change(int(each.pk), each.what, each.at, each.by, each.because, each.before) for each in rows
    )


def _of(table: type, session: str) -> QuerySet:  # type: ignore[type-arg]
    return table.objects.filter(session_id=UUID(session))  # type: ignore[attr-defined,no-any-return]


def _between(since: datetime | None, until: datetime | None) -> QuerySet[Session]:
    found = Session.objects.all()
    found = found.filter(begins_at__gte=since) if since else found
    return found.filter(begins_at__lt=until) if until else found


def _rows(found: Iterable[Session]) -> tuple[SessionRow, ...]:
    return tuple(_row(each) for each in found)


def _row(s: Session) -> SessionRow:
    return SessionRow(
        str(s.pk), s.key, Kind(s.kind), s.title, s.feature, s.rollout, s.stage, s.attempt, s.ahead, s.begins_at,
        s.minutes, s.host, tuple(s.teams), s.open_to_all, tuple(AgendaItem(**item) for item in s.agenda),
        s.sequence, s.changed_at, s.outcome, s.held_at, s.held_by, s.waived_at, s.waived_by, s.waived_because,
        s.cancelled_at, s.cancelled_by, s.cancelled_because,
    )  # fmt: skip
