"""Can a company of this size learn what a plan asks? (R179)

Each gate gets its chance of a verdict by its date; a plan with a gate below `REACHABLE` is refused, with the
repairs that would make it reachable.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from companyos.adoption.rollouts.domain.foresee import Place, cases_of, odds_of, traffic
from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.repairs import Repair, repairs_of
from companyos.adoption.rollouts.domain.setting import Crowd, Setting
from companyos.kernel.stats.guardrail_power import what_is_caught
from companyos.kernel.stats.verdict_odds import REACHABLE, Odds

_MOST_REPAIRS = 200
_MEASURED = {GateKind.METRIC, GateKind.GUARDRAIL, GateKind.SURVEY}


@dataclass(frozen=True, slots=True)
class GateCheck:
    """One gate of a plan, before anything has begun."""

    spec: GateSpec
    odds: Odds
    says: str
    repairs: tuple[Repair, ...] = ()

    @property
    def reachable(self) -> bool:
        return self.odds.verdict >= REACHABLE


@dataclass(frozen=True, slots=True)
class StageCheck:
    slug: str
    title: str
    working_days: int
    crowd: Crowd
    catches: str  # what the guardrail could and could not catch; empty without one
    gates: tuple[GateCheck, ...]

    @property
    def measured(self) -> tuple[GateCheck, ...]:
        return tuple(gate for gate in self.gates if gate.spec.kind in _MEASURED)

    @property
    def vouched(self) -> tuple[GateCheck, ...]:
        return tuple(gate for gate in self.gates if gate.spec.kind not in _MEASURED)


@dataclass(frozen=True, slots=True)
class PlanCheck:
    """What a plan can learn in a company."""

    plan: Plan
    setting: Setting
    stages: tuple[StageCheck, ...]

    @property
    def unreachable(self) -> tuple[tuple[StageCheck, GateCheck], ...]:
        return tuple((stage, gate) for stage in self.stages for gate in stage.gates if not gate.reachable)

    @property
    def accepted(self) -> bool:
        return not self.unreachable

    @property
    def because(self) -> str:
        gates = sum(len(stage.gates) for stage in self.stages)
        if self.accepted:
            return f"each of the {gates} gates answers by its date with a chance of {REACHABLE:.0%} or more"
        names = "; ".join(f"{gate.spec.title} in {stage.title}" for stage, gate in self.unreachable)
        return f"{len(self.unreachable)} of {gates} gates would mostly end without an answer: {names}"


def check(plan: Plan, crowds: Sequence[Crowd], setting: Setting, *, repairs: bool = True) -> PlanCheck:
    """Judge every gate of a plan against what the company does. `repairs` also looks for ways out."""
    stages = tuple(
        _stage(Place(plan, index, crowds, setting), repairs=repairs) for index in range(len(plan.stages))
    )
    return PlanCheck(plan, setting, stages)


def repaired(plan: Plan, crowds: Sequence[Crowd], setting: Setting) -> tuple[Plan, tuple[Repair, ...]]:
    """Take the first repair that is enough for each unreachable gate, until the plan is accepted."""
    taken: list[Repair] = []
    while len(taken) < _MOST_REPAIRS:
        hurt = _first_unreachable(plan, crowds, setting)
        found = next(_enough(*hurt), None) if hurt else None
        if found is None:
            break
        taken.append(found)
        plan = found.plan
    return plan, tuple(taken)


def _first_unreachable(
    plan: Plan, crowds: Sequence[Crowd], setting: Setting
) -> tuple[GateSpec, Place] | None:
    for index, stage in enumerate(plan.stages):
        place = Place(plan, index, crowds, setting)
        for spec in stage.gates:
            if not _never_in_the_way(spec) and odds_of(spec, place).verdict < REACHABLE:
                return spec, place
    return None


def _stage(place: Place, *, repairs: bool) -> StageCheck:
    stage = place.plan.stages[place.index]
    guarded = any(gate.kind is GateKind.GUARDRAIL for gate in stage.gates)
    return StageCheck(
        stage.slug,
        stage.title,
        stage.working_days,
        place.crowd,
        _catches(place) if guarded else "",
        tuple(_gate(spec, place, repairs=repairs) for spec in stage.gates if not _never_in_the_way(spec)),
    )


def _never_in_the_way(spec: GateSpec) -> bool:
    return spec.dry_run


def _catches(place: Place) -> str:
    if place.crowd.others <= 0:
        return (
            "nobody is left to compare with: errors hold the stage and page somebody, and take nothing back"
        )
    return what_is_caught(traffic(place), days=place.days)


def _gate(spec: GateSpec, place: Place, *, repairs: bool) -> GateCheck:
    odds = odds_of(spec, place)
    checked = GateCheck(spec, odds, _says(spec, place, odds))
    if checked.reachable or not repairs:
        return checked
    offered: dict[str, Repair] = {}
    for repair in _enough(spec, place):
        offered.setdefault(repair.name, repair)
    return GateCheck(spec, odds, checked.says, tuple(offered.values()))


def _enough(spec: GateSpec, place: Place) -> Iterator[Repair]:
    """Yield the repairs of a gate after which it is reachable."""
    for repair in repairs_of(spec, place):
        after = Place(repair.plan, repair.stage, place.crowds, place.setting)
        if odds_of(repair.plan.stages[repair.stage].gate(repair.gate), after).verdict >= REACHABLE:
            yield repair


def _says(spec: GateSpec, place: Place, odds: Odds) -> str:
    if spec.kind not in _MEASURED:
        return "a person or the calendar answers"
    alone = odds_of(replace(spec, count=None), place)
    counted = f" a count decides {odds.verdict - alone.verdict:.0%}," if spec.count else ""
    words = f"passes {alone.passes:.0%}, fails {alone.fails:.0%},{counted} no answer {1 - odds.verdict:.0%}"
    if spec.kind is GateKind.SURVEY:
        on = place.crowd.on
        return f"{words}; about {place.setting.response * on:.0f} answers of {on} people"
    return f"{words}; about {cases_of(spec, place):.0f} cases by then"
