"""Changes to come, and what they come to."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.flags.domain import diff as diffs
from companyos.adoption.flags.domain import reach
from companyos.adoption.flags.domain.documents import flag_from, plain
from companyos.adoption.flags.domain.growth import Proof, Step, judge_growth
from companyos.adoption.flags.domain.rows import ScheduledRow
from companyos.adoption.flags.domain.types import FlagState, World
from companyos.adoption.flags.models import Scheduled
from companyos.adoption.flags.queries.standing import loaded


def scheduled(key: str) -> tuple[ScheduledRow, ...]:
    """Return what is to come and what became of it: what waits first, in order, then the newest settled."""
    rows = Scheduled.objects.filter(flag_id=key)
    waiting = list(rows.filter(outcome="waiting").order_by("at"))
    settled = list(rows.exclude(outcome="waiting").order_by("-settled_at")[:20])
    return tuple(_scheduled_row(row) for row in (*waiting, *settled))


def due(now: datetime) -> tuple[str, ...]:
    rows = Scheduled.objects.filter(outcome="waiting", at__lte=now).order_by("at", "id")
    return tuple(str(each) for each in rows.values_list("id", flat=True))


def what_is_to_come(here: World, state: FlagState) -> Proof | None:
    """Prove that the changes to come only add people, or show who would lose it; None when nothing is to come."""
    key = state.spec.key
    steps = [_step("now", here, state)]
    for row in Scheduled.objects.filter(flag_id=key, outcome="waiting").order_by("at"):
        if "audience" in row.changes:
            spec = flag_from({**plain(state.spec), **row.changes})
            state = FlagState(spec, state.version, state.killed)
            steps.append(_step(f"{row.at:%d %b %Y %H:%M}", here, state))
    return judge_growth(steps) if len(steps) > 1 else None


def _scheduled_row(row: Scheduled) -> ScheduledRow:
    return ScheduledRow(
        str(row.id), row.at, row.asked_at, row.author, row.because, diffs.diff(row.before, row.changes),
        row.outcome, row.settled_at, row.settled_by, row.told,
    )  # fmt: skip


def _step(name: str, here: World, state: FlagState) -> Step:
    changed = World({**here.flags, state.spec.key: state}, here.segments, here.sets, here.directory)
    on = reach.who_is_on(loaded(changed, state), state.spec.key, here.directory)
    return Step(name, on, state.spec.audience)
