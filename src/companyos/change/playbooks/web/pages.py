"""What the pages of playbooks, drills and support packs show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from companyos.change.playbooks.domain.counting import Counted
from companyos.change.playbooks.domain.due import Due
from companyos.change.playbooks.domain.packs import Line, Pack
from companyos.change.playbooks.domain.types import DrillRow, Finding, Item, PlaybookRow, Step, Tick

Choices = tuple[tuple[str, str], ...]  # value, title


@dataclass(frozen=True, slots=True)
class ShelfRow:
    """A playbook with its last drill."""

    row: PlaybookRow
    owner: str
    last: DrillRow | None
    is_practised: bool


@dataclass(frozen=True, slots=True)
class PackRow:
    feature: str
    title: str
    pack: Pack | None


@dataclass(frozen=True, slots=True)
class LibraryPage:
    """Context name: `page`."""

    now: datetime
    rows: tuple[ShelfRow, ...]
    running: tuple[DrillRow, ...]
    due: tuple[Due, ...]
    packs: tuple[PackRow, ...]


@dataclass(frozen=True, slots=True)
class Role:
    """A role of a drill to begin; its input is called `name`."""

    name: str
    role: str
    person: str = ""


@dataclass(frozen=True, slots=True)
class PlaybookPage:
    """Context name: `page`. `row` is the version that is looked at."""

    now: datetime
    row: PlaybookRow
    newest: int
    owner: str
    feature: str
    by: str
    versions: tuple[tuple[PlaybookRow, str], ...]
    drills: tuple[DrillRow, ...]
    stands: tuple[tuple[str, Counted], ...]
    may_practise: bool
    may_write: bool
    roles: tuple[Role, ...]
    people: Choices
    features: Choices  # what it may be practised for, where that is a choice
    scenario: str = ""
    chosen: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StepRow:
    """A step as its form has it; `n` counts its inputs from 1."""

    n: int
    step: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class WritePage:
    """Context name: `page`. What was filled in comes back with the problem."""

    now: datetime
    slug: str  # empty: a new one
    title: str
    filled: Mapping[str, str]
    steps: tuple[StepRow, ...]
    kinds: Choices
    teams: Choices
    features: Choices
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RunStep:
    """A step of a drill with what was said of it."""

    n: int
    step: Step
    person: str
    tick: Tick | None
    by: str
    earlier: int  # how often it was ticked before
    is_next: bool


@dataclass(frozen=True, slots=True)
class DrillPage:
    """Context name: `page`. `seconds` is the time so far; it stands still once all steps are done."""

    now: datetime
    drill: DrillRow
    steps: tuple[RunStep, ...]
    current: RunStep | None
    seconds: float
    ticking: bool
    feature: str
    by: str
    ended_by: str
    findings: tuple[tuple[Finding, str], ...]
    history: tuple[DrillRow, ...]
    stands: tuple[tuple[str, Counted], ...]
    may_run: bool
    people: Choices
    filled: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""

    @property
    def clock(self) -> str:
        """The time as the page's clock shows it: `4:05`, `1:04:05`."""
        minutes, seconds = divmod(int(self.seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"

    @property
    def done(self) -> int:
        return sum(step.tick is not None for step in self.steps)


@dataclass(frozen=True, slots=True)
class FilledMacro:
    """A macro with its variables filled: `text` is what is copied, `variables` what may be filled."""

    item: Item
    text: str
    variables: tuple[tuple[str, str, str], ...]  # name, what it is, value
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ItemRow:
    item: Item
    owner: str
    stale: bool
    html: str


@dataclass(frozen=True, slots=True)
class SupportPage:
    """Context name: `page`."""

    now: datetime
    feature: str
    title: str
    pack: Pack
    lines: tuple[tuple[Line, tuple[ItemRow, ...]], ...]
    playbooks: tuple[PlaybookRow, ...]
    may_write: bool
    kinds: Choices
    teams: Choices
    filled: Mapping[str, str] = field(default_factory=dict)
    changing: str = ""
    variables: Choices = ()
    problem: str = ""


@dataclass(frozen=True, slots=True)
class MacroPage:
    """Context name: `page`."""

    now: datetime
    feature: str
    title: str
    macro: FilledMacro
    problem: str = ""
