"""Merging what is the same, so that it can be taken apart again: nothing is moved, each case keeps what it has."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from companyos.work.cases.actions.refusals import NoSuchCase, Refused
from companyos.work.cases.actions.triaging import check_worker
from companyos.work.cases.actions.writing import change_both
from companyos.work.cases.domain.types import Event, EventKind, Phase
from companyos.work.cases.models import Case
from companyos.work.cases.queries.one import find

_LEAST = "sev9"
_Both = tuple[Sequence[Event], Sequence[Event]]


def merge(*, actor: str, case: str, into: str, now: datetime) -> None:
    """Let `into` carry a case: its reporter hears what happens there, its votes and words count there too (R82).

    Raises Refused for a case with itself, for one that is merged already, and where the carrier is over or less
    severe: a merge must not hide an open Sev1.
    """
    if case == into:
        raise Refused("A case is not merged with itself.")

    def decide(row: Case, carrier: Case | None) -> _Both:
        if carrier is None:
            raise Refused("Choose the case to merge into.")
        check_worker(row, actor)
        check_worker(carrier, actor)
        _check(row, carrier)
        return (
            (Event(EventKind.MERGED, actor, now, {"into": str(carrier.pk), "label": label_of(carrier)}),),
            (Event(EventKind.TOOK_IN, actor, now, {"case": str(row.pk), "label": label_of(row)}),),
        )

    change_both(case, into, decide, now=now)


def unmerge(*, actor: str, case: str, now: datetime) -> None:
    """Take a merge back: both cases stand as they would have without it, but for the time their clocks paused."""
    seen = find(case)
    if seen is None:
        raise NoSuchCase("There is no such case that you may see.")
    check_worker(seen, actor)
    carrier = seen.merged_into
    if not carrier:
        raise Refused("It is not merged.")

    def decide(row: Case, other: Case | None) -> _Both:
        check_worker(row, actor)
        if other is None or row.merged_into != str(other.pk):
            raise Refused("Somebody else has just taken the merge back.")
        return (
            (Event(EventKind.UNMERGED, actor, now, {"from": str(other.pk), "label": label_of(other)}),),
            (Event(EventKind.GAVE_BACK, actor, now, {"case": str(row.pk), "label": label_of(row)}),),
        )

    change_both(case, carrier, decide, now=now)


def label_of(row: Case) -> str:
    return f"{row.tenant_id}-{row.number}"


def _check(row: Case, carrier: Case) -> None:
    if row.merged_into:
        raise Refused("It is merged already. Take that merge back first.")
    if carrier.merged_into:
        raise Refused(f"{label_of(carrier)} is merged itself. Merge into the case that carries it.")
    if Phase(carrier.phase).is_over:
        raise Refused(f"{label_of(carrier)} is over. Reopen it first, or leave this one by itself.")
    if (row.severity or _LEAST) < (carrier.severity or _LEAST) and not Phase(row.phase).is_over:
        raise Refused(
            f"This one is {row.severity}, {label_of(carrier)} only {carrier.severity or 'without severity'}:"
            " a merge would hide it. Raise the severity there first."
        )
