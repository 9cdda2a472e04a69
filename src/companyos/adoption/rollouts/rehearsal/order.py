"""What a rehearsal is asked to do, what it may use, and what it says on the way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from companyos.adoption.rollouts.rehearsal.company import Person
from companyos.adoption.rollouts.rehearsal.profile import Profile
from companyos.adoption.rollouts.rehearsal.workforce import Workforce

if TYPE_CHECKING:
    from companyos.adoption.rollouts.rehearsal.beside import Paths

BASELINE_WEEKS = 4
LONGEST_PLAN_WEEKS = 16
PATIENCE_DAYS = 10


class DriveFailed(RuntimeError):
    """The rehearsal cannot go on; says why and what is kept."""


class FaultKind(StrEnum):
    REGRESSION = "regression"  # the new path fails more often
    LATENCY = "latency"  # the new path answers slowly
    LOCAL_INCIDENT = "local-incident"  # for a day the stage's people fail more often, whatever path
    SHARED_INCIDENT = "shared-incident"  # for a day everybody does
    TELEMETRY_LOSS = "telemetry-loss"  # nothing is heard of the stage's teams
    LATE_DATA = "late-data"  # what the stage's teams do in their first day arrives a day late
    WRONG_ROSTER = "wrong-roster"  # people outside the cohort get the new path
    CONTROLLER_CRASH = (
        "controller-crash"  # killed with a decision written and nothing sent, and started again
    )
    MISMATCH = "mismatch"  # in one branch the new path answers otherwise, beside the old one as well


OF_THE_LINE = frozenset(
    {FaultKind.TELEMETRY_LOSS, FaultKind.LATE_DATA, FaultKind.WRONG_ROSTER, FaultKind.CONTROLLER_CRASH}
)
"""Faults between people's work and the controller: the feature itself is sound."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A fault put in on purpose at a stage, to see what the rollout does about it."""

    kind: FaultKind
    stage: str

    @classmethod
    def parse(cls, text: str) -> Fault:
        """Read `KIND@STAGE`. Raises ValueError."""
        kind, at, stage = text.partition("@")
        if kind not in set(FaultKind) or not at or not stage:
            raise ValueError(
                f"a fault is written KIND@STAGE, for example regression@expand; got '{text}'."
                f" Kinds: {', '.join(FaultKind)}"
            )
        return cls(FaultKind(kind), stage)

    def __str__(self) -> str:
        return f"{self.kind}@{self.stage}"


@dataclass(frozen=True, slots=True)
class Order:
    """One rehearsal. The baseline begins at `starts_at` (a Monday 09:00), Prep four weeks later."""

    plan: str
    people: tuple[Person, ...]
    workforce: Workforce
    profile: Profile
    log: Path | None
    fault: Fault | None
    seed: int
    cases: int | None  # of the log, its first so many; without a log, so many over the plan's five weeks
    starts_at: datetime
    zone: ZoneInfo
    holidays: frozenset[date]
    until_stage: str | None
    pace_seconds: float | None  # wall time the first weeks take at least; None: as fast as it goes
    patience_days: int = PATIENCE_DAYS  # virtual working days a stopped rollout is left alone before the end
    hours: tuple[time, time] = (time(9), time(17))
    all_through_feature: bool = False  # every case is asked and answered in the feature itself
    paths: Paths | None = None  # both paths, for a stage that begins in shadow
    mismatch: Fault | None = None  # a difference planted in one branch of the new path


@dataclass(frozen=True, slots=True)
class Keys:
    """Where the server is and what opens it: as `keys.json` of the rehearsal has it."""

    url: str
    clock_key: str
    server_key: str
    people: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the rehearsal stands."""

    at: datetime
    stage: str
    status: str
    cases_begun: int
    events_acked: int
    note: str


@dataclass(frozen=True, slots=True)
class Outcome:
    report: dict[str, Any]
