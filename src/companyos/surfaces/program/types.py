"""What the program's files say, typed. Plans are typed where they are judged: `adoption/rollouts/domain/plan.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

from companyos.adoption.flags.domain.types import FlagSpec, SegmentSpec, SetSpec
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.stage_plan import CohortPart
from companyos.adoption.surveys.domain.types import Budget, SurveySpec
from companyos.change.comms.domain.telling import Telling
from companyos.change.playbooks.domain.types import Playbook
from companyos.kernel.business_time import WorkingCalendar
from companyos.work.roadmap.domain.types import Rules

Definitions = Mapping[str, tuple[tuple[str, dict[str, Any]], ...]]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or unwise, in one place; `file` is relative to the program's folder."""

    file: str
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


class TenantClass(StrEnum):
    PRODUCTION = "production"
    SANDBOX = "sandbox"  # synthetic data only


@dataclass(frozen=True, slots=True)
class Company:
    """The company and its working time. `sprint_anchor` is a Monday; both starts are aware moments in `zone`."""

    name: str
    zone: ZoneInfo
    working_hours: tuple[time, time]
    weekdays: frozenset[int]  # 0 is Monday
    holidays: frozenset[date]
    sprint_anchor: date
    baseline_starts: datetime
    plan_starts: datetime
    survey_budget: Budget = field(default_factory=Budget)  # how often a person may be asked, over all surveys
    voting: Rules = field(default_factory=Rules)
    telling: Telling = field(default_factory=Telling)  # how far ahead of a change, and in which channel

    @property
    def calendar(self) -> WorkingCalendar:
        return WorkingCalendar(self.zone, self.working_hours, self.holidays, self.weekdays)


@dataclass(frozen=True, slots=True)
class TenantFile:
    """One internal organisation. `data_domains` are held today; `may_hold` is all that may come here (R9)."""

    slug: str
    title: str
    tenant_class: TenantClass
    region: str
    residency: str
    owners: tuple[str, ...]
    scope: tuple[str, ...]
    goals: tuple[str, ...]
    data_domains: tuple[str, ...]
    may_hold: tuple[str, ...]
    risk: str
    flag_strategy: str


@dataclass(frozen=True, slots=True)
class Department:
    slug: str
    title: str
    head: str = ""


@dataclass(frozen=True, slots=True)
class Team:
    """A team of the directory. Its people count in `tenant`, their home; `works_in` is a second tenant or ""."""

    slug: str
    title: str
    department: str
    tenant: str
    lead: str
    works_in: str = ""

    @property
    def tenants(self) -> tuple[str, ...]:
        return (self.tenant, self.works_in) if self.works_in else (self.tenant,)


@dataclass(frozen=True, slots=True)
class PersonFile:
    """One person; `role` is the part taken in approvals, beside submitting."""

    slug: str
    name: str
    email: str
    team: str
    role: str


@dataclass(frozen=True, slots=True)
class LeadTeam:
    """A group of directory teams that adopts its areas first (R46)."""

    slug: str
    title: str
    teams: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Area:
    slug: str
    title: str
    lead: str  # a lead team
    squad: str = ""  # the team that answers for reports about it; the first of its lead, where none is named
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class FeatureFile:
    slug: str
    title: str
    summary: str
    area: str
    lead_team: str
    owner: str
    flag: str
    critical: bool
    size: str
    risk: str
    version: str = "1"
    intake: Mapping[str, Any] = field(
        default_factory=dict
    )  # what it enters with; empty: a person takes it in
    documents: tuple[Mapping[str, Any], ...] = ()  # where its runbooks, guides and others lie


@dataclass(frozen=True, slots=True)
class FlagFile:
    """A flag as the files say; without an audience in them, who gets it is decided elsewhere."""

    spec: FlagSpec
    audience_is_told: bool
    exemption: str  # why a new release goes to everybody at once


@dataclass(frozen=True, slots=True)
class Program:
    """Everything the files say. `warnings` are unwise but allowed."""

    company: Company
    tenants: tuple[TenantFile, ...]
    departments: tuple[Department, ...]
    teams: tuple[Team, ...]
    people: tuple[PersonFile, ...]
    lead_teams: tuple[LeadTeam, ...]
    areas: tuple[Area, ...]
    features: tuple[FeatureFile, ...]
    plans: tuple[Plan, ...]
    surveys: tuple[SurveySpec, ...]
    flag_sets: tuple[SetSpec, ...] = ()
    segments: tuple[SegmentSpec, ...] = ()
    flags: tuple[FlagFile, ...] = ()
    measures: Definitions = field(default_factory=dict)  # what is measured, by kind: telemetry types it
    requests: tuple[Mapping[str, Any], ...] = ()  # request types: approvals reads them
    cases: tuple[Mapping[str, Any], ...] = ()  # case types: cases reads them
    scorecards: tuple[Mapping[str, Any], ...] = ()  # of readiness: features reads them
    playbooks: tuple[Playbook, ...] = ()
    definitions: tuple[Mapping[str, str], ...] = ()  # what soft words mean: name, term, means
    surfaces: tuple[dict[str, Any], ...] = ()  # which feature each belongs to
    elsewhere: tuple[dict[str, Any], ...] = ()  # what the company has outside this instance
    processes: tuple[dict[str, Any], ...] = ()  # core processes, and where they run
    warnings: tuple[Problem, ...] = ()

    def members(self, team: str) -> tuple[PersonFile, ...]:
        """Return the people of `team`, in the order of the file."""
        return tuple(person for person in self.people if person.team == team)

    def teams_of(self, part: CohortPart) -> tuple[Team, ...]:
        """Return the teams that a part of a cohort names: those that work in its tenant and fit."""
        return tuple(
            team
            for team in self.teams
            if part.tenant in team.tenants
            and (part.everyone or team.slug in part.teams or part.department == team.department)
        )

    def teams_on(self, plan: Plan, stage: str) -> frozenset[tuple[str, str]]:
        """Return who is on at a stage, as (tenant, team): all who joined so far, without those held out."""
        reached = plan.index_of(stage)
        on: set[tuple[str, str]] = set()
        for entered in plan.stages[: reached + 1]:
            held = {out.team for out in entered.excluded if plan.index_of(out.until) > reached}
            for part in entered.cohort:
                on |= {(part.tenant, team.slug) for team in self.teams_of(part) if team.slug not in held}
        return frozenset(on)
