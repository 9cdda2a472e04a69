"""What people said of classes of differences."""

from __future__ import annotations

from companyos.adoption.shadow.domain.types import Mark, MarkKind
from companyos.adoption.shadow.models import ClassMark


def marks(feature: str) -> dict[tuple[str, str], Mark]:
    """Return the latest word on each class."""
    return {(each.workflow, each.signature): each for each in history(feature)}


def history(feature: str) -> tuple[Mark, ...]:
    """Return every word, oldest first."""
    rows = ClassMark.objects.filter(feature=feature).order_by("at", "id")
    return tuple(
        Mark(
            row.workflow, row.signature, MarkKind(row.kind), row.because, row.by, row.at, row.until, row.case
        )
        for row in rows
    )
