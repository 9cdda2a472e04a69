"""A plan's parts from their document, the shape of a plan file, and back. A document is taken to be well formed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from enum import StrEnum
from typing import Any

from companyos.adoption.rollouts.domain.gate_specs import (
    CountedTeams,
    GateKind,
    GateSpec,
    Missing,
    RiskAction,
    RiskSpec,
    Window,
)
from companyos.adoption.rollouts.domain.stage_plan import (
    Beside,
    Cadence,
    CohortPart,
    HoldOut,
    ShadowPlan,
    StageKind,
    StagePlan,
    TaskSpec,
)
from companyos.adoption.telemetry.domain.comparison import Comparison


def stage_from(document: Mapping[str, Any]) -> StagePlan:
    """Read a stage. KeyError or ValueError when malformed."""
    return StagePlan(
        slug=document["slug"],
        title=document["title"],
        week=document["week"],
        working_days=document["working_days"],
        cohort=tuple(_cohort_part(part) for part in document["cohort"]),
        excluded=tuple(HoldOut(**hold_out) for hold_out in document.get("except", ())),
        request_types=tuple(document.get("request_types", ())),
        data_domains=tuple(document.get("data_domains", ())),
        actions=tuple(document.get("actions", ())),
        tasks=tuple(_task(task) for task in document.get("tasks", ())),
        gates=tuple(_gate(gate) for gate in document.get("gates", ())),
        patience=document.get("patience", 5),
        comparison=Comparison.from_document(document.get("comparison", {})),
        kind=StageKind(document.get("kind", StageKind.COHORT)),
        shadow=_shadow(document.get("shadow")),
    )


def _shadow(document: Mapping[str, Any] | None) -> ShadowPlan | None:
    if document is None:
        return None
    mode = Beside(document.get("mode", Beside.SHADOW))
    return ShadowPlan(tuple(document["until"]), mode, document.get("reverse_days", 0))


def risk_from(document: Mapping[str, Any]) -> RiskSpec:
    """Read a row of the matrix. KeyError or ValueError when malformed."""
    typed = {
        "title": document.get("title", document["name"].replace("-", " ").capitalize()),
        "action": RiskAction(document["action"]),
        "window": Window(document.get("window", Window.STAGE)),
        "value": float(document["value"]),
    }
    return RiskSpec(**{**document, **typed})


def _cohort_part(document: Mapping[str, Any]) -> CohortPart:
    return CohortPart(**{**document, "teams": tuple(document.get("teams", ()))})


def _task(document: Mapping[str, Any]) -> TaskSpec:
    typed = {
        "cadence": Cadence(document.get("cadence", Cadence.ONCE)),
        "attests": tuple(document.get("attests", ())),
    }
    return TaskSpec(**{**document, **typed})


def _gate(document: Mapping[str, Any]) -> GateSpec:
    typed = {
        "title": document.get("title", document["name"].replace("-", " ").capitalize()),
        "kind": GateKind(document["kind"]),
        "window": Window(document.get("window", Window.STAGE)),
        "of": CountedTeams(document.get("of", CountedTeams.STAGE)),
        "roles": tuple(document.get("roles", ())),
        "missing": Missing(document.get("missing", Missing.WAIT)),
        "overrides": tuple(document.get("overrides", ())),
    }
    return GateSpec(**{**document, **typed})


def without_defaults(part: Any) -> dict[str, Any]:
    """Write a part as plain JSON values, what is as by default left out."""
    named = {field.name: (getattr(part, field.name), field.default) for field in fields(part)}
    return {
        "except" if name == "excluded" else name: _plain(value)
        for name, (value, default) in named.items()
        if value != default
    }


def _plain(value: Any) -> Any:
    if isinstance(value, Comparison):
        return value.to_document()
    if isinstance(value, tuple):
        return [item if isinstance(item, str) else without_defaults(item) for item in value]
    if isinstance(value, ShadowPlan):
        return without_defaults(value)
    return str(value) if isinstance(value, StrEnum) else value
