"""What the pages of comms show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from companyos.change.comms.domain.reach import Reach
from companyos.change.comms.domain.types import NewsRow, NoticeRow, Receipt


@dataclass(frozen=True, slots=True)
class NewsPage:
    """Context name: `page`."""

    now: datetime
    rows: tuple[NewsRow, ...]

    @property
    def to_read(self) -> int:
        """How much of it opening alone would settle."""
        return sum(row.opened_at is None and not row.notice.needs_ack for row in self.rows)


@dataclass(frozen=True, slots=True)
class OneNewsPage:
    """Context name: `page`. `html` is what was written, made safe."""

    now: datetime
    row: NewsRow
    html: str
    by: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Announced:
    """A notice with how far it has reached."""

    notice: NoticeRow
    reach: Reach
    by: str


@dataclass(frozen=True, slots=True)
class AnnouncementsPage:
    """Context name: `page`. What was filled in comes back with the problem."""

    now: datetime
    rows: tuple[Announced, ...]
    may_announce: bool
    tenants: tuple[tuple[str, str], ...]
    teams: tuple[tuple[str, str], ...]
    filled: Mapping[str, str] = field(default_factory=dict)
    chosen: frozenset[str] = frozenset()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class AnnouncementPage:
    """Context name: `page`. `receipts` name who has not opened it, for who may announce only."""

    now: datetime
    row: Announced
    html: str
    receipts: tuple[tuple[Receipt, str], ...]
    sees_who: bool
    may_say_how_it_went: bool = False
    problem: str = ""
