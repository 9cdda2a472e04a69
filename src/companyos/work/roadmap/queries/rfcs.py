"""RFCs: list, one, threads on its lines, who reviews, how it moved."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Q, QuerySet

from companyos.work.roadmap.domain.types import RfcRow, RfcState
from companyos.work.roadmap.models import Rfc, RfcComment, RfcMove, RfcReviewer


@dataclass(frozen=True, slots=True)
class CommentRow:
    id: int
    by: str
    at: datetime
    text: str
    blocking: bool
    resolved_by: str
    resolution: str

    @property
    def stands(self) -> bool:
        return self.blocking and not self.resolved_by


@dataclass(frozen=True, slots=True)
class Thread:
    """A comment on a line (0: on the whole) with its answers, the oldest first."""

    line: int
    first: CommentRow
    answers: tuple[CommentRow, ...]


@dataclass(frozen=True, slots=True)
class MoveRow:
    before: RfcState
    after: RfcState
    because: str
    by: str
    at: datetime


def rfcs(*, words: str = "") -> tuple[RfcRow, ...]:
    """Return the RFCs, the newest first; `words` are looked for in title and text."""
    found = _counted()
    for word in words.split()[:8]:
        found = found.filter(Q(title__icontains=word) | Q(body__icontains=word))
    return tuple(_row(row) for row in found.order_by("-number"))


def find_rfc(number: int) -> RfcRow | None:
    row = _counted().filter(pk=number).first()
    return _row(row) if row else None


def window_of(feature: str) -> RfcRow | None:
    """Return the window that a feature's internal GA opened."""
    row = _counted().filter(window_of=feature).first()
    return _row(row) if row else None


def threads(number: int) -> tuple[Thread, ...]:
    """Return the comments by line and time."""
    rows = list(RfcComment.objects.filter(rfc_id=number).order_by("at", "id"))
    return tuple(
        Thread(
            row.line, _comment(row), tuple(_comment(each) for each in rows if _first(each, rows) == row.pk)
        )
        for row in sorted(rows, key=lambda each: (each.line, each.at, each.pk))
        if row.answers_id is None
    )


def reviewers(number: int) -> tuple[tuple[str, datetime | None], ...]:
    """Return whose approval is required, and when each gave it."""
    rows = RfcReviewer.objects.filter(rfc_id=number).order_by("person")
    return tuple(rows.values_list("person", "approved_at"))


def history(number: int) -> tuple[MoveRow, ...]:
    rows = RfcMove.objects.filter(rfc_id=number).order_by("-version")
    return tuple(MoveRow(RfcState(r.before), RfcState(r.after), r.because, r.by, r.at) for r in rows)


def _first(row: RfcComment, rows: list[RfcComment]) -> int | None:
    """Return the comment that begins the thread an answer is in."""
    by_id = {each.pk: each for each in rows}
    above = row.answers_id
    while above is not None and by_id[above].answers_id is not None:
        above = by_id[above].answers_id
    return above


def _counted() -> QuerySet[Rfc]:
    standing = Q(comments__blocking=True, comments__resolved_at=None)
    return Rfc.objects.annotate(standing=Count("comments", filter=standing), said=Count("comments"))


def _row(row: Rfc) -> RfcRow:
    return RfcRow(
        row.number, row.title, row.body, row.author, row.feature, RfcState(row.state), row.at, row.closes_at,
        row.is_window, row.summary, row.rationale,
        row.standing, row.said,  # type: ignore[attr-defined]  # annotated by _counted
    )  # fmt: skip


def _comment(row: RfcComment) -> CommentRow:
    return CommentRow(row.pk, row.by, row.at, row.text, row.blocking, row.resolved_by, row.resolution)
