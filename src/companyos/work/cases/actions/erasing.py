"""Taking a person out of cases: their words and their name go, what happened stays."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from companyos.platform import attachments
from companyos.work.approvals import queries as approvals
from companyos.work.cases.actions.writing import locked, put
from companyos.work.cases.domain.erasing import ERASED, ERASED_TITLE, without
from companyos.work.cases.domain.state import state_of
from companyos.work.cases.domain.types import Event, EventKind
from companyos.work.cases.models import (
    ActionPlan,
    Case,
    CaseEvent,
    CaseFile,
    Link,
    Notice,
    SavedFilter,
    ShippedChange,
    SquadCalendar,
    Vote,
    Watcher,
)

_EVERYWHERE = "a person's erasure holds in every tenant"
_COLUMNS = ("owner", "resolution")  # what a case says of a person, as its events do
_OWN = {"title": ERASED_TITLE, "body": "", "fields": {}, "context": {}, "key": "", "reporter_id": ERASED}


def forget(names: Collection[str]) -> int:
    """Take a person out of every case under any of these names; says how many rows changed or went.

    One transaction a case: cut short, it goes on where it ended. The person's votes stay counted.
    """
    named = sorted(set(names))
    changed = sum(_out_of(case, named) for case in _cases_of(named))
    return changed + _out_of_the_rest(named) + _files_gone(named)


def _cases_of(names: Collection[str]) -> list[UUID]:
    knows = Q(by__in=names)
    for name in names:
        knows |= Q(body__icontains=name)
    events = CaseEvent.objects.across_tenants(because=_EVERYWHERE).filter(knows)
    cases = Case.objects.across_tenants(because=_EVERYWHERE).filter(reporter_id__in=names)
    return sorted({*events.values_list("case_id", flat=True), *cases.values_list("pk", flat=True)})


def _out_of(case: UUID, names: Collection[str]) -> int:
    with transaction.atomic():
        row = locked(str(case))
        history = list(CaseEvent.objects.of(row.tenant_id).filter(case=row).order_by("n"))
        left = [without(_event(each), names) for each in history]
        changed = [
            each.n
            for each, event in zip(history, left, strict=True)
            if (each.by, each.body) != (event.by, event.body)
        ]
        for each, event in zip(history, left, strict=True):
            if each.n in changed:
                CaseEvent.objects.of(row.tenant_id).filter(pk=each.pk).update(by=event.by, body=event.body)
        told = Notice.objects.across_tenants(because=_EVERYWHERE).filter(source=row.pk, n__in=changed)
        told.update(says=ERASED_TITLE)
        return len(changed) + _columns(row, left, names)


def _columns(row: Case, events: list[Event], names: Collection[str]) -> int:
    """Bring the case in step with what is left of its history; 1 when it was the person's own."""
    mine = row.reporter_id in names
    put(row, state_of(events))
    written = {name: getattr(row, name) for name in _COLUMNS} | (_OWN if mine else {})
    of = Case.objects.of(row.tenant_id).filter(pk=row.pk)
    of.update(**written, resolved_by_id=row.resolved_by_id)
    return int(mine)


def _event(row: CaseEvent) -> Event:
    return Event(EventKind(row.kind), row.by, row.at, row.body)


def _out_of_the_rest(names: Collection[str]) -> int:
    with transaction.atomic():
        own = [rows.objects.across_tenants(because=_EVERYWHERE) for rows in (Vote, Watcher, Notice)]
        gone: list[Any] = [rows.filter(person__in=names) for rows in own]
        gone.append(SavedFilter.objects.filter(person__in=names))
        return sum(int(rows.delete()[0]) for rows in gone) + sum(_signatures_gone(names))


def _signatures_gone(names: Collection[str]) -> Iterator[int]:
    plans = ActionPlan.objects.across_tenants(because=_EVERYWHERE)
    for column in ("owner", "proposed_by", "accepted_by"):
        yield plans.filter(**{f"{column}__in": names}).update(**{column: ERASED})
    yield Link.objects.across_tenants(because=_EVERYWHERE).filter(by__in=names).update(by=ERASED)
    yield SquadCalendar.objects.filter(by__in=names).update(by=ERASED)
    yield ShippedChange.objects.filter(by__in=names).update(by=ERASED)


def _files_gone(names: Collection[str]) -> int:
    """Delete the person's files; bytes that somebody else attached too are somebody else's."""
    files = CaseFile.objects.across_tenants(because=_EVERYWHERE)
    mine = list(files.filter(by__in=names).values_list("pk", "sha256"))
    files.filter(pk__in=[key for key, _ in mine]).delete()
    for sha256 in {sha256 for _, sha256 in mine}:
        if not files.filter(sha256=sha256).exists() and not approvals.holds_file(sha256):
            attachments.drop(sha256)
    return len(mine)
