"""What is to be told of rollouts: the stages that come next, and what became of attempts at stages (R112)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.rollouts.domain.moves import Row
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.schedule import Window, schedule
from companyos.adoption.rollouts.domain.stage_plan import StagePlan
from companyos.adoption.rollouts.domain.types import StageState, Status
from companyos.adoption.rollouts.models import DecisionRecord, Freeze, Rollout, StageRun
from companyos.adoption.rollouts.queries import cohorts
from companyos.adoption.rollouts.queries.entered import attempts_at
from companyos.adoption.rollouts.queries.state import State
from companyos.kernel.business_time import WorkingCalendar
from companyos.people.identity import queries as identity

Attempt = tuple[str, str, int]
"""A rollout's plan, a stage of it, and which attempt at it."""


@dataclass(frozen=True, slots=True)
class StageToCome:
    """The stage that a running rollout enters next, and who joins. `overdue`: the running one should have passed."""

    plan: Plan
    stage: StagePlan
    attempt: int
    feature: str
    flag: str
    expected: datetime
    overdue: bool
    people: frozenset[str]


@dataclass(frozen=True, slots=True)
class AttemptNow:
    """How an attempt at a stage stands. `state` is waiting before it begins; `because` is of the newest decision."""

    state: StageState
    status: Status  # of the rollout
    in_shadow: bool = False
    on_since: datetime | None = None
    people: int = 0
    moved_at: datetime | None = None
    because: str = ""


def stages_to_come(
    running: Iterable[State], calendar: WorkingCalendar, now: datetime
) -> tuple[StageToCome, ...]:
    """Return the next stage of every rollout of these that goes on, with the date at which it should begin."""
    states = {
        each.plan.slug: each
        for each in running
        if each.status is Status.ACTIVE and not each.plan.is_last(each.stage)
    }
    rows = Rollout.objects.filter(pk__in=list(states)).defer("document")
    freezes = [
        Window(each.since, each.until) for each in Freeze.objects.filter(until__gt=now, lifted_at=None)
    ]
    return tuple(_to_come(row, states[row.plan], freezes, calendar, now) for row in rows.order_by("plan"))


def first_stage(plan: str, begins: datetime) -> StageToCome | None:
    """Return the first stage of a rollout that a person means to start; None once it has begun, or for no such plan."""
    row = Rollout.objects.filter(pk=plan, status=Status.PLANNED).select_related("feature").first()
    if row is None:
        return None
    of = cohorts.plan(row.plan_sha256, lambda: row.document)
    joining = cohorts.at(row.plan_sha256, of, 0, cohorts.same(identity.everybody())).newly_on
    return StageToCome(
        of, of.stages[0], 1, row.feature_id, row.feature.flag, begins, overdue=False, people=joining
    )


def attempts(wanted: Collection[Attempt]) -> dict[Attempt, AttemptNow]:
    """Return how attempts at stages stand; those of a plan that is unknown are absent."""
    plans = {plan for plan, _, _ in wanted}
    rows = {row.plan: row for row in Rollout.objects.filter(pk__in=plans).defer("document")}
    runs = {(r.rollout_id, r.stage, r.attempt): r for r in StageRun.objects.filter(rollout__in=plans)}
    newest, of_attempt = _newest_decisions(plans)
    found = {}
    for key in wanted:
        row, run = rows.get(key[0]), runs.get(key)
        if row is None:
            continue
        at, because = (of_attempt.get(key) if run else newest.get(key[0])) or (None, "")
        found[key] = _attempt_now(row, run, at, because)
    return found


def _to_come(
    row: Rollout, state: State, freezes: list[Window], calendar: WorkingCalendar, now: datetime
) -> StageToCome:
    plan, index = state.plan, state.plan.index_of(state.stage)
    begun = dict.fromkeys((each.slug for each in plan.stages[: index + 1]), now)
    dates = schedule(plan, Row.of(row), entered=begun, calendar=calendar, freezes=freezes, now=now)
    joining = cohorts.at(row.plan_sha256, plan, index + 1, cohorts.people()).newly_on
    following = plan.stages[index + 1]
    return StageToCome(
        plan, following, attempts_at(row.plan, following.slug) + 1, state.feature, state.flag,
        dates[index + 1].expected, state.due_at <= now, joining,
    )  # fmt: skip


def _newest_decisions(
    plans: Collection[str],
) -> tuple[dict[str, tuple[datetime, str]], dict[Attempt, tuple[datetime, str]]]:
    """Return when and why a rollout was moved last, by plan; and by attempt."""
    rows = DecisionRecord.objects.filter(rollout__in=plans).order_by("version")
    newest, of_attempt = {}, {}
    for plan, stage, attempt, at, because in rows.values_list(
        "rollout_id", "stage", "attempt", "at", "because"
    ):
        newest[plan] = of_attempt[plan, stage, attempt] = (at, because)
    return newest, of_attempt


def _attempt_now(row: Rollout, run: StageRun | None, at: datetime | None, because: str) -> AttemptNow:
    if run is None:
        return AttemptNow(StageState.WAITING, Status(row.status), moved_at=at, because=because)
    plan = cohorts.plan(row.plan_sha256, lambda: row.document)
    shadowed = _began_in_shadow(plan, run.stage) and run.switched_at is None
    return AttemptNow(
        StageState(run.state), Status(row.status), shadowed,
        None if shadowed else run.switched_at or run.entered_at, run.people, at, because,
    )  # fmt: skip


def _began_in_shadow(plan: Plan, stage: str) -> bool:
    return any(each.slug == stage and each.shadow is not None for each in plan.stages)
