"""What the pages of banners show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from companyos.change.comms.domain.banners import BannerRow
from companyos.change.comms.domain.conflicts import Conflict
from companyos.change.comms.queries.banners import Answered


@dataclass(frozen=True, slots=True)
class BannerLine:
    """A banner with its audience and what became of it. `state` is active, planned or closed."""

    banner: BannerRow
    state: str
    word: str
    answered: Answered
    tenants: int
    whom: str
    by: str
    ended_by: str


@dataclass(frozen=True, slots=True)
class BannersPage:
    """Context name: `page`."""

    now: datetime
    in_force: tuple[BannerLine, ...]
    coming: tuple[BannerLine, ...]
    ended: tuple[BannerLine, ...]
    conflicts: tuple[Conflict, ...]
    may_make: bool


@dataclass(frozen=True, slots=True)
class BannerPage:
    """Context name: `page`. `notice` is the title of the notice whose people see it, too."""

    now: datetime
    line: BannerLine
    notice: str
    conflicts: tuple[Conflict, ...]
    may_end: bool
    problem: str = ""
    because: str = ""


@dataclass(frozen=True, slots=True)
class Choice:
    """One box to tick."""

    value: str
    title: str
    is_chosen: bool


@dataclass(frozen=True, slots=True)
class Preview:
    """How a banner would look, in the chosen severity first, and whom it would reach."""

    looks: tuple[BannerRow, ...]
    people: int
    tenants: int
    conflicts: tuple[Conflict, ...]


@dataclass(frozen=True, slots=True)
class NewBannerPage:
    """Context name: `page`. What was filled in comes back, with the problem or how it would look."""

    now: datetime
    may_make: bool
    tenants: tuple[Choice, ...]
    teams: tuple[Choice, ...]
    departments: tuple[Choice, ...]
    notices: tuple[Choice, ...]
    severities: tuple[Choice, ...]
    ways: tuple[Choice, ...]
    filled: Mapping[str, str] = field(default_factory=dict)
    preview: Preview | None = None
    problem: str = ""
