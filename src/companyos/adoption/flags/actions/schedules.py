"""Changes to come: planned, taken back, and carried out when their time has come."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from companyos.adoption.flags.actions.changes import change, kill
from companyos.adoption.flags.actions.saving import announce, flag_at, who_was_first
from companyos.adoption.flags.domain.change import allow, need_a_reason, with_changes
from companyos.adoption.flags.domain.documents import Malformed, plain
from companyos.adoption.flags.domain.refusals import NoSuch, Refused, Unclear
from companyos.adoption.flags.domain.types import FlagSpec, FlagState
from companyos.adoption.flags.models import Scheduled
from companyos.kernel.canonical_json import sha256_of
from companyos.kernel.ids import id_of

MOST_WAITING = 50


def schedule(
    *,
    actor: str,
    key: str,
    at: datetime,
    changes: Mapping[str, Any],
    because: str,
    now: datetime,
    skip_because: str = "",
) -> str:
    """Plan a change for later and return its id. Who may not make it now may not plan it either."""
    need_a_reason(because)
    if at <= now:
        raise Unclear("A change to come lies in the future; make this one now instead.", "at")
    with transaction.atomic():
        world, state = flag_at(key, None)
        allow(actor, state.spec, world)
        wanted = _scheduled_changes(state.spec, changes)
        if Scheduled.objects.filter(flag_id=key, outcome="waiting").count() >= MOST_WAITING:
            raise Refused(f"{MOST_WAITING} changes are waiting already. Cancel one first.")
        row = Scheduled.objects.create(
            id=id_of(now, "scheduled", key, at.isoformat(), sha256_of(wanted), Scheduled.objects.count()),
            flag_id=key, at=at, asked_at=now, author=actor, because=because.strip(), changes=wanted,
            before=_fields_of(state, wanted), exemption=skip_because.strip(),
        )  # fmt: skip
        announce(key, "scheduled", {"at": at.isoformat(), "author": actor, "because": because}, now)
    return str(row.id)


def cancel(*, actor: str, key: str, scheduled: str, because: str, now: datetime) -> None:
    """Take back a change to come."""
    need_a_reason(because)
    with transaction.atomic():
        world, state = flag_at(key, None)
        allow(actor, state.spec, world)
        told = {"outcome": "cancelled", "settled_at": now, "settled_by": actor, "told": because.strip()}
        waiting = Scheduled.objects.filter(pk=scheduled, flag_id=key, outcome="waiting")
        if not waiting.update(**told):
            found = Scheduled.objects.filter(pk=scheduled, flag_id=key).first()
            if found is None:
                raise NoSuch("There is no such change to come.")
            raise Refused(f"It is {found.outcome} already.")
        announce(key, "cancelled", {"author": actor, "because": because}, now)


def apply_scheduled(*, scheduled: str, now: datetime) -> str:
    """Carry out a change whose time has come, as its author; returns how it went.

    One that no longer applies says why.
    """
    with transaction.atomic():
        row = Scheduled.objects.select_for_update().get(pk=scheduled)
        if row.outcome != "waiting":
            return row.outcome
        try:
            with transaction.atomic():
                _carry_out(row, now)
            outcome, told = "applied", ""
        except (Refused, Malformed) as refusal:
            outcome, told = "refused", str(refusal)
        Scheduled.objects.filter(pk=scheduled).update(
            outcome=outcome, told=told, settled_at=now, settled_by=row.author
        )
        if outcome == "refused":
            announce(row.flag_id, "schedule_refused", {"author": row.author, "because": told}, now)
    return outcome


def _carry_out(row: Scheduled, now: datetime) -> None:
    _, state = flag_at(row.flag_id, None)
    if _fields_of(state, row.changes) != row.before:
        raise Refused(
            f"What it would change is no longer what it was. {who_was_first(row.flag_id, 0, row.asked_at)}"
        )
    because = f"as scheduled: {row.because}"
    if "kill" in row.changes:
        kill(actor=row.author, key=row.flag_id, because=because, now=now)
        return
    change(
        actor=row.author, key=row.flag_id, changes=row.changes, version=state.version, because=because, now=now,
        skip_because=row.exemption,
    )  # fmt: skip


def _scheduled_changes(spec: FlagSpec, changes: Mapping[str, Any]) -> dict[str, Any]:
    if changes == {"kill": True}:
        return dict(changes)
    with_changes(spec, changes)
    return dict(changes)


def _fields_of(state: FlagState, changes: Mapping[str, Any]) -> dict[str, Any]:
    if "kill" in changes:
        return {"kill": state.killed is not None}
    known = plain(state.spec)
    return {name: known.get(name) for name in changes}
