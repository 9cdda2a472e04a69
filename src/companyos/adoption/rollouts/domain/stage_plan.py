"""One stage as a plan states it: who joins, what people do there, and which gates it has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from companyos.adoption.rollouts.domain.gate_specs import GateSpec
from companyos.adoption.telemetry.domain.comparison import TEAMS, Comparison

T = TypeVar("T")


class Cadence(StrEnum):
    ONCE = "once"
    DAILY = "daily"  # one entry each working day


class StageKind(StrEnum):
    """Who joins at a stage (R186)."""

    COHORT = "cohort"  # people whom the plan names
    VOLUNTEER = "volunteer"  # people who asked for it: they are kinder than others, and their gates say so
    CUSTOMER_PILOT = "customer_pilot"  # named customers, after every internal gate


@dataclass(frozen=True, slots=True)
class CohortPart:
    """People who join at a stage: named teams, one department, or everyone, of one tenant."""

    tenant: str
    teams: tuple[str, ...] = ()
    department: str = ""
    everyone: bool = False
    serves: str = ""


@dataclass(frozen=True, slots=True)
class HoldOut:
    """A team that stays off at a stage although its tenant or department joins, until a later stage."""

    team: str
    until: str
    why: str


@dataclass(frozen=True, slots=True)
class TaskSpec:
    """Work that people do during a stage."""

    slug: str
    title: str
    owner: str
    cadence: Cadence = Cadence.ONCE
    serves: str = ""
    attests: tuple[str, ...] = ()  # rows of scorecards for which its word counts


class Beside(StrEnum):
    """What the new path does while the old one answers; values are variants of the flag."""

    SHADOW = "shadow"  # it runs without side effects
    DUAL_RUN = "dual-run"  # both run for real


@dataclass(frozen=True, slots=True)
class ShadowPlan:
    """A stage that begins in shadow: the old path answers its people until these gates pass, then the new one does.

    For `reverse_days` working days after that the old path runs beside the new one, in reverse shadow.
    """

    until: tuple[str, ...]
    mode: Beside = Beside.SHADOW
    reverse_days: int = 0


@dataclass(frozen=True, slots=True)
class StagePlan:
    """One stage: who joins, what is asked of people, and what must hold before the next.

    `working_days` is both the dwell and the due date; `patience` is how many working days after the due date a
    person should have decided.
    """

    slug: str
    title: str
    week: int
    working_days: int
    cohort: tuple[CohortPart, ...]
    excluded: tuple[HoldOut, ...] = ()
    request_types: tuple[str, ...] = ()
    data_domains: tuple[str, ...] = ()
    actions: tuple[str, ...] = ()
    tasks: tuple[TaskSpec, ...] = ()
    gates: tuple[GateSpec, ...] = ()
    patience: int = 5
    comparison: Comparison = TEAMS
    kind: StageKind = StageKind.COHORT
    shadow: ShadowPlan | None = None

    def task(self, slug: str) -> TaskSpec:
        """Return the task `slug`. Raises KeyError when the stage has none of that name."""
        return the_one_named(slug, {task.slug: task for task in self.tasks}, f"stage {self.slug} has no task")

    def gate(self, name: str) -> GateSpec:
        """Return the gate `name`. Raises KeyError when the stage has none of that name."""
        return the_one_named(name, {gate.name: gate for gate in self.gates}, f"stage {self.slug} has no gate")


def the_one_named(name: str, known: Mapping[str, T], complaint: str) -> T:
    """Return what is known under `name`. Raises KeyError with the complaint, and what there is instead."""
    if name not in known:
        raise KeyError(f"{complaint} {name!r}; it has {', '.join(known) or 'none'}")
    return known[name]
