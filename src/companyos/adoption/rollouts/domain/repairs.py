"""What may be changed about a gate that a company of this size cannot answer; each is a whole plan, ready to be used.

In the order in which they are offered: a longer window, shadow pairs, asking everyone, a count, a named judgement. The
first four still measure something; the last says openly that nothing is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from companyos.adoption.rollouts.domain.foresee import Place
from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.setting import WEEK
from companyos.adoption.rollouts.domain.stage_plan import StagePlan, TaskSpec

LONG_STAGE, LONGEST_STAGE = 10, 20  # working days
COUNTS = (100, 60, 30, 15)  # tasks; the most that is reachable is taken
ANSWERS = (10, 7, 5)
_SHADOW_AT_MOST = 0.02
_ABOUT_THE_WORK = {"task_success", "task_completion"}


@dataclass(frozen=True, slots=True)
class Repair:
    """One way out: in words, and the plan as it would be."""

    name: str
    says: str
    plan: Plan
    stage: int  # where the gate that now answers stands, from 0
    gate: str

    @property
    def measures(self) -> bool:
        return self.name != "a named judgement"


def repairs_of(spec: GateSpec, place: Place) -> Iterator[Repair]:
    """Yield every repair that applies to this gate, whether or not it is enough."""
    ways = longer_windows, shadow_pairs, ask_everyone, count_rules, longest_windows, named_judgements
    for repair in ways:
        yield from repair(spec, place)


def longer_windows(spec: GateSpec, place: Place) -> Iterator[Repair]:
    """A longer window: the stage lasts up to two weeks, and later stages begin later."""
    yield from _windows(spec, place, range(place.days + WEEK, LONG_STAGE + 1, WEEK))


def longest_windows(spec: GateSpec, place: Place) -> Iterator[Repair]:
    """A window of three or four weeks; offered after the ways that keep the plan's pace."""
    yield from _windows(spec, place, range(max(place.days, LONG_STAGE) + WEEK, LONGEST_STAGE + 1, WEEK))


def _windows(spec: GateSpec, place: Place, lengths: Iterable[int]) -> Iterator[Repair]:
    if spec.kind not in {GateKind.METRIC, GateKind.GUARDRAIL, GateKind.SURVEY}:
        return
    for days in lengths:
        plan = lasting(place.plan, place.index, days)
        yield Repair(
            "a longer window", f"let the stage last {days} working days", plan, place.index, spec.name
        )


def shadow_pairs(spec: GateSpec, place: Place) -> Iterator[Repair]:
    """Shadow pairs: both paths run on everybody's cases before anybody depends on the new one."""
    if spec.kind is not GateKind.METRIC or spec.metric not in _ABOUT_THE_WORK:
        return
    shadow = GateSpec(
        f"{spec.name}-in-shadow",
        f"{spec.title}, in shadow",
        GateKind.METRIC,
        metric="shadow_mismatch",
        at_most=_SHADOW_AT_MOST,
        confidence=spec.confidence,
        serves=spec.serves,
    )
    says = f"compare both paths on everybody's cases; at most {_SHADOW_AT_MOST:.0%} may differ"
    yield Repair("shadow pairs", says, _exchanged(place, spec, shadow), place.index, shadow.name)


def ask_everyone(spec: GateSpec, place: Place) -> Iterator[Repair]:
    """Ask everyone: the question moves to the stage at which everybody is on, with the least answers it needs."""
    if spec.kind is not GateKind.SURVEY:
        return
    last = len(place.plan.stages) - 1
    asked = replace(spec, min_n=min(spec.min_n or 10, 10))
    if place.index != last:
        moved = replace(asked, name=f"{spec.name}-of-all")
        plan = _without(place.plan, place.index, spec)
        plan = _with_gate(plan, last, moved)
        yield Repair(
            "ask everyone", f"ask at {plan.stages[last].title}, when all are on", plan, last, moved.name
        )
    if place.days <= WEEK:
        plan = lasting(_exchanged(place, spec, asked), place.index, 2 * WEEK)
        yield Repair(
            "ask everyone",
            "two weeks, so that whoever joins is asked too; ten answers",
            plan,
            place.index,
            spec.name,
        )
    elif asked != spec:
        yield Repair(
            "ask everyone",
            "ten answers of all who are on",
            _exchanged(place, spec, asked),
            place.index,
            spec.name,
        )


def count_rules(spec: GateSpec, place: Place) -> Iterator[Repair]:
    """A count: when time is over the plain figure decides, and is shown as a count."""
    if spec.kind not in {GateKind.METRIC, GateKind.GUARDRAIL, GateKind.SURVEY}:
        return
    for least in ANSWERS if spec.kind is GateKind.SURVEY else COUNTS:
        counted = replace(spec, count=least, min_n=min(spec.min_n or least, least))
        what = "answers" if spec.kind is GateKind.SURVEY else "tasks"
        says = f"when time is over, the plain figure of at least {least} {what} decides: a count, not a proof"
        yield Repair("a count", says, _exchanged(place, spec, counted), place.index, spec.name)


def named_judgements(spec: GateSpec, place: Place) -> Iterator[Repair]:
    """A named judgement: the lead judges with a reason, shown as judgement; a guardrail goes on watching."""
    stage = place.plan.stages[place.index]
    task = TaskSpec(f"judge-{spec.name}-{stage.slug}", f"Judge: {spec.title}", place.plan.lead)
    judged = GateSpec(
        f"{spec.name}-judged",
        f"{spec.title} (judgement)",
        GateKind.JUDGEMENT,
        task=task.slug,
        serves=spec.serves,
    )
    if spec.kind is GateKind.GUARDRAIL:
        watching = replace(spec, count=1, min_n=None)
        plan = _with_gate(_exchanged(place, spec, watching), place.index, judged)
    else:
        plan = _exchanged(place, spec, judged)
    stage = plan.stages[place.index]
    plan = _with_stage(plan, place.index, replace(stage, tasks=(*stage.tasks, task)))
    yield Repair(
        "a named judgement", "the plan's lead judges it and says why", plan, place.index, judged.name
    )


def lasting(plan: Plan, index: int, days: int) -> Plan:
    """Return the plan with a longer stage; the stages after it begin as many weeks later."""
    stage = plan.stages[index]
    later = -(-days // WEEK) - -(-stage.working_days // WEEK)
    stages = [
        replace(each, week=each.week + later) if place > index else each
        for place, each in enumerate(plan.stages)
    ]
    stages[index] = replace(stage, working_days=days)
    return replace(plan, stages=tuple(stages))


def _exchanged(place: Place, spec: GateSpec, other: GateSpec) -> Plan:
    stage = place.plan.stages[place.index]
    gates = tuple(other if gate.name == spec.name else gate for gate in stage.gates)
    return _with_stage(place.plan, place.index, replace(stage, gates=gates))


def _without(plan: Plan, index: int, spec: GateSpec) -> Plan:
    stage = plan.stages[index]
    kept = tuple(gate for gate in stage.gates if gate.name != spec.name)
    return _with_stage(plan, index, replace(stage, gates=kept))


def _with_gate(plan: Plan, index: int, gate: GateSpec) -> Plan:
    stage = plan.stages[index]
    return _with_stage(plan, index, replace(stage, gates=(*stage.gates, gate)))


def _with_stage(plan: Plan, index: int, stage: StagePlan) -> Plan:
    return replace(plan, stages=(*plan.stages[:index], stage, *plan.stages[index + 1 :]))
