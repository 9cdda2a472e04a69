"""Notices, a person's news, and how far a notice has reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from companyos.change.comms.domain.reach import Reach, reach_of
from companyos.change.comms.domain.types import Kind, NewsRow, NoticeRow, Receipt, Size
from companyos.change.comms.models import Notice, Reader
from companyos.kernel.ids import is_id


def news_of(person: str, *, limit: int = 100) -> tuple[NewsRow, ...]:
    """Return what a person was told, the newest first."""
    rows = Reader.objects.filter(person=person).select_related("notice").order_by("-told_at", "-id")
    return tuple(NewsRow(row_of(each.notice), each.opened_at, each.acknowledged_at) for each in rows[:limit])


def unread(person: str) -> int:
    """Return how much of a person's news waits for them: not opened, or not acknowledged where that is asked."""
    waits = Q(opened_at=None) | Q(notice__needs_ack=True, acknowledged_at=None)
    return Reader.objects.filter(waits, person=person).count()


def as_told_to(person: str, notice: str) -> NewsRow | None:
    """Return a notice as one of its readers has it; None for anybody else."""
    if not is_id(notice):
        return None
    mine = Reader.objects.filter(person=person, notice__pk=notice).select_related("notice").first()
    return NewsRow(row_of(mine.notice), mine.opened_at, mine.acknowledged_at) if mine else None


def notices(*, limit: int = 200) -> tuple[NoticeRow, ...]:
    """Return what was told to anybody, the newest first."""
    return tuple(row_of(each) for each in Notice.objects.order_by("-at", "-id")[:limit])


def find(notice: str) -> NoticeRow | None:
    found = Notice.objects.filter(pk=notice).first() if is_id(notice) else None
    return row_of(found) if found else None


def find_by_key(key: str) -> NoticeRow | None:
    found = Notice.objects.filter(key=key).first()
    return row_of(found) if found else None


def receipts(rows: Iterable[NoticeRow]) -> dict[str, tuple[Receipt, ...]]:
    """Return what is known of the readers of several notices, by notice."""
    found: dict[str, list[Receipt]] = defaultdict(list)
    wanted = Reader.objects.filter(notice__in=[row.id for row in rows]).order_by("person")
    for each in wanted:
        found[str(each.notice_id)].append(
            Receipt(each.person, each.told_at, each.opened_at, each.acknowledged_at)
        )
    return {notice: tuple(each) for notice, each in found.items()}


def reach(row: NoticeRow, now: datetime, affected: Iterable[str] | None = None) -> Reach:
    """Return how many knew before the change: of those affected, or else of everybody who was told."""
    told = receipts([row]).get(row.id, ())
    people = affected if affected is not None else [each.person for each in told]
    return reach_of(people, told, changes_at=row.changes_at, now=now)


def row_of(each: Notice) -> NoticeRow:
    return NoticeRow(
        str(each.pk),
        each.key,
        Kind(each.kind),
        Size(each.size),
        each.feature,
        each.title,
        each.words,
        each.link,
        each.at,
        each.by,
        each.changes_at,
        each.needs_ack,
        each.outcome,
    )
