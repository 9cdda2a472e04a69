"""The pages of cases as frozen values: a view builds one, its template shows it, nothing else is passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from companyos.work.cases.actions import Rejudged
from companyos.work.cases.domain.measuring import Stretch
from companyos.work.cases.queries.inbox import Asked, CaseLine, NoticeRow
from companyos.work.cases.queries.one import FileRow, LinkRow


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    title: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A case in a list, with its clock in a word."""

    row: CaseLine
    clock: str  # late, soon, waiting, or empty
    owner: str
    squad: str


@dataclass(frozen=True, slots=True)
class Tab:
    scope: str
    title: str
    n: int | None
    href: str
    is_here: bool


@dataclass(frozen=True, slots=True)
class Filter:
    number: int
    title: str
    query: str


@dataclass(frozen=True, slots=True)
class InboxPage:
    now: datetime
    asked: Asked
    lines: tuple[Line, ...]
    n: int
    tabs: tuple[Tab, ...]
    types: tuple[Choice, ...]
    severities: tuple[Choice, ...]
    squads: tuple[Choice, ...]
    filters: tuple[Filter, ...]
    query: str
    more: str
    may_import: bool
    tenants: tuple[Choice, ...]
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MinePage:
    now: datetime
    lines: tuple[Line, ...]
    notices: tuple[NoticeRow, ...]
    asked: tuple[CaseLine, ...]  # those whose reporter is asked whether it is fixed


@dataclass(frozen=True, slots=True)
class Fact:
    title: str
    value: str


@dataclass(frozen=True, slots=True)
class Clock:
    """A clock with its explanation."""

    title: str
    run: int
    state: str
    because: str
    rule: str
    started: datetime
    due_at: datetime | None
    elapsed: timedelta
    limit: str
    zone: str
    stretches: tuple[Stretch, ...]


@dataclass(frozen=True, slots=True)
class Said:
    """A line of the history; `html` is what was written, made harmless."""

    by: str
    says: str
    html: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Merged:
    row: CaseLine
    reporter: str
    html: str
    comments: tuple[Said, ...]


@dataclass(frozen=True, slots=True)
class PlanView:
    n: int
    owner: str
    steps: tuple[str, ...]
    due: datetime
    proposed_by: str
    is_accepted: bool
    accepted_by: str


@dataclass(frozen=True, slots=True)
class LinkView:
    row: LinkRow
    href: str


@dataclass(frozen=True, slots=True)
class CasePage:
    """One case as its viewer may see it. Context name: `page`."""

    now: datetime
    row: CaseLine
    reporter: str
    owner: str
    squad: str
    html: str
    body: str
    facts: tuple[Fact, ...]
    context: tuple[Fact, ...]
    resolution: str
    release: str
    clocks: tuple[Clock, ...]
    plans: tuple[PlanView, ...]
    links: tuple[LinkView, ...]
    files: tuple[FileRow, ...]
    merged: tuple[Merged, ...]
    hidden_merged: int
    carrier: CaseLine | None
    votes: int
    watching: int
    said: tuple[Said, ...]
    may: frozenset[str]
    types: tuple[Choice, ...]
    severities: tuple[Choice, ...]
    my_squads: tuple[Choice, ...]
    squads: tuple[Choice, ...]
    people: tuple[Choice, ...]
    moves: tuple[Choice, ...]
    link_kinds: tuple[Choice, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class CalendarPage:
    now: datetime
    squad: str
    title: str
    zone: str
    weekdays: tuple[Choice, ...]
    holidays: str
    is_own: bool
    may_change: bool
    because: str = ""
    rejudged: tuple[Rejudged, ...] | None = None
    saved: bool = False
    problem: str = ""
