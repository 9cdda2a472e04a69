"""What a person may do with a rollout now, or why not, and how many people it would move."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.flags.domain.types import people_of
from companyos.adoption.rollouts.domain.agreements import agreement_for
from companyos.adoption.rollouts.domain.board import Control
from companyos.adoption.rollouts.domain.by_hand import why_not
from companyos.adoption.rollouts.domain.cohorts import cohort_at
from companyos.adoption.rollouts.domain.decide import Situation
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.types import Gate, Move, Status
from companyos.adoption.rollouts.models import Rollout
from companyos.adoption.rollouts.queries.situation import situation_of
from companyos.adoption.rollouts.queries.stages import joining
from companyos.people.identity import queries as identity

_LABELS = {
    Move.START: "Start",
    Move.PAUSE: "Pause…",
    Move.RESUME: "Resume…",
    Move.ROLL_BACK: "Roll back…",
    Move.ADVANCE: "Advance…",
}
FAST_TRACK = "roll_back_all"
_NEVER_BOTH = {Move.PAUSE, Move.RESUME}  # shown only when it is possible: the other one takes its place
_WAITS_FOR_A_PERSON = {Status.PAUSED, Status.ROLLED_BACK}  # who cannot resume is told why


def controls(
    row: Rollout, plan: Plan, gates: tuple[Gate, ...], viewer: str, now: datetime
) -> tuple[Control, ...]:
    situation = situation_of(row, plan=plan, flag=row.feature.flag, gates=gates, now=now)
    planned = row.status == Status.PLANNED
    moves = [Move.START] if planned else [Move.ROLL_BACK, Move.PAUSE, Move.RESUME, Move.ADVANCE]
    refusals = {wanted: why_not(wanted, situation) for wanted in moves}
    asks = {wanted: _asked_first(viewer, wanted, situation, plan) for wanted in moves}
    shown = [
        _control(row, plan, wanted, refusal, viewer, asks[wanted])
        for wanted, refusal in refusals.items()
        if not (refusal and wanted in _NEVER_BOTH)
        or (wanted is Move.RESUME and row.status in _WAITS_FOR_A_PERSON)
    ]
    fast = _fast_track(row, plan, viewer)
    return (*shown[:1], *fast, *shown[1:])


def _fast_track(row: Rollout, plan: Plan, viewer: str) -> tuple[Control, ...]:
    """The way to take everything back at once; shown where that is more than the last stage."""
    running = row.status in {Status.ACTIVE, Status.PAUSED}
    if not running or plan.index_of(row.stage) == 0 or not _may(viewer, plan):
        return ()
    people = len(people_of(cohort_at(plan, plan.index_of(row.stage), identity.everybody())))
    return (Control(FAST_TRACK, "Roll everything back…", True, "", people),)


def _may(viewer: str, plan: Plan) -> bool:
    return viewer == plan.lead or viewer in dict(plan.roles).values()


def _control(row: Rollout, plan: Plan, wanted: Move, refusal: str, viewer: str, asks: str) -> Control:
    refusal = refusal if _may(viewer, plan) else "only the plan's lead and role holders may do this"
    return Control(wanted.value, _LABELS[wanted], not refusal, refusal, _affected(row, plan, wanted), asks)


def _asked_first(viewer: str, wanted: Move, situation: Situation, plan: Plan) -> str:
    """Say who is asked before the move and why; empty where it is made at once."""
    if wanted is Move.ADVANCE and not situation.gates and situation.stage and plan.gates_of(situation.stage):
        return "The gates are judged as you press it; where one has not passed, others of the plan are asked first."
    needed = agreement_for(viewer, wanted, situation, plan)
    if needed is None:
        return ""
    names = ", ".join(identity.name_of(person) for person in sorted(needed.people))
    how = "all have to agree" if needed.all_of_them else "one of them has to agree"
    return f"Nothing moves yet: {names or 'nobody else of the plan'} will be asked, and {how}, because {needed.because}"


def _affected(row: Rollout, plan: Plan, wanted: Move) -> int:
    """Return how many people the move puts on or takes off."""
    index = plan.index_of(row.stage) if row.stage else -1
    returns = wanted is Move.RESUME and row.status == Status.ROLLED_BACK
    moved = {Move.START: 0, Move.ADVANCE: index + 1, Move.ROLL_BACK: index}.get(
        wanted, index if returns else -1
    )
    return len(joining(plan, moved, identity.everybody())) if 0 <= moved < len(plan.stages) else 0
