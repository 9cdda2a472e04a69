"""Bringing a case and its issue to agree: what happened on either side is weighed; what holds there is done here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from companyos.people.identity import queries as identity
from companyos.work.cases import actions as cases
from companyos.work.cases.actions.writing import locked
from companyos.work.cases.domain.types import Event, EventKind, Phase
from companyos.work.cases.queries.one import Detail
from companyos.work.trackers.domain.settling import settle
from companyos.work.trackers.domain.types import Change, Field, Heard, Side, Status
from companyos.work.trackers.models import FieldChange, Issue

_MOVES = frozenset(
    {EventKind.OPENED, EventKind.MOVED, EventKind.RESOLVED, EventKind.RELEASED, EventKind.REOPENED}
)
_GRADES = frozenset({EventKind.OPENED, EventKind.TRIAGED, EventKind.SEVERITY_SET})


def weigh_what_happened_here(issue: Issue, found: Detail, now: datetime) -> None:
    """Weigh every change of the case since the last look, in order."""
    people = {person.slug for person in identity.everybody()}
    for n, event in enumerate(found.events, start=1):
        if n > issue.read_to and n not in issue.mirrored:
            for what, value in _changed_by(event):
                held = held_by(issue, what)
                if held is None or held.value != value:
                    change = Change(what, value, event.at, event.by, event.by in people, Side.HERE)
                    weigh(issue, change, now)
    issue.read_to = len(found.events)


def weigh(issue: Issue, change: Change, now: datetime) -> bool:
    """Weigh one change, keep it in the history, and say whether it holds."""
    outcome = settle(change, held_by(issue, change.field))
    told = FieldChange.objects.of(issue.tenant_id).filter(issue=issue).count()
    FieldChange(
        tenant_id=issue.tenant_id, issue=issue, n=told + 1,
        field=str(change.field), value=change.value, side=str(change.side),
        by=change.by[:120], is_person=change.is_person, at=change.at, heard_at=now, wins=outcome.wins,
        because=outcome.because[:300],
    ).save(force_insert=True)  # fmt: skip
    if outcome.wins:
        issue.holds[str(change.field)] = _plain(change)
    return outcome.wins


def held_by(issue: Issue, what: Field) -> Change | None:
    told = issue.holds.get(str(what))
    if told is None:
        return None
    at = datetime.fromisoformat(told["at"])
    return Change(what, told["value"], at, told["by"], told["is_person"], Side(told["side"]))


def do_here(issue: Issue, actor: str, what: Field, heard: Heard, value: str, on: str, now: datetime) -> str:
    """Do to the case what was done to the issue; returns why it could not be, or nothing."""
    case, said = str(issue.case), f"{heard.by} on {on}: {heard.issue.url}"
    before = locked(case).version
    try:
        if what is Field.SEVERITY and value:
            cases.set_severity(actor=actor, case=case, severity=value, because=said, now=now)
        elif what is Field.STATUS:
            _move(actor, case, Status(value), said, now)
    except cases.Refused as refusal:
        return str(refusal)
    finally:
        mirror(issue, before, locked(case).version)
    return ""


def mirror(issue: Issue, before: int, after: int) -> None:
    """Remember that these events of the case tell what was done there: they are not told back."""
    issue.mirrored = [*issue.mirrored, *range(before + 1, after + 1)]


def _move(actor: str, case: str, wanted: Status, said: str, now: datetime) -> None:
    row = locked(case)
    if status_of(Phase(row.phase)) is wanted:
        return
    if wanted is Status.OPEN:
        cases.reopen(actor=actor, case=case, because=said, now=now)
    elif wanted is Status.DONE:
        cases.resolve(actor=actor, case_id=case, resolution=said, now=now)
    else:
        cases.decline(actor=actor, case=case, because=said, now=now)


def status_of(phase: Phase) -> Status:
    if phase in {Phase.DONE, Phase.RELEASED}:
        return Status.DONE
    return Status.DECLINED if phase is Phase.CLOSED else Status.OPEN


def _changed_by(event: Event) -> Iterator[tuple[Field, str]]:
    if event.kind in _MOVES and "phase" in event.body:
        yield Field.STATUS, status_of(Phase(event.body["phase"]))
    if event.kind in _GRADES:
        yield Field.SEVERITY, str(event.body.get("severity", ""))


def _plain(change: Change) -> dict[str, Any]:
    return {
        "value": change.value,
        "at": change.at.isoformat(),
        "by": change.by,
        "is_person": change.is_person,
        "side": str(change.side),
    }
