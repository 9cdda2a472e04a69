"""What a move changes: the rollout's row, the attempt that ends, the attempt that begins, who is on, the feature.

Pure. `actions.move` writes what comes out of here in one transaction; the simulator plays the same function over a
store that crashes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields, replace
from datetime import datetime

from companyos.adoption.features.domain.types import FeatureState
from companyos.adoption.rollouts.domain.decide import Decision
from companyos.adoption.rollouts.domain.plan import Plan, Reach
from companyos.adoption.rollouts.domain.types import Move, StageState, Status
from companyos.kernel.business_time import WorkingCalendar

EXTRA_DAYS = 2  # working days that resuming gives a stage whose time is over
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Row:
    """The part of a rollout that moves change: its one compare-and-swap row."""

    status: Status = Status.PLANNED
    stage: str = ""
    attempt: int = 0
    started_at: datetime | None = None
    entered_at: datetime | None = None
    due_at: datetime | None = None
    paused_by: str = ""
    stopped_because: str = ""
    switched_at: datetime | None = None  # when a stage that began in shadow gave its people the new path

    @classmethod
    def of(cls, rollout: object) -> Row:
        """Return this part of a stored rollout."""
        columns = {each.name: getattr(rollout, each.name) for each in fields(cls)}
        return cls(**columns | {"status": Status(columns["status"])})


@dataclass(frozen=True, slots=True)
class Change:
    """Everything one move does."""

    row: Row
    leaves: StageState | None = None  # how the attempt that was running ends
    begins: bool = False  # an attempt at `row.stage` begins
    on: int | None = None  # the stage whose cohort is exactly who is on from now; NOBODY; None: as before
    shadows: bool = (
        False  # the people whom `row.stage` adds keep the old path, with the new one run beside it
    )
    reverses: bool = False  # those people get the new path, with the old one run beside it
    settles_in: bool = False  # what the stage asks for at its entry is set going
    feature: FeatureState | None = None
    lets_go: bool = False  # no rollout moves the flag any more


@dataclass(frozen=True, slots=True)
class Asked:
    """A move to be made: on what row, of which plan, by whom and when."""

    decision: Decision
    row: Row
    plan: Plan
    actor: str
    attempts: Mapping[str, int]  # by stage, so far
    calendar: WorkingCalendar
    now: datetime
    reach: Reach | None = None  # how far a rollback goes; None: as the plan says

    @property
    def index(self) -> int:
        return self.plan.index_of(self.row.stage) if self.row.stage else NOBODY


def changed_by(asked: Asked) -> Change:
    """Return what the move changes. KeyError for a move that changes nothing (`stay`)."""
    return _CHANGES[asked.decision.move](asked)


def started(asked: Asked) -> Change:
    change = _entering(asked, 0)
    row = replace(change.row, started_at=asked.now)
    return replace(change, row=row, feature=FeatureState.INTAKE)


def advanced(asked: Asked) -> Change:
    last = len(asked.plan.stages) - 1
    states = {0: FeatureState.ENTRY_PASSED, last - 1: FeatureState.INTERNAL_GA}
    feature = states.get(asked.index, FeatureState.ROLLING_OUT)
    return replace(_entering(asked, asked.index + 1), leaves=StageState.PASSED, feature=feature)


def completed(asked: Asked) -> Change:
    row = _stopped(asked, Status.COMPLETED, asked.decision.because)
    return Change(row, StageState.PASSED, feature=FeatureState.READY_FOR_EXTERNAL_GA, lets_go=True)


def switched_over(asked: Asked) -> Change:
    """The people in shadow get the new path; the stage then has as many working days with them on as it was planned."""
    days = asked.plan.stages[asked.index].working_days
    row = replace(asked.row, switched_at=asked.now, due_at=asked.calendar.add_working_days(asked.now, days))
    shadow = asked.plan.stages[asked.index].shadow
    return Change(row, on=asked.index, reverses=bool(shadow and shadow.reverse_days), settles_in=True)


def paused(asked: Asked) -> Change:
    return Change(replace(asked.row, status=Status.PAUSED, paused_by=asked.actor))


def resumed(asked: Asked) -> Change:
    """A paused stage goes on, with more time when its own is over; a stage taken back begins anew."""
    if asked.row.status is Status.ROLLED_BACK:
        return _entering(asked, asked.index)
    due = asked.row.due_at
    if due is not None and due < asked.now:
        due = asked.calendar.add_working_days(asked.now, EXTRA_DAYS)
    return Change(replace(asked.row, status=Status.ACTIVE, paused_by="", due_at=due))


def rolled_back(asked: Asked) -> Change:
    """Takes back the stage, or everything where the plan says so; who was on before the stage stays on."""
    stays = asked.index - 1 if (asked.reach or asked.plan.rolls_back) is Reach.STAGE else NOBODY
    row = _stopped(asked, Status.ROLLED_BACK, f"taken back: {asked.decision.because}")
    return Change(row, StageState.ROLLED_BACK, on=stays)


def killed(asked: Asked) -> Change:
    running = asked.row.status in {Status.ACTIVE, Status.PAUSED}
    return Change(
        _stopped(asked, Status.KILLED, asked.decision.because),
        StageState.ROLLED_BACK if running else None,
        on=NOBODY,
        feature=FeatureState.KILLED,
        lets_go=True,
    )


_CHANGES: dict[Move, Callable[[Asked], Change]] = {
    Move.START: started,
    Move.SWITCH_OVER: switched_over,
    Move.ADVANCE: advanced,
    Move.COMPLETE: completed,
    Move.PAUSE: paused,
    Move.RESUME: resumed,
    Move.ROLL_BACK: rolled_back,
    Move.KILL: killed,
}


def _entering(asked: Asked, index: int) -> Change:
    stage = asked.plan.stages[index]
    row = replace(
        asked.row,
        status=Status.ACTIVE,
        stage=stage.slug,
        attempt=asked.attempts.get(stage.slug, 0) + 1,
        entered_at=asked.now,
        due_at=asked.calendar.add_working_days(asked.now, stage.working_days),
        paused_by="",
        stopped_because="",
        switched_at=None,
    )
    if stage.shadow:
        return Change(row, begins=True, on=index - 1, shadows=True)
    return Change(row, begins=True, on=index, settles_in=True)


def _stopped(asked: Asked, status: Status, because: str) -> Row:
    return replace(asked.row, status=status, paused_by="", stopped_because=because)
