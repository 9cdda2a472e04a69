"""What the pages of sessions show. Moments that people meet at are in the company's own time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from companyos.change.sessions.domain.standing import Standing
from companyos.change.sessions.domain.types import Asked, Attended, Change, FollowUp, SessionRow
from companyos.change.sessions.domain.yields import Yield


@dataclass(frozen=True, slots=True)
class Line:
    """A session in a list. `look` draws how it stands."""

    row: SessionRow
    stands: Standing
    look: str
    at: str
    host: str
    feature: str
    attended: int


@dataclass(frozen=True, slots=True)
class Group:
    """Sessions under one heading; `says` stands there while there are none."""

    slug: str
    title: str
    lines: tuple[Line, ...]
    says: str


@dataclass(frozen=True, slots=True)
class SessionsPage:
    """Context name: `page`. `feed` is the address of the viewer's own calendar."""

    now: datetime
    show: str
    zone: str
    groups: tuple[Group, ...]
    feed: str
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """A point of the agenda, with the time of day at which it begins."""

    at: str
    minutes: int
    says: str
    link: str


@dataclass(frozen=True, slots=True)
class CaseLine:
    """A case of a dogfood hour that the viewer may read."""

    id: str
    label: str
    title: str
    by: str
    actionable: bool


@dataclass(frozen=True, slots=True)
class Can:
    """What the viewer may do now; what they may not is not offered."""

    sign_in: bool = False
    signed_in: bool = False
    ask: bool = False
    answer: bool = False
    host: bool = False
    note: bool = False
    hold: bool = False
    move: bool = False
    waive: bool = False


@dataclass(frozen=True, slots=True)
class SessionPage:
    """Context name: `page`. `why_no_sign_in` says why the button is not there."""

    now: datetime
    line: Line
    zone: str
    ends: str
    agenda: tuple[Point, ...]
    stage: str
    teams: tuple[str, ...]
    invited: int
    attended: tuple[tuple[Attended, str, str], ...]
    questions: tuple[tuple[Asked, str, str], ...]
    material: tuple[tuple[FollowUp, str], ...]
    history: tuple[tuple[Change, str, str], ...]
    brought: Yield | None
    cases: tuple[CaseLine, ...]
    held_by: str
    can: Can
    people: tuple[tuple[str, str], ...]
    why_no_sign_in: str = ""
    filled: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def is_open(self) -> bool:
        return any(asked.is_open for asked, _, _ in self.questions)
