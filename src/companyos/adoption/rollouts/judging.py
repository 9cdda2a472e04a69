"""One look at a stage: what each of its gates asks, and what the answers mean.

What is asked is worked out once a tick: rooms are told of it beforehand (`asked_together`), then each stage is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.actions import Judged
from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec
from companyos.adoption.rollouts.domain.gates import fact_asked_by, judge
from companyos.adoption.rollouts.domain.shadow import gates_judged
from companyos.adoption.rollouts.queries import State
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.evidence import Fact, Question, ask


@dataclass(frozen=True, slots=True)
class Asked:
    """A gate, the name of the fact it asks for, and its question; gates that ask the same share one."""

    spec: GateSpec
    fact: str
    question: Question


def asked_of(state: State, now: datetime) -> tuple[Asked, ...]:
    """Return what the gates of a rollout's stage ask at a moment."""
    alike: dict[Hashable, Question] = {}
    asked = []
    for spec in gates_judged(state.plan, state.stage, state.switched_at):
        own, since = _own_parameters(spec), _since(state, spec)
        key = (since, *own.values())
        if key not in alike:
            alike[key] = _question(state, own, since, now)
        asked.append(Asked(spec, fact_asked_by(spec), alike[key]))
    return tuple(asked)


def judged(
    state: State,
    asked: tuple[Asked, ...],
    *,
    exempt: Mapping[str, str],
    calendar: WorkingCalendar,
    now: datetime,
    between: Callable[[], object] | None = None,
) -> Judged:
    """Ask and judge each gate of a stage; `exempt` says of which gates a rollout is exempt, and by whom.

    `between` is called after each question: what must not wait until all are answered.
    """
    known: dict[tuple[str, int], Fact] = {}
    facts, gates = {}, []
    for each in asked:
        spec, key = each.spec, (each.fact, id(each.question))
        if key not in known:
            known[key] = ask(each.fact, each.question)
            if between:
                between()
        fact = facts[spec.name] = _with_its_history(known[key], spec, state, calendar)
        gate = judge(spec, fact, now=now, due_at=state.due_at)
        gates.append(replace(gate, exempt=exempt[spec.name]) if spec.name in exempt else gate)
    return Judged(tuple(gates), facts)


def _with_its_history(fact: Fact, spec: GateSpec, state: State, calendar: WorkingCalendar) -> Fact:
    """Add what a gate's own policy needs: how often it has passed in a row, and its own deadline."""
    more: dict[str, object] = {}
    if spec.consecutive > 1:
        more["passes_before"] = rollouts.passes_in_a_row(
            state.plan.slug, state.stage, state.attempt, spec.name
        )
    if spec.deadline is not None:
        more["deadline"] = calendar.add_working_days(state.entered_at, spec.deadline).isoformat()
    return replace(fact, details={**fact.details, **more}) if more else fact


def _own_parameters(spec: GateSpec) -> dict[str, Hashable]:
    return {
        "confidence": spec.confidence,
        "at_least": spec.at_least,
        "window": spec.window,
        "of": spec.of,
        "periods": spec.periods,
        "task": spec.task,
        "survey": spec.survey,
        "points": spec.points,
    }


def _since(state: State, spec: GateSpec) -> datetime:
    """Pairs count from the stage's beginning, everything else from when its people are on."""
    return (state.began_at or state.entered_at) if spec.kind is GateKind.SHADOW_MISMATCH else state.entered_at


def _question(state: State, own: Mapping[str, Hashable], since: datetime, now: datetime) -> Question:
    parameters = {
        "plan": state.plan.slug,
        **own,
        "owner": state.owner,
        "production_since": (state.production_since or now).isoformat(),
    }
    return Question(
        state.feature,
        since,
        now,
        state.people,
        state.newly_on,
        state.stage,
        state.attempt,
        {name: value for name, value in parameters.items() if value not in (None, "")},
    )
