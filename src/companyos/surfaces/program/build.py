"""Checked files become the typed program."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.surveys.domain.types import (
    USUAL_SCALES,
    Audience,
    Budget,
    Kind,
    Letters,
    SurveySpec,
    Trigger,
)
from companyos.change.comms.domain.telling import Telling
from companyos.change.playbooks.domain.reading import playbook_from
from companyos.surfaces.program.flags import flag_of, segment_of, set_of
from companyos.surfaces.program.references import Files
from companyos.surfaces.program.source import Node
from companyos.surfaces.program.types import (
    Area,
    Company,
    Definitions,
    Department,
    FeatureFile,
    LeadTeam,
    PersonFile,
    Problem,
    Program,
    Team,
    TenantClass,
    TenantFile,
)
from companyos.work.roadmap.domain.types import Rules

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def program_from(files: Files, measures: Definitions, *, warnings: tuple[Problem, ...]) -> Program:
    """Build the program from files that passed every check."""
    return Program(
        company=_company(files.company.plain()),
        tenants=tuple(_tenant(entry.plain()) for entry in files.entries("tenant")),
        departments=tuple(Department(**entry.plain()) for entry in files.entries("department")),
        teams=tuple(Team(**entry.plain()) for entry in files.entries("team")),
        people=tuple(PersonFile(**entry.plain()) for entry in files.entries("person")),
        lead_teams=tuple(LeadTeam(**_with_tuples(entry.plain())) for entry in files.entries("lead team")),
        areas=tuple(Area(**_with_tuples(entry.plain())) for entry in files.entries("area")),
        features=tuple(feature_from(feature) for feature in files.features),
        plans=tuple(Plan.from_document(plan.plain()) for plan in files.plans),
        surveys=tuple(_survey(survey.plain()) for survey in files.surveys),
        flag_sets=tuple(set_of(entry) for entry in files.entries("flag set")),
        segments=tuple(segment_of(entry) for entry in files.entries("segment")),
        flags=tuple(flag_of(entry) for entry in files.entries("flag")),
        measures=measures,
        requests=tuple(request.plain() for request in files.requests),
        cases=tuple(case.plain() for case in files.cases),
        scorecards=tuple(each.plain() for each in files.readiness),
        playbooks=tuple(playbook_from(each.plain()) for each in files.playbooks),
        definitions=tuple(each.plain() for each in files.definitions.field("definitions").items()),
        surfaces=tuple(_surfaces(files.registers)),
        elsewhere=tuple(each.plain() for each in files.registers.field("elsewhere").items()),
        processes=tuple(each.plain() for each in files.registers.field("processes").items()),
        warnings=warnings,
    )


_KINDS_OF_OWN = {"routes": "route", "operations": "operation", "edge": "edge", "screens": "screen"}


def _surfaces(registers: Node) -> Iterator[dict[str, Any]]:
    """The company's own lines, and those of CompanyOS's features. A page is a screen too."""
    for each in registers.field("surfaces").items():
        yield each.plain()
    for own in registers.field("own").items():
        for field, kind in _KINDS_OF_OWN.items():
            for begins in own.texts(field):
                yield {"kind": kind, "begins": begins, "feature": own.field("slug").text}


def feature_from(feature: Node) -> FeatureFile:
    return FeatureFile(**_with_tuples(feature.plain()))


def problems_of_company(company: Node) -> Iterator[Problem]:
    """Say what a schema cannot see: zones and days that do not exist, and an anchor that is no Monday."""
    zone = company.field("zone")
    if zone.text and not _is_zone(zone.text):
        yield zone.problem(
            f"there is no time zone `{zone.text}`; allowed: an IANA name such as Europe/Madrid"
        )
    starts = company.field("rehearsal_starts")
    days = (company.field("sprint_anchor"), *company.field("holidays").items())
    for node in (*days, starts.field("baseline"), starts.field("plan")):
        if isinstance(node.plain(), str) and not _is_moment(node.plain()):
            yield node.problem(f"`{node.plain()}` is no day of the calendar; allowed: a day as 2026-12-25")
    yield from _sprints_start_on_a_monday(company.field("sprint_anchor"))
    yield from _later(company.field("working_hours"), "opens", "closes")
    yield from _later(starts, "baseline", "plan")


def _sprints_start_on_a_monday(anchor: Node) -> Iterator[Problem]:
    written = anchor.plain()
    if not isinstance(written, str) or not _is_moment(written):
        return
    day = datetime.fromisoformat(written).weekday()
    if day != 0:
        yield anchor.problem(f"`{written}` is a {WEEKDAYS[day]}; allowed: a Monday, as sprints start on one")


def _later(node: Node, first: str, second: str) -> Iterator[Problem]:
    early, late = node.field(first).text, node.field(second)
    if early and late.text and late.text <= early:
        yield late.problem(
            f"`{second}` ({late.text}) must be later than `{first}` ({early}); allowed: after {early}"
        )


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name).key)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return False


def _is_moment(text: str) -> bool:
    try:
        return bool(datetime.fromisoformat(text))
    except ValueError:
        return False


def _company(document: dict[str, Any]) -> Company:
    zone, hours, starts = ZoneInfo(document["zone"]), document["working_hours"], document["rehearsal_starts"]
    budget, voting = document.get("survey_budget"), document.get("voting")
    return Company(
        name=document["name"],
        zone=zone,
        working_hours=(time.fromisoformat(hours["opens"]), time.fromisoformat(hours["closes"])),
        weekdays=frozenset(WEEKDAYS.index(day) for day in hours["weekdays"]),
        holidays=frozenset(date.fromisoformat(day) for day in document["holidays"]),
        sprint_anchor=date.fromisoformat(document["sprint_anchor"]),
        baseline_starts=datetime.fromisoformat(starts["baseline"]).replace(tzinfo=zone),
        plan_starts=datetime.fromisoformat(starts["plan"]).replace(tzinfo=zone),
        survey_budget=Budget(budget["asks"], budget["days"]) if budget else Budget(),
        voting=Rules(voting["votes"], tuple(sorted(voting.get("weights", {}).items())))
        if voting
        else Rules(),
        telling=_telling(document.get("comms", {})),
    )


def _telling(document: dict[str, Any]) -> Telling:
    usual, days = Telling(), document.get("lead_days", {})
    at = document.get("daily_at")
    return Telling(
        document.get("channel", usual.channel),
        days.get("major", usual.major_days),
        days.get("minor", usual.minor_days),
        time.fromisoformat(at) if at else usual.daily_at,
    )


def _tenant(document: dict[str, Any]) -> TenantFile:
    tenant_class = TenantClass(document.pop("class"))
    return TenantFile(tenant_class=tenant_class, **_with_tuples(document))


def _survey(document: dict[str, Any]) -> SurveySpec:
    kind = Kind(document.pop("kind", Kind.CSAT))
    low, high, satisfied_from = USUAL_SCALES[kind]
    scale = document.pop("scale", {"from": low, "to": high})
    return SurveySpec(
        kind=kind,
        scale=(scale["from"], scale["to"]),
        satisfied_from=document.pop("satisfied_from", satisfied_from),
        choices=tuple(document.pop("choices", ())),
        trigger=Trigger(document.pop("trigger", Trigger.FIRST_EXPOSURE)),
        audience=Audience(document.pop("audience")),
        letters=tuple(Letters(each) for each in document.pop("letters", Letters)),
        **document,
    )


def _with_tuples(document: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in document.items()}
