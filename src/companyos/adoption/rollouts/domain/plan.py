"""A rollout plan: who gets a feature at which stage, what people do there, and which gates let it go on.

A plan is written as a YAML file or in the console; both become the same document (`plan_document`), and this typed form
is read from it. The file is checked before (`surfaces/program`). Its stages are `stage_plan`, its gates `gate_specs`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from companyos.adoption.rollouts.domain.gate_specs import GateSpec, RiskSpec
from companyos.adoption.rollouts.domain.plan_document import risk_from, stage_from, without_defaults
from companyos.adoption.rollouts.domain.stage_plan import StagePlan, the_one_named


class Reach(StrEnum):
    """Whom a rollback takes off the feature."""

    STAGE = "stage"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class NoShadow:
    """Why a critical workflow changes without its two paths having been compared, and who two say so."""

    by: tuple[str, ...]
    why: str
    until: str  # a day, ISO 8601


@dataclass(frozen=True, slots=True)
class Plan:
    """A whole rollout plan; `roles` pairs each role of an approval with the slug of its holder."""

    slug: str
    title: str
    feature: str
    lead: str
    rolls_back: Reach
    roles: tuple[tuple[str, str], ...]
    stages: tuple[StagePlan, ...]
    risks: tuple[RiskSpec, ...] = ()
    expects: tuple[tuple[str, float], ...] = ()  # what the plan counts on, see `setting_told`
    without_shadow: NoShadow | None = None

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Plan:
        """Read a plan from its document, the shape of a plan file. KeyError or ValueError when malformed."""
        return cls(
            slug=document["plan"],
            title=document["title"],
            feature=document["feature"],
            lead=document["lead"],
            rolls_back=Reach(document.get("rolls_back", Reach.STAGE)),
            roles=tuple(document.get("roles", {}).items()),
            stages=tuple(stage_from(stage) for stage in document["stages"]),
            risks=tuple(risk_from(risk) for risk in document.get("risks", ())),
            expects=tuple(sorted((name, float(each)) for name, each in document.get("expects", {}).items())),
            without_shadow=_without_shadow(document.get("without_shadow")),
        )

    def to_document(self) -> dict[str, Any]:
        """Write the plan as its document: plain JSON values, defaults left out; `from_document` undoes it."""
        return {
            "plan": self.slug,
            "title": self.title,
            "feature": self.feature,
            "lead": self.lead,
            "rolls_back": str(self.rolls_back),
            "roles": dict(self.roles),
            "stages": [without_defaults(stage) for stage in self.stages],
            **({"expects": dict(self.expects)} if self.expects else {}),
            **({"risks": [without_defaults(risk) for risk in self.risks]} if self.risks else {}),
            **({"without_shadow": without_defaults(self.without_shadow)} if self.without_shadow else {}),
        }

    def gates_of(self, slug: str) -> tuple[GateSpec, ...]:
        """Return everything that is judged at a stage: its gates, then the matrix. KeyError for an unknown stage."""
        return (*self.stage(slug).gates, *(risk.as_gate() for risk in self.risks))

    def stage(self, slug: str) -> StagePlan:
        """Return the stage `slug`. Raises KeyError when the plan has none of that name."""
        return self.stages[self.index_of(slug)]

    def index_of(self, slug: str) -> int:
        """Return the place of the stage `slug`, from 0. Raises KeyError when the plan has none."""
        places = {stage.slug: place for place, stage in enumerate(self.stages)}
        return the_one_named(slug, places, f"plan {self.slug} has no stage")

    def is_last(self, slug: str) -> bool:
        """Tell whether `slug` is the plan's last stage."""
        return bool(slug) and self.stages[-1].slug == slug

    def holder_of(self, role: str) -> str:
        """Return the slug of the person who holds `role`. Raises KeyError when nobody does."""
        return the_one_named(role, dict(self.roles), f"plan {self.slug} has no role")


def _without_shadow(document: Mapping[str, Any] | None) -> NoShadow | None:
    if document is None:
        return None
    return NoShadow(tuple(document["by"]), document["why"], str(document["until"]))
