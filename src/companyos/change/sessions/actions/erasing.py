"""Taking a person out of sessions: where they were and what they asked go, their name too; what came of it stays."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from companyos.change.sessions.models import (
    Attendance,
    FeedKey,
    Invited,
    Material,
    Session,
    SessionChange,
    SessionQuestion,
)

NOBODY = "somebody"
ERASED = "Erased"


def forget(names: Collection[str]) -> int:
    """Delete where a person was and what they asked, and put `somebody` for their name; says how many rows."""
    named = list(names)
    with transaction.atomic():
        gone = (
            Invited.objects.filter(person__in=named),
            Attendance.objects.filter(person__in=named),
            FeedKey.objects.filter(pk__in=named),
        )
        rows = sum(int(each.delete()[0]) for each in gone)
        rows += SessionQuestion.objects.filter(by__in=named).update(by=NOBODY, text=ERASED)
        rows += SessionQuestion.objects.filter(answered_by__in=named).update(answered_by=NOBODY)
        rows += Attendance.objects.filter(noted_by__in=named).update(noted_by=NOBODY)
        rows += Material.objects.filter(by__in=named).update(by=NOBODY)
        return rows + _changes(named) + _sessions(named)


def _changes(named: list[str]) -> int:
    rows = SessionChange.objects.filter(by__in=named).update(by=NOBODY)
    for each in SessionChange.objects.filter(before__host__in=named):
        rows += SessionChange.objects.filter(pk=each.pk).update(before={**each.before, "host": NOBODY})
    return int(rows)


def _sessions(named: list[str]) -> int:
    columns = ("host", "held_by", "waived_by", "cancelled_by")
    return sum(Session.objects.filter(**{f"{name}__in": named}).update(**{name: NOBODY}) for name in columns)
