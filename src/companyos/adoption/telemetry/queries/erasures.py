"""What was taken out, when and how much: frozen rows out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.telemetry.models import Erasure, Removal


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """A person's erasure. `removed` says how many rows went, by place; the name is known only until it is done."""

    id: str
    subject: str
    digest: str
    at: datetime
    by: str
    because: str
    done_at: datetime | None
    removed: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class RemovalRow:
    domain: str
    rows: int
    at: datetime


def erasures(most: int = 200) -> tuple[ErasureRow, ...]:
    return tuple(_row(each) for each in Erasure.objects.prefetch_related("removals")[:most])


def open_erasures() -> tuple[ErasureRow, ...]:
    return tuple(_row(each) for each in Erasure.objects.filter(done_at=None).prefetch_related("removals"))


def last_removals() -> dict[str, RemovalRow]:
    """Return the newest removal of each data domain that was past its time."""
    rows = Removal.objects.filter(erasure=None).order_by("id")
    return {each.domain: RemovalRow(each.domain, each.rows, each.at) for each in rows}


def _row(each: Erasure) -> ErasureRow:
    removed: dict[str, int] = {}
    for step in reversed(each.removals.all()):
        removed[step.domain] = removed.get(step.domain, 0) + step.rows
    return ErasureRow(
        str(each.pk), each.subject, each.digest, each.at, each.by, each.because, each.done_at,
        tuple(removed.items()),
    )  # fmt: skip
