"""The words of a flag: kinds, lifecycle, who it is meant for, and the frozen rows other rooms see."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

Cohort = Mapping[str, frozenset[str]]  # tenant -> people who are on there
OFF = "off"  # the variant of everybody who is not on
ON = "on"
SHADOW, DUAL_RUN = "shadow", "dual-run"  # served the old path, while the new one runs beside it
REVERSE = "reverse-shadow"  # on, while the old path runs beside the new one
NOT_ON = frozenset({None, OFF, SHADOW, DUAL_RUN})
MAIN_SET = "companyos"


class Kind(StrEnum):
    """What a flag is for; each kind has rules of its own (`domain/rules.py`)."""

    RELEASE = "release"  # brings a feature to people stage by stage, then goes away
    EXPERIMENT = "experiment"  # compares arms; every evaluation of one is an exposure
    KILL_SWITCH = "kill_switch"  # on for its audience until somebody kills it
    PERMISSION = "permission"  # gives named people something for good; never a percentage


class Lifecycle(StrEnum):
    """Where a flag stands in its life; it only goes forward."""

    PRERELEASE = "prerelease"  # on only in the tenants its flag set names, whatever its audience says (R42)
    LIVE = "live"
    RETIRED = "retired"  # disabled: the code that still asks gets its own default
    ARCHIVED = "archived"  # no longer published at all; kept for its history


class Hashing(StrEnum):
    """How a flag set's percentages hash (the names are the evaluator's)."""

    V2 = "v2"
    V3 = "v3"


@dataclass(frozen=True, slots=True)
class Slice:
    """People who are meant: of one tenant (any when empty), those named, all when nobody is named; of them a share.

    `percent` keeps each person's bucket, so a larger percentage always contains a smaller one (R117).
    """

    tenant: str = ""
    teams: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    segments: tuple[str, ...] = ()
    percent: float = 100.0

    @property
    def names_somebody(self) -> bool:
        return bool(self.teams or self.departments or self.people or self.segments)


@dataclass(frozen=True, slots=True)
class Audience:
    """Who gets a flag: anybody in one of the slices, but for the exceptions, where every prerequisite is on."""

    slices: tuple[Slice, ...] = ()
    exceptions: tuple[Slice, ...] = ()
    requires: tuple[str, ...] = ()

    @property
    def is_explicit(self) -> bool:
        """Whether it is nothing but named people of named tenants, as a rollout's stage is."""
        plain = all(
            each.tenant and each.percent == 100 and not (each.teams or each.departments or each.segments)
            and each.people for each in self.slices
        )  # fmt: skip
        return plain and not self.exceptions and not self.requires


NOBODY = Audience()
EVERYBODY = Audience((Slice(),))


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of an experiment and its share of the people in it."""

    name: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class FlagSpec:
    """Everything a person decides about a flag."""

    key: str
    title: str
    kind: Kind = Kind.RELEASE
    owner: str = ""  # a team
    feature: str = ""
    description: str = ""
    flag_set: str = MAIN_SET
    lifecycle: Lifecycle = Lifecycle.LIVE
    expires: date | None = None
    arms: tuple[Arm, ...] = ()
    audience: Audience = NOBODY
    shadow: Audience = NOBODY  # for whom both paths run; who is also of the `audience` is on
    shadow_as: str = SHADOW  # their variant: `dual-run` where both run for real, REVERSE for those who are on


@dataclass(frozen=True, slots=True)
class Killed:
    """Who stopped a flag, when and why."""

    by: str
    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class FlagState:
    """A flag as it stands: what was decided, and what happened to it."""

    spec: FlagSpec
    version: int = 0
    killed: Killed | None = None
    driven_by: str = ""  # the rollout that moves it now

    @property
    def answers_off(self) -> bool:
        """Whether nobody can be on, whatever the audience says."""
        stopped = {Lifecycle.RETIRED, Lifecycle.ARCHIVED}
        return self.killed is not None or self.spec.lifecycle in stopped


class Comparison(StrEnum):
    """How a condition compares an attribute with its values."""

    IS = "is"
    IS_NOT = "is_not"
    STARTS_WITH = "starts_with"
    ENDS_WITH = "ends_with"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    VERSION_AT_LEAST = "version_at_least"


@dataclass(frozen=True, slots=True)
class Condition:
    """An attribute of who is asking, and what must hold of it; several values mean any of them."""

    attribute: str
    test: Comparison
    values: tuple[str | float, ...]


@dataclass(frozen=True, slots=True)
class SegmentSpec:
    """A named group that flags share: anybody named (all when nobody is), where every condition holds.

    `rule` is JsonLogic for what the fields cannot say; with it the other fields are empty.
    """

    slug: str
    title: str
    owner: str = ""
    description: str = ""
    tenants: tuple[str, ...] = ()
    teams: tuple[str, ...] = ()
    departments: tuple[str, ...] = ()
    people: tuple[str, ...] = ()
    conditions: tuple[Condition, ...] = ()
    rule: Any = None


@dataclass(frozen=True, slots=True)
class SetSpec:
    """A flag set: how its percentages hash, where prereleases show, and who may edit every flag of it."""

    name: str = MAIN_SET
    fractional: Hashing = Hashing.V2
    prerelease_in: tuple[str, ...] = ("experimental-qa",)
    leads: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Member:
    """One person in one tenant, with what the directory knows: whom an evaluation is about."""

    person: str
    name: str
    tenant: str
    team: str
    department: str
    role: str = ""

    @property
    def context(self) -> dict[str, str]:
        """What a program would send when this person asks."""
        return {
            "targetingKey": self.person,
            "tenant": self.tenant,
            "team": self.team,
            "department": self.department,
            "role": self.role,
        }


@dataclass(frozen=True, slots=True)
class Directory:
    """The company as a flag sees it."""

    members: tuple[Member, ...] = ()
    production: frozenset[str] = frozenset()  # tenants
    tenants: frozenset[str] = frozenset()
    teams: Mapping[str, str] = field(default_factory=dict)  # slug -> title
    departments: Mapping[str, str] = field(default_factory=dict)

    def of_teams(self, teams: tuple[str, ...], departments: tuple[str, ...]) -> Iterator[str]:
        return (m.person for m in self.members if m.team in teams or m.department in departments)


@dataclass(frozen=True, slots=True)
class World:
    """Everything that is compiled together."""

    flags: Mapping[str, FlagState] = field(default_factory=dict)
    segments: Mapping[str, SegmentSpec] = field(default_factory=dict)
    sets: Mapping[str, SetSpec] = field(default_factory=lambda: {MAIN_SET: SetSpec()})
    directory: Directory = Directory()
    back: Cohort = field(
        default_factory=dict
    )  # flag -> people who went back to the old path for a day (R180)


@dataclass(frozen=True, slots=True)
class ServingRow:
    provider: str
    version: int


def people_of(cohort: Cohort) -> frozenset[str]:
    return frozenset().union(*cohort.values()) if cohort else frozenset()


def explicit(cohort: Cohort) -> Audience:
    """The audience that is exactly these people in these tenants."""
    slices = (
        Slice(tenant, people=tuple(sorted(people))) for tenant, people in sorted(cohort.items()) if people
    )
    return Audience(tuple(slices))
