"""How every change of a case is written: look, decide, append its events, and keep the columns in step.

Of any number of people who change one case at once, each sees what the others did: the row is locked where the store
can, and swapped by its version in any case.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import IntegrityError, OperationalError, transaction

from companyos.platform import outbox
from companyos.work.cases.actions.refusals import NoSuchCase, Refused
from companyos.work.cases.actions.telling import tell
from companyos.work.cases.domain.due import first_due, sayings_to_come
from companyos.work.cases.domain.state import State, after
from companyos.work.cases.domain.types import CHANGES_CLOCKS, SAID_BY_CLOCKS, Event, EventKind
from companyos.work.cases.models import Case, CaseEvent
from companyos.work.cases.queries.calendars import calendar_of_squad
from companyos.work.cases.queries.definitions import definition_of
from companyos.work.cases.queries.log import clock_events

_TRIES = 200
_BY_ID = "the actor is judged against the case itself before anything is written"
_QUIET = frozenset({EventKind.VOTED, EventKind.UNVOTED, EventKind.WATCHED, EventKind.UNWATCHED})
_MOVES_CLOCKS = CHANGES_CLOCKS | SAID_BY_CLOCKS | {EventKind.REJUDGED}
_COLUMNS = (
    "type", "status", "phase", "severity", "squad", "owner", "triaged_at", "plan", "planned_at", "waiting_since",
    "resolved_at", "resolution", "released_at", "release", "confirmed", "merged_into", "votes", "reopened",
)  # fmt: skip
Decide = Callable[[Case], Sequence[Event]]


class Overtaken(Exception):
    """Somebody else changed the case between the look and the write."""


def change(case: str, decide: Decide, *, now: datetime) -> Case:
    """Let `decide` say what happens to a case, and write it. Raises NoSuchCase and what `decide` raises."""
    return change_both(case, "", lambda row, _: (decide(row), ()), now=now)


def change_both(
    case: str,
    other: str,
    decide: Callable[[Case, Case | None], tuple[Sequence[Event], Sequence[Event]]],
    *,
    now: datetime,
) -> Case:
    """As `change`, for two cases in one transaction; both are locked in one order, so that nobody waits for ever."""
    for _ in range(_TRIES):
        try:
            with transaction.atomic():
                rows = {each: locked(each) for each in sorted(filter(None, {case, other}))}
                first, second = decide(rows[case], rows.get(other))
                append(rows[case], first, now)
                if other:
                    append(rows[other], second, now)
                return rows[case]
        except Overtaken:
            continue
        except OperationalError as error:
            if "locked" not in str(error) and "deadlock" not in str(error):
                raise
    raise Refused("Too many people change this case at once. Nothing was changed; try again.")


def locked(case: str) -> Case:
    """Return the case, locked until the transaction ends where the store can. Raises NoSuchCase."""
    try:
        key = UUID(case)
    except ValueError:
        raise NoSuchCase("There is no such case that you may see.") from None
    row = Case.objects.across_tenants(because=_BY_ID).select_for_update().filter(pk=key).first()
    if row is None:
        raise NoSuchCase("There is no such case that you may see.")
    return row  # type: ignore[no-any-return]


def append(row: Case, events: Sequence[Event], now: datetime) -> None:
    """Add events to a case's log, bring its columns in step, tell people, and put it into the outbox."""
    if not events:
        return
    version, state = row.version, state_from(row)
    for event in events:
        state = after(state, event)
    put(row, state)
    row.version = version + len(events)
    try:
        with transaction.atomic():
            CaseEvent.all_rows.bulk_create(_rows(row, version, events))
    except IntegrityError:
        raise Overtaken from None
    if any(event.kind in _MOVES_CLOCKS for event in events):
        set_clocks(row)
    written = {
        name: getattr(row, name) for name in (*_COLUMNS, "version", "type_version", "due_at", "look_at")
    }
    swapped = Case.objects.of(row.tenant_id).filter(pk=row.pk, version=version)
    if not swapped.update(**written, resolved_by_id=row.resolved_by_id):
        raise Overtaken
    for n, event in enumerate(events, start=version + 1):
        tell(row, event, n)
        publish(row, event, n, now)


def publish(row: Case, event: Event, n: int, now: datetime) -> None:
    """Put what happened into the outbox, as names only."""
    if event.kind not in _QUIET:
        body = {
            "case": str(row.id),
            "n": n,
            "feature": row.feature,
            "tenant": row.tenant_id,
            "type": row.type,
        }
        outbox.publish(f"case.{event.kind}", body, at=now)


def set_clocks(row: Case) -> None:
    """Work out when the first clock is over, and when one has something to say."""
    definition, calendar = definition_of(row.type, row.type_version), calendar_of_squad(row.squad)
    events = clock_events([row.pk]).get(row.pk, ())
    row.due_at = first_due(definition.clocks, events, calendar)
    coming = sayings_to_come(definition.clocks, definition.escalations, events, calendar)
    row.look_at = coming[0].at if coming else None


def state_from(row: Case) -> State:
    """Return the columns of a case as the state they are."""
    return State(**{name: getattr(row, name) for name in _COLUMNS}, resolved_by=row.resolved_by_id or "")


def put(row: Case, state: State) -> None:
    for name in _COLUMNS:
        setattr(row, name, getattr(state, name))
    row.resolved_by_id = state.resolved_by or None


def _rows(row: Case, version: int, events: Sequence[Event]) -> list[CaseEvent]:
    return [
        CaseEvent(
            tenant_id=row.tenant_id,
            case=row,
            n=n,
            kind=event.kind,
            by=event.by,
            at=event.at,
            body=_plain(event),
        )
        for n, event in enumerate(events, start=version + 1)
    ]


def _plain(event: Event) -> dict[str, Any]:
    return {key: str(value) if isinstance(value, UUID) else value for key, value in event.body.items()}
