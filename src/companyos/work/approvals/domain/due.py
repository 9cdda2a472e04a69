"""What time itself brings: reminders, escalation, a request that ran out of time. Each at most once a round."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from companyos.work.approvals.domain.judge import OpenStep, Situation, judge, open_steps
from companyos.work.approvals.domain.types import SOFTWARE, Act, ActKind, Status


def acts_due(s: Situation, now: datetime) -> tuple[Act, ...]:
    """The acts of the software that are due at `now` and not yet done. A time-out leaves out everything else."""
    if judge(s).status is not Status.OPEN:
        return ()
    due = [act for step in open_steps(s) for act in _of_step(s, step, now)]
    over = [act for act in due if act.kind is ActKind.TIMED_OUT]
    return tuple(over[:1] or due)


def next_look(s: Situation, now: datetime) -> datetime | None:
    """When something falls due next; None when nothing will by time alone."""
    if judge(s).status is not Status.OPEN:
        return None
    moments = [at for step in open_steps(s) for at, act in _planned(s, step) if not _is_done(s, act)]
    return min((max(at, now) for at in moments), default=None)


def _of_step(s: Situation, opened: OpenStep, now: datetime) -> Iterator[Act]:
    for at, act in _planned(s, opened):
        if at <= now and not _is_done(s, act):
            yield Act(act.kind, act.by, now, act.step, "", act.round, act.note, act.to)


def _planned(s: Situation, opened: OpenStep) -> Iterator[tuple[datetime, Act]]:
    step, since = opened.step, opened.since
    for n, days in enumerate(step.remind_after_days, start=1):
        yield _plan(s, opened, ActKind.REMINDED, days, since, str(n))
    if step.escalate_after_days is not None:
        yield _plan(s, opened, ActKind.ESCALATED, step.escalate_after_days, since, "")
    if step.time_out_after_days is not None:
        yield _plan(s, opened, ActKind.TIMED_OUT, step.time_out_after_days, since, "")


def _plan(
    s: Situation, opened: OpenStep, kind: ActKind, days: int, since: datetime, n: str
) -> tuple[datetime, Act]:
    at = s.calendar.add_working_days(since, days)
    note = f"{opened.step.title} waited {days} working days"
    return at, Act(kind, SOFTWARE, at, opened.step.slug, "", s.round, note, n)


def _is_done(s: Situation, act: Act) -> bool:
    return any((a.kind, a.step, a.round, a.to) == (act.kind, act.step, act.round, act.to) for a in s.acts)
