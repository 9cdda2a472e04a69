"""A stage in shadow: which of its gates speak by then, and when the old and the new path agree."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.rollouts.domain.gate_specs import GateKind, GateSpec
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.types import Verdict
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.evidence import Fact

# A person's word and open bugs are the same whoever answers; everything else is about people who are on.
_SPEAKS_IN_SHADOW = {
    GateKind.OPEN_BUGS,
    GateKind.ATTESTED,
    GateKind.CHECKLIST,
    GateKind.DRILL,
    GateKind.SESSION,
    GateKind.SUPPORT_PACK,
}
_FEWEST_TO_FAIL = 10


def is_in_shadow(plan: Plan, stage: str, switched_at: datetime | None) -> bool:
    """Tell whether the people of the running stage still keep the old path."""
    return bool(stage) and plan.stage(stage).shadow is not None and switched_at is None


def shadowed_until(plan: Plan, stage: str, switched_at: datetime | None) -> tuple[str, ...]:
    """Return the gates that must pass before a stage switches its people over; nothing where they are on."""
    shadow = plan.stage(stage).shadow if is_in_shadow(plan, stage, switched_at) else None
    return shadow.until if shadow else ()


def reverse_until(
    plan: Plan, stage: str, switched_at: datetime | None, calendar: WorkingCalendar
) -> datetime | None:
    """Return until when the old path runs beside the new one in a stage that was switched over; None: not at all."""
    shadow = plan.stage(stage).shadow if stage else None
    if shadow is None or switched_at is None or not shadow.reverse_days:
        return None
    return calendar.add_working_days(switched_at, shadow.reverse_days)


def gates_judged(plan: Plan, stage: str, switched_at: datetime | None) -> tuple[GateSpec, ...]:
    """Return what is judged of a stage now: in shadow, nothing that is about people who are on."""
    gates = plan.gates_of(stage)
    until = shadowed_until(plan, stage, switched_at)
    if not until:
        return gates
    return tuple(gate for gate in gates if gate.name in until or gate.kind in _SPEAKS_IN_SHADOW)


def the_paths_agree(spec: GateSpec, fact: Fact, now: datetime, due_at: datetime) -> tuple[Verdict, str]:
    """Passes when even the upper bound of unexplained differences is within the limit, over enough pairs, and every
    fix has been seen to hold; fails from ten pairs on when even the lower bound is beyond it, in all or since the
    switch."""
    if fact.value is None or fact.n is None:
        return Verdict.PENDING, fact.problem or "no pair was compared yet"
    limit = spec.at_most or 0.0
    low, high = (end if end is not None else fact.value for end in (fact.low, fact.high))
    words = (
        f"{fact.details.get('unexplained', 0)} of {fact.n:,} pairs differ unexplained"
        f" ({low:.1%} to {high:.1%}); at most {limit:.1%}"
    )
    after = fact.details.get("after_switch") or {}
    if after:
        words = f"{words}, since the switch {after['unexplained']} of {after['n']:,}"
    worse = after and after["low"] > limit and after["n"] >= _FEWEST_TO_FAIL
    if worse or (low > limit and fact.n >= _FEWEST_TO_FAIL):
        return Verdict.FAILED, f"{words}{_first(fact)}"
    if fact.n < (spec.min_n or 0):
        return Verdict.PENDING, f"{words}, from {spec.min_n} pairs on"
    if high > limit:
        return Verdict.PENDING, f"{words} with certainty"
    if unproven := fact.details.get("unproven"):
        return Verdict.PENDING, f"{words}; {unproven[0]}"
    return Verdict.PASSED, words


def _first(fact: Fact) -> str:
    worst = fact.details.get("worst") or ()
    return f"; first {', '.join(worst[0]['places'])} ({worst[0]['count']})" if worst else ""
