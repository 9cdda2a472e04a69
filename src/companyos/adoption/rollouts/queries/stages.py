"""The board's stages: who joins at each, where it stands, how long it has taken."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from companyos.adoption.flags.domain.types import people_of
from companyos.adoption.rollouts.domain.board import StageRow
from companyos.adoption.rollouts.domain.cohorts import cohort_at
from companyos.adoption.rollouts.domain.gate_specs import GateKind
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.shadow import is_in_shadow
from companyos.adoption.rollouts.domain.stage_plan import CohortPart, StageKind, StagePlan
from companyos.adoption.rollouts.domain.types import Gate, StageState, Status, Verdict
from companyos.adoption.rollouts.models import Rollout, StageRun
from companyos.adoption.rollouts.queries.state import gate_from
from companyos.people.identity import queries as identity
from companyos.people.identity.domain.types import PersonRow
from companyos.people.tenants import queries as tenants

_KIND_SAID = {
    StageKind.COHORT: "",
    StageKind.VOLUNTEER: " (volunteers: kinder than others)",
    StageKind.CUSTOMER_PILOT: " (customer pilot)",
}


def stage_rows(row: Rollout, plan: Plan, gates: tuple[Gate, ...], now: datetime) -> tuple[StageRow, ...]:
    """Return every stage of the plan, each with its latest attempt."""
    latest = {run.stage: run for run in StageRun.objects.filter(rollout=row).order_by("attempt")}
    titles = {**tenants.titles(), **{team.slug: team.title for team in identity.teams()}}
    people = identity.everybody()
    return tuple(
        _stage_row(row, plan, stage, latest.get(stage.slug), gates, titles, joining(plan, index, people), now)
        for index, stage in enumerate(plan.stages)
    )


def joining_at(plan: Plan, stage: str) -> frozenset[str]:
    """Return who joins at the stage called `stage`, as the directory is now."""
    return joining(plan, plan.index_of(stage), identity.everybody())


def joining(plan: Plan, index: int, people: Sequence[PersonRow]) -> frozenset[str]:
    """Return who is on at stage `index` and was not at the stage before."""
    before = people_of(cohort_at(plan, index - 1, people)) if index else frozenset()
    return people_of(cohort_at(plan, index, people)) - before


def _stage_row(
    row: Rollout,
    plan: Plan,
    stage: StagePlan,
    run: StageRun | None,
    gates: tuple[Gate, ...],
    titles: dict[str, str],
    would_join: frozenset[str],
    now: datetime,
) -> StageRow:
    is_current = stage.slug == row.stage
    judged = gates if is_current else tuple(gate_from(body) for body in (run.gates if run else []))
    shown = [gate for gate in judged if gate.kind != GateKind.RISK]
    return StageRow(
        stage.slug,
        stage.title + _KIND_SAID[stage.kind],
        tuple(titles.get(part.tenant, part.tenant) for part in _by_tenant(stage)),
        ", ".join(_who(stage, titles)),
        run.people if run else len(would_join),
        StageState(run.state) if run else StageState.WAITING,
        _state_words(row, plan, run, is_current=is_current),
        run.attempt if run else 0,
        sum(gate.verdict is Verdict.PASSED for gate in shown),
        len(stage.gates),
        _in_days((run.left_at or now) - run.entered_at) if run else "",
        run.entered_at if run else None,
        run.left_at if run else None,
        is_current,
    )


def _by_tenant(stage: StagePlan) -> list[CohortPart]:
    return sorted({part.tenant: part for part in stage.cohort}.values(), key=lambda part: part.tenant)


def _who(stage: StagePlan, titles: dict[str, str]) -> list[str]:
    """Name who joins; "everyone" stands alone only where nobody else is named beside it."""
    alone = all(part.everyone for part in stage.cohort)
    words: list[str] = []
    for part in stage.cohort:
        words += [titles.get(team, team) for team in part.teams]
        if part.department:
            words.append(f"the {part.department.replace('-', ' ')} department")
        if part.everyone:
            words.append("everyone" if alone else f"everyone of {titles.get(part.tenant, part.tenant)}")
    return list(dict.fromkeys(words))


def _state_words(row: Rollout, plan: Plan, run: StageRun | None, *, is_current: bool) -> str:
    if run is None:
        return "Waiting"
    shadowed = is_current and is_in_shadow(plan, row.stage, row.switched_at)
    if is_current and row.status == Status.PAUSED:
        return "Paused in shadow" if shadowed else "Paused"
    if shadowed and row.status == Status.ACTIVE:
        return "In shadow"
    return {
        StageState.ACTIVE: "On",
        StageState.PASSED: "Passed without proof" if run.without_proof else "Passed",
        StageState.ROLLED_BACK: "Taken back",
    }.get(StageState(run.state), run.state)


def _in_days(spent: timedelta) -> str:
    return f"{spent.days} d {spent.seconds // 3600:02d} h"
