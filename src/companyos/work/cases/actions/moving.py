"""Moving a case along its type's table of states: fixed, released, declined, opened again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from companyos.work.cases.actions.refusals import Refused, Unclear
from companyos.work.cases.actions.shipping import keep_change
from companyos.work.cases.actions.triaging import check_reader, check_worker
from companyos.work.cases.actions.writing import change
from companyos.work.cases.domain.definition import Definition, Status
from companyos.work.cases.domain.types import Event, EventKind, Origin, Phase
from companyos.work.cases.models import Case
from companyos.work.cases.queries.definitions import definition_of

LONGEST_NOTE = 2_000
_OPEN_AGAIN = (Phase.ACCEPTED, Phase.WORKING, Phase.PLANNED, Phase.NEW)


def move(*, actor: str, case: str, to: str, note: str = "", now: datetime) -> None:
    """Move a case to another state of its type. To close it undone needs a reason, which its reporter reads.

    Raises Refused for a move that the table does not have, and NotAllowed.
    """

    def decide(row: Case) -> Sequence[Event]:
        check_worker(row, actor)
        _refuse_merged(row)
        definition = definition_of(row.type, row.type_version)
        if row.status == to:
            return ()
        if not definition.may_move(row.status, to):
            raise Refused(_no_way(definition, row.status, to))
        status = definition.status(to)
        if status.phase is Phase.CLOSED and len(note.strip()) < 3:
            raise Unclear("Say why: its reporter reads the reason.", "note")
        if status.phase is Phase.RELEASED:
            _keep_shipped(actor, row, "", now)
        return (_moved(actor, row, status, note.strip()[:LONGEST_NOTE], now),)

    change(case, decide, now=now)


def resolve(*, actor: str, case_id: str, resolution: str, now: datetime) -> None:
    """Say that a case is fixed, and how; fixing it twice keeps the first. Raises NoSuchCase and NotAllowed."""

    def decide(row: Case) -> Sequence[Event]:
        check_worker(row, actor)
        _refuse_merged(row)
        if Phase(row.phase).is_over:
            return ()
        definition = definition_of(row.type, row.type_version)
        status = definition.next_of(row.status, Phase.DONE)
        if status is None:
            raise Refused(f"From {definition.status(row.status).title} it cannot be done yet.")
        return (_moved(actor, row, status, resolution[:LONGEST_NOTE], now),)

    change(case_id, decide, now=now)


def release(*, actor: str, case: str, release: str, link: str = "", now: datetime) -> None:
    """Say that the fix has reached its reporter, and with which release; the change counts as of internal origin."""

    def decide(row: Case) -> Sequence[Event]:
        check_worker(row, actor)
        _refuse_merged(row)
        definition = definition_of(row.type, row.type_version)
        status = definition.next_of(row.status, Phase.RELEASED)
        if row.phase == Phase.RELEASED:
            return ()
        if status is None:
            raise Refused(f"From {definition.status(row.status).title} it cannot be released: fix it first.")
        _keep_shipped(actor, row, link, now)
        body = {"release": release.strip()[:200], "status": status.slug, "phase": str(status.phase)}
        return (Event(EventKind.RELEASED, actor, now, body),)

    change(case, decide, now=now)


def decline(*, actor: str, case: str, because: str, now: datetime) -> None:
    """Close a case undone, with the reason that its reporter reads. Raises Refused where its type has no such way."""

    def decide(row: Case) -> Sequence[Event]:
        check_worker(row, actor)
        _refuse_merged(row)
        definition = definition_of(row.type, row.type_version)
        status = definition.next_of(row.status, Phase.CLOSED)
        if row.phase == Phase.CLOSED:
            return ()
        if status is None:
            raise Refused(f"From {definition.status(row.status).title} it cannot be declined.")
        if len(because.strip()) < 3:
            raise Unclear("Say why: its reporter reads the reason.", "note")
        return (_moved(actor, row, status, because.strip()[:LONGEST_NOTE], now),)

    change(case, decide, now=now)


def reopen(*, actor: str, case: str, because: str = "", now: datetime) -> None:
    """Open a case again that is over. Its reporter may; so may whoever works on it. One click, no reason needed."""

    def decide(row: Case) -> Sequence[Event]:
        if actor != row.reporter_id:
            check_worker(row, actor)
        return _opened_again(actor, row, because, now)

    change(case, decide, now=now)


def answer_fix(*, actor: str, case: str, fixed: bool, note: str = "", now: datetime) -> None:
    """Keep what a reporter says to "did this fix it?" (R5); a no opens the case again.

    A reporter of a merged case answers on their own case; a no opens the one that carries it.
    """
    carrier = ""

    def decide(row: Case) -> Sequence[Event]:
        nonlocal carrier
        check_reader(row, actor)
        if actor != row.reporter_id:
            raise Refused("Only the person who reported it can say whether it is fixed for them.")
        carrier = row.merged_into
        if not carrier and not Phase(row.phase).is_over:
            raise Refused("It is not fixed yet.")
        said = Event(EventKind.FIX_CONFIRMED, actor, now, {"confirmed": "yes" if fixed else "no"})
        again = () if fixed or carrier else _opened_again(actor, row, note or "It did not fix it", now)
        return (said, *again)

    change(case, decide, now=now)
    if carrier and not fixed:
        _open_carrier(actor, carrier, note, now)


def _keep_shipped(actor: str, row: Case, link: str, now: datetime) -> None:
    if row.feature:
        keep_change(actor, row.feature, row.title, link, Origin.INTERNAL_FEEDBACK, (str(row.pk),), now)


def _open_carrier(actor: str, carrier: str, note: str, now: datetime) -> None:
    def decide(row: Case) -> Sequence[Event]:
        over = Phase(row.phase).is_over
        return _opened_again(actor, row, note or "It did not fix it for somebody", now) if over else ()

    change(carrier, decide, now=now)


def _opened_again(actor: str, row: Case, because: str, now: datetime) -> Sequence[Event]:
    _refuse_merged(row)
    if not Phase(row.phase).is_over:
        return ()
    definition = definition_of(row.type, row.type_version)
    status = definition.next_of(row.status, *_OPEN_AGAIN)
    if status is None:
        raise Refused(
            f"From {definition.status(row.status).title} it cannot be opened again; report it anew."
        )
    body = {"status": status.slug, "phase": str(status.phase), "because": because.strip()[:LONGEST_NOTE]}
    return (Event(EventKind.REOPENED, actor, now, body),)


def _moved(actor: str, row: Case, status: Status, note: str, now: datetime) -> Event:
    """Return the event of a move; what is over by being done is resolved, and what opens again is reopened."""
    body = {"status": status.slug, "phase": str(status.phase), "note": note}
    if status.phase is Phase.DONE:
        return Event(EventKind.RESOLVED, actor, now, body | {"resolution": note})
    if status.phase is Phase.RELEASED:
        return Event(EventKind.RELEASED, actor, now, body | {"release": note[:200]})
    if Phase(row.phase).is_over and not status.phase.is_over:
        return Event(EventKind.REOPENED, actor, now, body | {"because": note})
    return Event(EventKind.MOVED, actor, now, body)


def _refuse_merged(row: Case) -> None:
    if row.merged_into:
        raise Refused("It is merged into another case. Work there, or take the merge back first.")


def _no_way(definition: Definition, here: str, to: str) -> str:
    moves = ", ".join(definition.status(slug).title for slug in definition.status(here).moves) or "nowhere"
    return f"{definition.status(here).title} does not go to {to}; it goes to {moves}."
