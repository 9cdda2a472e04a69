"""Triage: a person of the squad accepts type, severity and owner (P15). Nothing else stops that clock."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from companyos.work.cases.actions.opening import check_severity
from companyos.work.cases.actions.refusals import NoSuchCase, NotAllowed, Refused, Unclear
from companyos.work.cases.actions.writing import change
from companyos.work.cases.domain.definition import PLAIN, Definition, Status
from companyos.work.cases.domain.types import Event, EventKind, Phase
from companyos.work.cases.models import Case
from companyos.work.cases.queries.definitions import definition_of
from companyos.work.cases.queries.people import may_read, may_work_on, squad_of


def accept_triage(
    *, actor: str, case: str, type_slug: str, severity: str, squad: str, owner: str, now: datetime
) -> None:
    """Take a case on: say what it is, how bad, and who owns it. Stops the triage clock; correcting it later is fine.

    Raises NoSuchCase, NotAllowed for somebody who is not of `squad`, Unclear for a type, severity or owner that does
    not fit, Refused for a case that is over or merged.
    """

    def decide(row: Case) -> Sequence[Event]:
        people = squad_of(squad)
        check_reader(row, actor)  # whoever may not read it cannot take it for their own squad either
        if actor not in people:
            raise NotAllowed(
                f"Only a person of the owning squad triages; you are not of {squad or 'any squad'}."
            )
        if owner not in people:
            raise Unclear(f"{owner or 'Nobody'} is not of {squad}: choose an owner from the squad.", "owner")
        refuse_over(row)
        definition = _known(type_slug, row)
        check_severity(definition, severity)
        if definition.severities and not severity:
            raise Unclear(f"Choose a severity: {', '.join(definition.severities)}.", "severity")
        status = _accepted(definition, row)
        if row.type != type_slug:
            row.type_version = 0 if definition is PLAIN else definition.version
        body = {"type": type_slug, "severity": severity, "squad": squad, "owner": owner, "status": status.slug,
                "phase": str(status.phase)}  # fmt: skip
        return (Event(EventKind.TRIAGED, actor, now, body),)

    change(case, decide, now=now)


def assign(*, actor: str, case: str, squad: str, owner: str = "", now: datetime) -> None:
    """Hand a case to a squad, or to a person of it. Handing it on does not triage it."""

    def decide(row: Case) -> Sequence[Event]:
        check_worker(row, actor)
        refuse_over(row)
        people = squad_of(squad)
        if not people:
            raise Unclear(f"There is no squad {squad!r}.", "squad")
        if owner and owner not in people:
            raise Unclear(f"{owner} is not of {squad}: choose an owner from the squad.", "owner")
        if (row.squad, row.owner) == (squad, owner):
            return ()
        return (Event(EventKind.ASSIGNED, actor, now, {"squad": squad, "owner": owner}),)

    change(case, decide, now=now)


def hand_on(*, actor: str, case: str, squad: str, now: datetime) -> None:
    """Hand a case that nobody has taken on to another squad, which reads it from then on: whoever reads it may."""

    def decide(row: Case) -> Sequence[Event]:
        check_reader(row, actor)
        refuse_over(row)
        if row.triaged_at is not None:
            check_worker(row, actor)
        if not squad_of(squad):
            raise Unclear(f"There is no squad {squad!r}.", "squad")
        return (
            ()
            if row.squad == squad
            else (Event(EventKind.ASSIGNED, actor, now, {"squad": squad, "owner": ""}),)
        )

    change(case, decide, now=now)


def set_severity(*, actor: str, case: str, severity: str, because: str, now: datetime) -> None:
    """Say how bad it is. Sev1 and Sev2 start the fix clock now; from one of them to the other it runs on (R140)."""

    def decide(row: Case) -> Sequence[Event]:
        check_worker(row, actor)
        refuse_over(row)
        check_severity(definition_of(row.type, row.type_version), severity)
        if len(because.strip()) < 3:
            raise Unclear("Say why: a reason is kept with every change of severity.", "because")
        if row.severity == severity:
            return ()
        body = {"severity": severity, "before": row.severity, "because": because.strip()[:500]}
        return (Event(EventKind.SEVERITY_SET, actor, now, body),)

    change(case, decide, now=now)


def check_reader(row: Case, actor: str) -> None:
    """Whoever may not read a case learns nothing of it, not even that it is there."""
    if not may_read(row, actor):
        raise NoSuchCase("There is no such case that you may see.")


def check_worker(row: Case, actor: str) -> None:
    if not may_work_on(row, actor):
        check_reader(row, actor)
        raise NotAllowed(f"Only its owner and the people of {row.squad} change this case. You may comment.")


def refuse_over(row: Case) -> None:
    if row.merged_into:
        raise Refused("It is merged into another case. Work there, or take the merge back first.")
    if Phase(row.phase).is_over:
        raise Refused("It is over. Reopen it first.")


def _known(type_slug: str, row: Case) -> Definition:
    if type_slug == row.type:
        return definition_of(row.type, row.type_version)
    definition = definition_of(type_slug)
    if definition is PLAIN:
        raise Unclear(f"There is no case type {type_slug!r}.", "type")
    return definition


def _accepted(definition: Definition, row: Case) -> Status:
    """Return the state after triage: the first accepted one, unless the case is further already."""
    here = next((s for s in definition.statuses if s.slug == row.status), None)
    if here is not None and here.phase is not Phase.NEW:
        return here
    begin = definition.first.slug if here is None else here.slug
    return definition.next_of(begin, Phase.ACCEPTED, Phase.WORKING, Phase.PLANNED) or definition.status(begin)
