"""The window for comments that a feature's internal GA opens, for one week (R91)."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from companyos.platform import outbox
from companyos.work.roadmap.actions.refusals import NotYours, Refused, with_reason
from companyos.work.roadmap.actions.rfcs import new_rfc, write_move
from companyos.work.roadmap.domain.rfc import WINDOW, summary
from companyos.work.roadmap.domain.types import RfcState
from companyos.work.roadmap.models import Rfc, RfcComment, RfcMove
from companyos.work.roadmap.queries.stewards import is_steward

ROLLOUT = "rollout"


def open_window(*, feature: str, title: str, now: datetime) -> int | None:
    """Open a feature's window and return the RFC's number; None when it has one already (an event heard twice)."""
    row = Rfc(
        title=f"Feedback on {title} after internal GA"[:160],
        body="What should change before customers get it? A blocking comment holds external GA until it is resolved.",
        author=ROLLOUT,
        feature=feature,
        state=RfcState.DISCUSSION,
        at=now,
        closes_at=now + WINDOW,
        is_window=True,
        window_of=feature,
    )
    if Rfc.objects.filter(window_of=feature).exists():
        return None
    try:
        return new_rfc(row)
    except IntegrityError:
        return None


def extend(*, actor: str, number: int, until: datetime, because: str, now: datetime) -> None:
    """Give an open window more time, with a reason. Raises Refused."""
    if not is_steward(actor):
        raise NotYours("Only somebody who leads a team extends a window.")
    reason, row = with_reason(because), Rfc.objects.filter(pk=number, is_window=True).first()
    if row is None or row.closes_at is None or row.state != RfcState.DISCUSSION:
        raise Refused("There is no open window under this number.")
    if not row.closes_at < until <= row.closes_at + 4 * WINDOW:
        raise Refused("A window is extended to a later moment, at most four weeks on.")
    with transaction.atomic():
        if not Rfc.objects.filter(pk=number, version=row.version).update(
            closes_at=until, version=row.version + 1
        ):
            raise Refused("Somebody changed it meanwhile. Load the page again.")
        RfcMove.objects.create(
            rfc=row, version=row.version + 1, before=row.state, after=row.state,
            because=f"Open until {until:%d %b %Y}: {reason}", by=actor, at=now,
        )  # fmt: skip
        outbox.publish("rfc.extended", {"rfc": number, "until": until.isoformat()}, at=now)


def close_due(now: datetime) -> int:
    """Close the windows whose time is over, each with a drafted summary; says how many."""
    due = list(Rfc.objects.filter(is_window=True, state=RfcState.DISCUSSION, closes_at__lte=now))
    for row in due:
        told = list(RfcComment.objects.filter(rfc=row).values_list("by", "blocking", "resolved_at"))
        blocking = [resolved for _, blocks, resolved in told if blocks]
        said = summary(len(told), len({by for by, _, _ in told}), len(blocking), blocking.count(None))
        try:
            write_move(
                row, RfcState.FINAL_COMMENT, by=ROLLOUT, because="The week is over.", now=now, summary=said
            )
        except Refused:  # somebody moved or extended it at this moment: the next look sees what is true
            continue
    return len(due)
