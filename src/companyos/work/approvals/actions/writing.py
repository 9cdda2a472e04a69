"""What every change of a request writes: where it stands, who is asked now, when to look again."""

from __future__ import annotations

from datetime import datetime

from companyos.work.approvals.domain.due import next_look
from companyos.work.approvals.domain.judge import Situation
from companyos.work.approvals.domain.outcomes import is_news
from companyos.work.approvals.domain.types import Act, Asked, Standing, Status
from companyos.work.approvals.models import AskedNow, Request

UNDECIDED = frozenset({Status.OPEN, Status.RETURNED})


def set_standing(row: Request, situation: Situation, standing: Standing, now: datetime) -> None:
    """Put the judgement's answer on the row; the caller saves it."""
    row.status = standing.status
    row.because = standing.because
    row.round = standing.round
    row.look_at = next_look(situation, now)
    if standing.status in UNDECIDED:
        row.decided_at = None
    elif row.decided_at is None:
        row.decided_at = now


def wait_to_tell(row: Request, before: str, last: Act, now: datetime) -> None:
    """Let an outcome wait to be told to who asked; what they did themselves they know."""
    if row.status == before:
        return
    news = is_news(Status(row.status), last, row.requester)
    row.to_tell = (row.to_tell or now) if news else None
    row.unseen = now if news else None


def write_asked(row: Request, standing: Standing, *, is_new: bool = False) -> None:
    """Make the inbox say what the standing says; only what differs is written."""
    wanted = {(asked.step, asked.seat): asked for asked in standing.asked}
    if not is_new:
        known = AskedNow.objects.of(row.tenant_id).filter(request=row)
        gone = []
        for one in known:
            same = wanted.get((one.step, one.seat))
            if same is not None and (same.person, same.why) == (one.person, one.why):
                del wanted[one.step, one.seat]
            else:
                gone.append(one.id)
        if gone:
            AskedNow.objects.of(row.tenant_id).filter(id__in=gone).delete()
    AskedNow.all_rows.bulk_create([_asked(row, asked) for asked in wanted.values()])


def _asked(row: Request, asked: Asked) -> AskedNow:
    return AskedNow(
        tenant_id=row.tenant_id,
        request=row,
        step=asked.step,
        title=asked.title,
        seat=asked.seat,
        person=asked.person,
        why=asked.why,
        since=asked.since,
        due_at=asked.due_at,
        told=not asked.step,  # that their request came back, its author is told with its other outcomes
    )
