"""What was told ahead, what waits to be told, and who knew of a change before it came."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet

from companyos.change.comms.domain.aftermath import Standing
from companyos.change.comms.domain.reach import who_knew
from companyos.change.comms.domain.telling import Telling
from companyos.change.comms.domain.types import Kind
from companyos.change.comms.models import ChangeMade, HeadsUp, Notice, Reader, TellingRule
from companyos.change.comms.queries.notices import receipts, row_of


@dataclass(frozen=True, slots=True)
class HeadsUpRow:
    """A change that people were told of, and what was said of it last. `shown` is the date on its notice."""

    key: str
    kind: Kind
    title: str
    told_for: datetime
    shown: datetime
    standing: Standing
    answers: int


@dataclass(frozen=True, slots=True)
class ChangeMadeRow:
    """A change that was made at once and is not told yet."""

    key: str
    about: str
    name: str
    version: int
    at: datetime
    by: str
    because: str
    what: str


def telling() -> Telling:
    row = TellingRule.objects.first()
    return Telling(row.channel, row.major_days, row.minor_days, row.daily_at) if row else Telling()


def heads_ups_open(kind: Kind) -> dict[str, HeadsUpRow]:
    """Return what was told of and is not over, by key."""
    rows = list(HeadsUp.objects.filter(kind=kind, ended_at=None).order_by("key"))
    shown = dict(Notice.objects.filter(key__in=[r.key for r in rows]).values_list("key", "changes_at"))
    return {row.key: _row(row, shown.get(row.key)) for row in rows}


def heads_up(key: str) -> HeadsUpRow | None:
    row = HeadsUp.objects.filter(pk=key).first()
    shown = Notice.objects.filter(key=key).values_list("changes_at", flat=True).first()
    return _row(row, shown) if row else None


def told_of(keys: Collection[str]) -> frozenset[str]:
    """Return which of these were told of, over or not."""
    return frozenset(HeadsUp.objects.filter(pk__in=list(keys)).values_list("key", flat=True))


def readers_of(keys: Collection[str]) -> dict[str, frozenset[str]]:
    """Return who was told, by the key of the notice."""
    found: dict[str, set[str]] = {key: set() for key in keys}
    rows = Reader.objects.filter(notice__key__in=list(keys)).values_list("notice__key", "person")
    for key, person in rows:
        found[key].add(person)
    return {key: frozenset(people) for key, people in found.items()}


def changes_made() -> tuple[ChangeMadeRow, ...]:
    """Return what was changed at once and is not told yet, or may alter what somebody sees."""
    return _made(ChangeMade.objects.filter(told_at=None).exclude(is_minor=True))


def minor_changes() -> tuple[ChangeMadeRow, ...]:
    """Return what waits for the daily post."""
    return _made(ChangeMade.objects.filter(told_at=None, is_minor=True))


def _made(rows: QuerySet[ChangeMade]) -> tuple[ChangeMadeRow, ...]:
    return tuple(
        ChangeMadeRow(r.key, r.about, r.name, r.version, r.at, r.by, r.because, r.what)
        for r in rows.order_by("at", "key")
    )


def knew(keys: Collection[str], until: datetime) -> tuple[frozenset[str], frozenset[str]]:
    """Return who was told by any of these notices until a moment, and who knew by then."""
    rows = [row_of(each) for each in Notice.objects.filter(key__in=list(keys))]
    told, known = set[str](), set[str]()
    for row, readers in ((row, receipts([row]).get(row.id, ())) for row in rows):
        told |= {each.person for each in readers if each.told_at <= until}
        known |= who_knew(readers, needs_ack=row.needs_ack, until=until)
    return frozenset(told), frozenset(known)


def _row(row: HeadsUp, shown: datetime | None) -> HeadsUpRow:
    return HeadsUpRow(
        row.key, Kind(row.kind), row.title, row.told_for, shown or row.told_for, Standing(row.standing), row.answers
    )  # fmt: skip
