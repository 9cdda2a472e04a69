"""Playbooks, drills and support packs as other rooms see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Kind(StrEnum):
    """What a playbook is for."""

    RUNBOOK = "runbook"  # how something is run, or mended
    ROLLBACK = "rollback"  # the way back of a feature
    RECOVERY = "recovery"  # back from a loss, of everything or of one feature
    CHANGE = "change"  # how a change is made


class Result(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    ABANDONED = "abandoned"


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do: which role does it, what is looked at afterwards, and where."""

    title: str
    who: str
    check: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Target:
    """What a drill is measured against; None: not asked. A rollback counts in seconds, a recovery in minutes."""

    rollback_seconds: int | None = None
    rto_minutes: int | None = None
    rpo_minutes: int | None = None

    @property
    def seconds(self) -> float | None:
        """The time there is from begin to end."""
        if self.rollback_seconds is not None:
            return float(self.rollback_seconds)
        return None if self.rto_minutes is None else self.rto_minutes * 60.0


@dataclass(frozen=True, slots=True)
class Playbook:
    """What a playbook says, whoever wrote it. An empty feature: it is about the whole company."""

    slug: str
    title: str
    kind: Kind
    owner: str  # a team
    review_on: date
    steps: tuple[Step, ...]
    summary: str = ""
    feature: str = ""
    target: Target = Target()


@dataclass(frozen=True, slots=True)
class PlaybookRow:
    """A version of a playbook, with who wrote it and why."""

    playbook: Playbook
    version: int
    at: datetime
    by: str
    because: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A step that somebody has done, and whether its check held. A step may be ticked again; the last word counts."""

    step: int  # from 1
    at: datetime
    by: str
    holds: bool
    evidence: str = ""
    link: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """What a drill has shown, and who does what about it until when. `case` is empty where none could be opened."""

    n: int
    says: str
    owner: str
    due_on: date
    at: datetime
    by: str
    case: str = ""


@dataclass(frozen=True, slots=True)
class DrillRow:
    """A playbook run for practice: its own copy of the steps, and what came of it."""

    id: str
    playbook: str
    version: int
    title: str
    kind: Kind
    scenario: str
    feature: str
    feature_version: str
    steps: tuple[Step, ...]
    target: Target
    owner: str
    began_at: datetime
    began_by: str
    roles: tuple[tuple[str, str], ...]  # role, person
    done_at: datetime | None = None  # the last step, where all were done
    ended_at: datetime | None = None
    ended_by: str = ""
    lost_minutes: float | None = None
    result: Result | None = None
    because: str = ""
    rule: str = ""

    @property
    def runs(self) -> bool:
        return self.ended_at is None

    @property
    def seconds(self) -> float | None:
        """How long it took by the server's clock: until the last step was done, or until somebody ended it."""
        until = self.done_at or self.ended_at
        return (until - self.began_at).total_seconds() if until and self.ended_at else None


class ItemKind(StrEnum):
    """What a support pack is made of."""

    RUNBOOK = "runbook"
    FAQ = "faq"
    MACRO = "macro"
    ESCALATION = "escalation"  # who is called, and after how long


@dataclass(frozen=True, slots=True)
class Item:
    """One piece of a support pack in its newest version. It is fresh while somebody has looked at it lately."""

    slug: str
    kind: ItemKind
    title: str
    words: str
    link: str
    owner: str  # a team
    place: int  # of an escalation: who is first
    after_minutes: int | None
    version: int
    reviewed_at: datetime
    by: str
