"""What falls due in the next weeks: playbooks to look through, drills to hold again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from companyos.change.playbooks.domain.counting import HOLDS_FOR_DAYS, latest_of
from companyos.change.playbooks.domain.types import DrillRow, Kind, PlaybookRow, Result

LOOKS_AHEAD_DAYS = 30
PRACTISED = frozenset({Kind.ROLLBACK, Kind.RECOVERY})


@dataclass(frozen=True, slots=True)
class Due:
    on: date
    playbook: str
    title: str
    says: str
    overdue: bool


def due_soon(playbooks: Iterable[PlaybookRow], drills: Iterable[DrillRow], now: datetime) -> tuple[Due, ...]:
    """Return what is overdue or falls due within thirty days, the oldest first."""
    held = tuple(drills)
    found = [due for row in playbooks for due in _of_one(row, held, now)]
    last = now.date() + timedelta(days=LOOKS_AHEAD_DAYS)
    return tuple(sorted((due for due in found if due.on <= last), key=lambda due: (due.on, due.title)))


def _of_one(row: PlaybookRow, drills: tuple[DrillRow, ...], now: datetime) -> Iterator[Due]:
    book, today = row.playbook, now.date()
    yield Due(book.review_on, book.slug, book.title, "is to be reviewed", book.review_on < today)
    if book.kind not in PRACTISED:
        return
    last = latest_of([each for each in drills if each.playbook == book.slug], now)
    if last is None or last.ended_at is None:
        yield Due(today, book.slug, book.title, "was never practised", True)
    elif last.result is Result.FAILED:
        yield Due(today, book.slug, book.title, "failed last time: practise it again", True)
    else:
        ends = last.ended_at.date() + timedelta(days=HOLDS_FOR_DAYS)
        yield Due(ends, book.slug, book.title, "its last drill stops counting", ends < today)
