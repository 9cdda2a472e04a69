"""Gathers, for each stage of a feature, whether people were drawn as the plan says, or why that is no question."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.queries import StageDraw
from companyos.adoption.telemetry.domain.division import Division, division, why_there_is_none
from companyos.adoption.telemetry.queries import exposures
from companyos.adoption.telemetry.queries.metrics import Scope
from companyos.surfaces.console.telemetry.pages import NoDraw
from companyos.surfaces.console.telemetry.sheets import Column, Sheet, State, Value
from companyos.surfaces.console.telemetry.tables import N

_MOST_ODDS = 1e6  # beyond it a number says no more
_COLUMNS = (
    Column("stage", "Stage"),
    Column("tenant", "Tenant"),
    Column("standing", "As planned"),
    Column("on", "On", N),
    Column("off", "Off", N),
    Column("share_on", "Share on", "share"),
    Column("planned_on", "Planned", "share"),
    Column("evidence", "Against the draw, to 1", N),
)


def draws(
    scope: Scope, flag: str, titles: Mapping[str, str]
) -> tuple[Sheet, tuple[str, ...], tuple[NoDraw, ...]]:
    """Return the table, a sentence for each stage that drew people, and why the other stages have no row in it."""
    rows: list[tuple[Value, ...]] = []
    said: list[str] = []
    none: dict[str, list[str]] = {}
    for stage in rollouts.stage_draws(scope.feature):
        met = _met(stage, scope, flag)
        whole = division(stage.comparison, _all(met))
        if whole is None:
            none.setdefault(why_there_is_none(stage.comparison), []).append(stage.title)
            continue
        said.append(f"{stage.title}: {whole.says()}")
        rows.append(_row(stage, "All", whole))
        for tenant, of in met.items():
            part = division(stage.comparison, of)
            if part and len(met) > 1:
                rows.append(_row(stage, titles.get(tenant, tenant), part))
    sheet = Sheet(
        "draws",
        "People drawn by lot",
        _COLUMNS,
        tuple(rows),
        "No stage so far draws people by lot.",
        "first_variants",
    )
    return sheet, tuple(said), tuple(NoDraw(", ".join(stages), why) for why, stages in none.items())


def _met(stage: StageDraw, scope: Scope, flag: str) -> dict[str, dict[str, int]]:
    if division(stage.comparison, {}) is None:
        return {}
    return exposures.first_variants(flag, scope.tenants, stage.people, stage.since, stage.until or scope.now)


def _all(met: Mapping[str, Mapping[str, int]]) -> Counter[str]:
    total: Counter[str] = Counter()
    for each in met.values():
        total.update(each)
    return total


def _row(stage: StageDraw, tenant: str, found: Division) -> tuple[Value, ...]:
    state = State("failed", "No") if found.mismatched else State("passed", "No sign against it")
    shown = state if found.people else State("no_data")
    evidence = round(min(found.evidence, _MOST_ODDS), 2)
    return (stage.title, tenant, shown, found.on, found.off, found.share, found.planned, evidence)
