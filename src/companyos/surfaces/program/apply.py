"""Make the instance what the program files say: all of it in one transaction, or nothing; twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db import transaction

from companyos.adoption.features import actions as features
from companyos.adoption.flags import actions as flags
from companyos.adoption.flags import queries as flag_queries
from companyos.adoption.rollouts import actions as rollouts
from companyos.adoption.surveys import actions as surveys
from companyos.adoption.telemetry import actions as telemetry
from companyos.change.comms import actions as comms
from companyos.change.playbooks import actions as playbooks
from companyos.people.identity import actions as identity
from companyos.people.tenants import actions as tenants
from companyos.surfaces.program.ownership import ownerships_of
from companyos.surfaces.program.types import FeatureFile, FlagFile, Program
from companyos.work.approvals import actions as approvals
from companyos.work.cases import actions as cases
from companyos.work.feedback import actions as feedback
from companyos.work.roadmap import actions as roadmap

AUTHOR = "program"


class _Undo(Exception):
    """Ends a preview: what was changed is taken back."""


def apply(program: Program, *, now: datetime) -> tuple[str, ...]:
    """Apply the program and return what changed, one line each."""
    with transaction.atomic():
        changes = tuple(_changes(program, now))
        if changes or flag_queries.latest_version() == 0:
            flags.new_ruleset(actor=AUTHOR, because="the program was applied", now=now)
    return changes


def preview(program: Program, *, now: datetime) -> tuple[str, ...]:
    """Return what `apply` would change, and change nothing: the drift between files and instance."""
    changes: tuple[str, ...] = ()
    try:
        with transaction.atomic():
            changes = tuple(_changes(program, now))
            raise _Undo
    except _Undo:
        return changes


def _changes(program: Program, now: datetime) -> Iterator[str]:
    yield from _tenants(program)
    yield from _directory(program)
    yield from _members(program)
    yield from _readiness(program, now)
    yield from _features(program, now)
    yield from _ownership(program)
    yield from _surveys(program)
    yield from _flags(program, now)
    yield from _rollouts(program, now)
    yield from _measures(program)
    yield from _request_types(program, now)
    yield from _case_types(program, now)
    yield from _playbooks(program, now)


def _tenants(program: Program) -> Iterator[str]:
    for tenant in program.tenants:
        if tenants.keep_tenant(
            slug=tenant.slug,
            title=tenant.title,
            tenant_class=tenant.tenant_class,
            region=tenant.region,
            owners=tenant.owners,
            data_domains=tenant.data_domains,
            may_hold=tenant.may_hold,
            risk=tenant.risk,
            flag_strategy=tenant.flag_strategy,
            scope=", ".join(tenant.scope),
            goals=tenant.goals,
        ):
            yield f"tenant {tenant.slug}"


def _directory(program: Program) -> Iterator[str]:
    for department in program.departments:
        if identity.keep_department(slug=department.slug, title=department.title, head=department.head):
            yield f"department {department.slug}"
    for team in program.teams:
        if identity.keep_team(
            slug=team.slug,
            title=team.title,
            department=team.department,
            home_tenant=team.tenant,
            works_in=team.works_in or team.tenant,
            lead=team.lead,
        ):
            yield f"team {team.slug}"
    for person in program.people:
        if identity.keep_person(
            slug=person.slug, name=person.name, email=person.email, team=person.team, job_role=person.role
        ):
            yield f"person {person.slug}"


def _members(program: Program) -> Iterator[str]:
    teams = {team.slug: team for team in program.teams}
    for tenant in program.tenants:
        at_home = {p.slug: "member" for p in program.people if teams[p.team].tenant == tenant.slug}
        guests = {p.slug: "guest" for p in program.people if teams[p.team].works_in == tenant.slug}
        if changed := tenants.keep_members(tenant=tenant.slug, people=guests | at_home):
            yield f"{changed} memberships of {tenant.slug}"


def _readiness(program: Program, now: datetime) -> Iterator[str]:
    """Scorecards and definitions before features: an intake keeps the version it was taken in with."""
    for document in program.scorecards:
        if features.keep_scorecard(document=document, now=now):
            yield f"scorecard {document['scorecard']}"
    for each in program.definitions:
        if features.keep_definition(**each, actor=AUTHOR, because="the program's files", now=now):
            yield f"definition {each['name']}"
    if features.keep_surfaces(rows=program.surfaces):
        yield "register of surfaces"
    if features.keep_elsewhere(rows=program.elsewhere):
        yield "what lives elsewhere"
    if features.keep_processes(rows=program.processes):
        yield "register of core processes"


def _features(program: Program, now: datetime) -> Iterator[str]:
    for area in program.areas:
        if features.keep_area(slug=area.slug, title=area.title, lead=area.lead):
            yield f"area {area.slug}"
    for feature in program.features:
        if features.keep_feature(
            slug=feature.slug,
            title=feature.title,
            summary=feature.summary,
            area=feature.area,
            lead_team=feature.lead_team,
            owner=feature.owner,
            flag=feature.flag,
            critical=feature.critical,
            size=feature.size,
            risk=feature.risk,
        ):
            yield f"feature {feature.slug}"
        if feature.intake and features.keep_intake(
            actor=AUTHOR, feature=feature.slug, proposal=proposal_of(feature), now=now
        ):
            yield f"intake of {feature.slug}"
        if features.keep_documents(feature=feature.slug, documents=feature.documents, now=now):
            yield f"documents of {feature.slug}"


def proposal_of(feature: FeatureFile) -> features.Proposal:
    plain: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value for name, value in feature.intake.items()
    }
    return features.Proposal(
        slug=feature.slug, title=feature.title, summary=feature.summary, area=feature.area, owner=feature.owner,
        flag=feature.flag, size=feature.size, risk=feature.risk, critical=feature.critical, version=feature.version,
        documents=feature.documents, **plain,
    )  # fmt: skip


def _ownership(program: Program) -> Iterator[str]:
    for area in feedback.keep_ownership(ownerships=ownerships_of(program)):
        yield f"ownership of {area}"


def _surveys(program: Program) -> Iterator[str]:
    if roadmap.keep_rules(program.company.voting):
        yield "voting"
    if comms.keep_telling(program.company.telling):
        yield "heads-ups"
    if surveys.keep_budget(program.company.survey_budget):
        yield "survey budget"
    for survey in program.surveys:
        if surveys.keep_survey(survey):
            yield f"survey {survey.slug}"


def _flags(program: Program, now: datetime) -> Iterator[str]:
    """Segments before the flags that name them, a flag before those that require it."""
    for chosen in program.flag_sets:
        if flags.keep_set(chosen):
            yield f"flag set {chosen.name}"
    for segment in program.segments:
        if flags.keep_segment(spec=segment, now=now):
            yield f"segment {segment.slug}"
    for each in in_order(program.flags):
        changed = flags.keep_spec(
            spec=each.spec, audience_is_told=each.audience_is_told, skip_because=each.exemption, now=now
        )
        if changed:
            yield f"flag {each.spec.key}"
    if flags.keep_regions(now=now):
        yield "regions"


def in_order(files: tuple[FlagFile, ...]) -> tuple[FlagFile, ...]:
    """Put a flag after those it requires."""
    known = {each.spec.key: each for each in files}
    placed: dict[str, FlagFile] = {}

    def place(each: FlagFile) -> None:
        for key in each.spec.audience.requires:
            if key in known and key not in placed:
                place(known[key])
        placed[each.spec.key] = each

    for each in files:
        if each.spec.key not in placed:
            place(each)
    return tuple(placed.values())


def _rollouts(program: Program, now: datetime) -> Iterator[str]:
    flag_of = {feature.slug: feature.flag for feature in program.features}
    for plan in program.plans:
        if rollouts.keep_rollout(plan=plan, feature=plan.feature, flag=flag_of[plan.feature], now=now):
            yield f"plan {plan.slug}"


def _measures(program: Program) -> Iterator[str]:
    for kind, documents in program.measures.items():
        for name in telemetry.keep_definitions(kind=kind, documents=documents):
            yield f"{kind} {name}"


def _request_types(program: Program, now: datetime) -> Iterator[str]:
    for document in program.requests:
        if approvals.keep_type(document=document, now=now):
            yield f"request type {document['slug']}"


def _case_types(program: Program, now: datetime) -> Iterator[str]:
    for document in program.cases:
        if cases.keep_type(document=document, now=now):
            yield f"case type {document['slug']}"


def _playbooks(program: Program, now: datetime) -> Iterator[str]:
    for book in program.playbooks:
        if playbooks.keep_playbook(book=book, now=now):
            yield f"playbook {book.slug}"
