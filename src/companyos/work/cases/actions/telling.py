"""Who is told what about a case: its reporter hears of triage, plan, fix and release without asking."""

from __future__ import annotations

from collections.abc import Iterator

from companyos.people.identity import queries as identity
from companyos.platform import outbox
from companyos.work.cases.domain.types import Event, EventKind, Phase
from companyos.work.cases.models import Case, Notice, Watcher
from companyos.work.cases.queries.definitions import definition_of
from companyos.work.cases.queries.family import reporters_of
from companyos.work.cases.queries.people import may_read, told_by_role

_REPORTER_HEARS = frozenset({
    EventKind.TRIAGED, EventKind.PLAN_ACCEPTED, EventKind.RESOLVED, EventKind.RELEASED, EventKind.MOVED,
    EventKind.ASKED_REPORTER, EventKind.MERGED, EventKind.UNMERGED,
})  # fmt: skip
_WATCHERS_HEAR = _REPORTER_HEARS | {EventKind.COMMENTED, EventKind.REOPENED}
_OWNER_HEARS = frozenset({
    EventKind.TRIAGED, EventKind.ASSIGNED, EventKind.REOPENED, EventKind.REPORTER_ANSWERED, EventKind.FIX_CONFIRMED,
})  # fmt: skip
_CLOCKS = frozenset({EventKind.WARNED, EventKind.BREACHED, EventKind.ESCALATED})


def tell(row: Case, event: Event, n: int) -> None:
    """Write a notice for everybody who should hear of an event; nobody is told what they did themselves."""
    people = {person: case for person, case in _hearers(row, event) if person and person != event.by}
    if not people:
        return
    says = words_of(row, event)[:300]
    Notice.all_rows.bulk_create(
        [
            Notice(tenant_id=case.tenant_id, case=case, person=person, kind=event.kind, source=row.pk,
                n=n,
                   says=says, at=event.at)
            for person, case in people.items()
        ],
        ignore_conflicts=True,
    )  # fmt: skip
    body = {"case": str(row.id), "n": n, "people": sorted(people), "kind": str(event.kind)}
    outbox.publish("case.told", body, at=event.at)


def _hearers(row: Case, event: Event) -> Iterator[tuple[str, Case]]:
    if event.kind in _REPORTER_HEARS:
        yield from ((case.reporter_id, case) for case in reporters_of(row))
    if event.kind in _WATCHERS_HEAR:
        watchers = Watcher.objects.of(row.tenant_id).filter(case=row).values_list("person", flat=True)
        yield from ((person, row) for person in watchers)
    if event.kind in _OWNER_HEARS:
        yield row.owner, row
    if event.kind in _CLOCKS:
        yield told_by_role(row, event.body["to"]), row
    yield from ((person, row) for person in event.body.get("mentions", ()) if may_read(row, person))


def words_of(row: Case, event: Event) -> str:
    """Say an event in a sentence for the people it concerns."""
    body, who = event.body, identity.name_of(event.by)
    status = definition_of(row.type, row.type_version).status(row.status).title
    match event.kind:
        case EventKind.TRIAGED:
            return (
                f"{who} of {_squad(body['squad'])} has taken it on; {identity.name_of(body['owner'])} owns it"
            )
        case EventKind.PLAN_ACCEPTED:
            return f"There is a plan for it, until {body['due']}"
        case EventKind.RESOLVED:
            return "It is fixed: did this fix it for you?"
        case EventKind.RELEASED:
            return f"It has reached you with {body['release'] or 'a release'}: did this fix it for you?"
        case EventKind.MOVED:
            over = Phase(body["phase"]) is Phase.CLOSED
            return (
                f"{status}: {body.get('note', '')}"
                if over or body.get("note")
                else f"It is {status.lower()} now"
            )
        case EventKind.ASKED_REPORTER:
            return f"{who} asks: {body['text']}"
        case EventKind.MERGED:
            return "Somebody reported the same: both are one case now, and your words and vote count there"
        case EventKind.COMMENTED:
            return f"{who} commented: {body['text']}"
        case EventKind.WARNED | EventKind.BREACHED | EventKind.ESCALATED:
            return str(body["because"])
    return f"{who}: {str(event.kind).replace('_', ' ')}"


def _squad(slug: str) -> str:
    return next((team.title for team in identity.teams() if team.slug == slug), slug)
