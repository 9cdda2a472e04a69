"""The requests pages as frozen values: a view builds one, its template shows it, nothing else is passed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.work.approvals.domain.preview import Preview

CHANGE_IT = "Change it"  # the step of a request that came back to its author


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    title: str
    chosen: bool = False


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form, from its JSON Schema."""

    name: str
    title: str
    kind: str  # text, area, number, date, url, tick, choice
    value: str
    is_required: bool
    choices: tuple[Choice, ...] = ()
    step: str = ""
    longest: int | None = None
    least: str = ""
    most: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    """A request in a list."""

    id: str
    title: str
    kind: str
    requester: str
    amount: str
    status: str
    because: str
    step: str
    why: str
    at: datetime
    due_at: datetime | None
    is_late: bool = False
    is_news: bool = False


@dataclass(frozen=True, slots=True)
class ListPage:
    """The inbox, or what a person asked for. Context name: `page`."""

    now: datetime
    lines: tuple[Line, ...]
    waiting: int
    more: str = ""
    said: tuple[str, ...] = ()
    drafts: tuple[tuple[str, str, str, datetime], ...] = ()  # id, kind, its title, saved at
    note: str = ""
    unified: bool = False  # what the viewer asks for now begins on the unified path
    news: int = 0  # outcomes the viewer has not looked at

    @property
    def may_choose(self) -> bool:
        """Tell whether any line can be answered with others; a request of the viewer's own that came back cannot."""
        return any(line.step != CHANGE_IT for line in self.lines)


@dataclass(frozen=True, slots=True)
class Kind:
    slug: str
    title: str
    summary: str
    why_not: str


@dataclass(frozen=True, slots=True)
class FormPage:
    """A request to be sent, or one that was returned. Context name: `page`."""

    now: datetime
    kind: str
    title: str
    summary: str
    inputs: tuple[Input, ...]
    tenants: tuple[Choice, ...] = ()
    draft: str = ""
    problem: str = ""
    request: str = ""  # of one that is changed
    asked_for: str = ""  # what the approver wants changed


@dataclass(frozen=True, slots=True)
class PreviewPage:
    preview: Preview | None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Fact:
    title: str
    value: str

    @property
    def is_long(self) -> bool:
        return "\n" in self.value or len(self.value) > 90


@dataclass(frozen=True, slots=True)
class AskedLine:
    """People who are asked the same thing for the same reason."""

    people: str
    n: int
    step: str
    why: str
    since: datetime
    due_at: datetime | None
    is_you: bool


@dataclass(frozen=True, slots=True)
class ActLine:
    kind: str
    says: str
    by: str
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FileLine:
    id: str
    name: str
    size: str


@dataclass(frozen=True, slots=True)
class RequestPage:
    """One request. Context name: `page`."""

    now: datetime
    id: str
    number: str
    title: str
    kind: str
    version: int
    path: str
    status: str
    because: str
    requester: str
    asked_at: datetime
    round: int
    trace: str
    facts: tuple[Fact, ...]
    asked: tuple[AskedLine, ...]
    acts: tuple[ActLine, ...]
    files: tuple[FileLine, ...]
    record: str
    may: frozenset[str]
    colleagues: tuple[Choice, ...]
    problem: str = ""
    note: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class StandInLine:
    number: int
    says: str
    since: datetime
    until: datetime
    because: str


@dataclass(frozen=True, slots=True)
class AwayPage:
    now: datetime
    lines: tuple[StandInLine, ...]
    colleagues: tuple[Choice, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ToldPage:
    """How the viewer is written to. Context name: `page`."""

    ways: tuple[Choice, ...]
    paces: tuple[Choice, ...]
    address: str
    slack_reaches: bool
    saved: bool = False


@dataclass(frozen=True, slots=True)
class LinkPage:
    """What the link of a mail opens. Context name: `page`."""

    person: str
    title: str
    facts: tuple[Fact, ...]
    why: str
    note: str = ""
    say: str = ""  # what the link in the mail was for: approve or decline
    done: str = ""
    problem: str = ""
