"""What stages did to people in a period: begun, taken back, all of them passed (R108)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from companyos.adoption.rollouts.domain.plan import Plan, Reach
from companyos.adoption.rollouts.domain.replay import BY_A_PERSON
from companyos.adoption.rollouts.domain.risks import reach_of
from companyos.adoption.rollouts.domain.types import Move, Status, Turn
from companyos.adoption.rollouts.models import DecisionRecord, PlanVersion
from companyos.adoption.rollouts.queries import cohorts
from companyos.adoption.rollouts.queries.state import gate_from


@dataclass(frozen=True, slots=True)
class TurnRow:
    """A turn of a stage that people met. `tenants` are whose people it concerns."""

    decision: str
    plan: str
    feature: str
    stage: str
    title: str
    turn: Turn
    because: str
    tenants: tuple[str, ...]
    people: int  # whom it moved
    everything: bool  # nobody of the rollout has the feature any more
    at: datetime


_TURNS = {
    Move.START: Turn.BEGAN,
    Move.ADVANCE: Turn.BEGAN,
    Move.RESUME: Turn.BEGAN,
    Move.SWITCH_OVER: Turn.BEGAN,
    Move.ROLL_BACK: Turn.TAKEN_BACK,
    Move.KILL: Turn.TAKEN_BACK,
    Move.COMPLETE: Turn.COMPLETED,
}


def stage_turns(since: datetime, until: datetime) -> tuple[TurnRow, ...]:
    """Return every turn after `since`, up to `until`, the oldest first; a stage in shadow has changed nothing yet."""
    found = DecisionRecord.objects.filter(at__gt=since, at__lte=until, move__in=list(_TURNS)).exclude(
        stage=""
    )
    rows = list(found.select_related("rollout").order_by("at", "version"))
    wanted = PlanVersion.objects.filter(sha256__in={row.plan_sha256 for row in rows})
    documents = dict(wanted.values_list("sha256", "document")) if rows else {}
    told = (_turn(row, documents[row.plan_sha256]) for row in rows)
    return tuple(each for each in told if each is not None)


def _turn(row: DecisionRecord, document: Mapping[str, Any]) -> TurnRow | None:
    plan = cohorts.plan(row.plan_sha256, lambda: document)
    move, index = Move(row.move), plan.index_of(row.stage)
    if not _is_met(row, move, in_shadow=plan.stages[index].shadow is not None):
        return None
    everything = _TURNS[move] is Turn.TAKEN_BACK and _reach(row, move, plan) is Reach.EVERYTHING
    whole = everything or move is Move.COMPLETE
    stages = plan.stages[: index + 1] if whole else plan.stages[index : index + 1]
    tenants = {part.tenant for stage in stages for part in stage.cohort}
    return TurnRow(
        str(row.pk), row.rollout_id, row.rollout.feature_id, row.stage, plan.stages[index].title, _TURNS[move],
        row.because, tuple(sorted(tenants)), row.people, everything, row.at,
    )  # fmt: skip


def _is_met(row: DecisionRecord, move: Move, *, in_shadow: bool) -> bool:
    """Tell whether a move changes what people have: not a pause that ends, nor what happens while both paths run."""
    if move is Move.RESUME and row.before.get("status") != Status.ROLLED_BACK:
        return False
    if move is Move.ROLL_BACK:
        return not in_shadow or bool(row.before.get("switched_at"))
    return not (in_shadow and move in {Move.START, Move.ADVANCE, Move.RESUME})


def _reach(row: DecisionRecord, move: Move, plan: Plan) -> Reach:
    if move is Move.KILL:
        return Reach.EVERYTHING
    return plan.rolls_back if row.rule == BY_A_PERSON else reach_of(plan, tuple(map(gate_from, row.gates)))
