"""Links between cases, changes and releases."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlsplit

from companyos.work.cases.actions.refusals import Refused, Unclear
from companyos.work.cases.actions.triaging import check_worker
from companyos.work.cases.actions.writing import change
from companyos.work.cases.domain.types import Event, EventKind, LinkKind
from companyos.work.cases.models import Case, Link

MOST_LINKS = 50


def link(*, actor: str, case: str, kind: LinkKind, target: str, now: datetime) -> None:
    """Say what a case has to do with something: a case by id or label, a change or release by name or address."""
    wanted = target.strip()[:300]

    def decide(row: Case) -> Sequence[Event]:
        check_worker(row, actor)
        if not wanted or any(ord(letter) < 32 for letter in wanted):
            raise Unclear("Say what it is linked with.", "target")
        if ":" in wanted and urlsplit(wanted).scheme.lower() not in {"", "http", "https"}:
            raise Unclear("A link is a case, a name, or an http address.", "target")
        mine = Link.objects.of(row.tenant_id).filter(case=row, ended_at=None)
        if mine.filter(kind=kind, target=wanted).exists():
            return ()
        if mine.count() >= MOST_LINKS:
            raise Refused(f"A case takes {MOST_LINKS} links. Nothing was linked.")
        Link(tenant_id=row.tenant_id, case=row, kind=kind, target=wanted, by=actor, at=now).save(
            force_insert=True
        )
        return (Event(EventKind.LINKED, actor, now, {"kind": str(kind), "target": wanted}),)

    change(case, decide, now=now)


def unlink(*, actor: str, case: str, number: int, now: datetime) -> None:
    """Take a link away; that it was there stays in the history."""

    def decide(row: Case) -> Sequence[Event]:
        check_worker(row, actor)
        found = Link.objects.of(row.tenant_id).filter(case=row, pk=number, ended_at=None).first()
        if found is None:
            return ()
        Link.objects.of(row.tenant_id).filter(pk=found.pk).update(ended_at=now)
        return (Event(EventKind.UNLINKED, actor, now, {"kind": found.kind, "target": found.target}),)

    change(case, decide, now=now)
