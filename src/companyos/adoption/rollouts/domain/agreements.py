"""Which of a person's moves others agree to first: what the gates do not carry yet is never one person's word."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from companyos.adoption.rollouts.domain.decide import Situation
from companyos.adoption.rollouts.domain.plan import NoShadow, Plan
from companyos.adoption.rollouts.domain.types import Gate, Move, Verdict

MOVE = "rollout.move:"
_MOST_NAMED = 3


@dataclass(frozen=True, slots=True)
class Agreement:
    """What is to be agreed to, why, and by whom; `passes` are the open gates that the move would pass over."""

    type: str
    title: str
    because: str
    people: frozenset[str]
    all_of_them: bool
    passes: frozenset[str] = frozenset()
    gates: tuple[Gate, ...] = ()

    def is_covered_by(self, passed: Collection[str]) -> bool:
        """Tell whether what was agreed to names every gate that is open now."""
        return self.passes <= set(passed)


def about_move(plan: str, move: Move, stage: str, attempt: int) -> str:
    return f"{MOVE}{plan}/{move}/{stage or '-'}/{attempt}"


def agreement_for(actor: str, wanted: Move, s: Situation, plan: Plan) -> Agreement | None:
    """Say what others agree to before this person's move; None where the gates carry it."""
    if wanted is Move.START and plan.without_shadow:
        return _a_critical_change_without_shadow(actor, plan, plan.without_shadow)
    return _an_advance_past_open_gates(actor, s, plan) if wanted is Move.ADVANCE else None


def _a_critical_change_without_shadow(actor: str, plan: Plan, said: NoShadow) -> Agreement:
    """Who is named in `without_shadow` says so in a request of their own; a file cannot speak for them."""
    return Agreement(
        "start-without-shadow",
        f"Start {plan.title} without its shadow",
        f"no stage runs both paths beside each other: {said.why} (until {said.until})",
        frozenset(said.by) - {actor},
        True,
    )


def _an_advance_past_open_gates(actor: str, s: Situation, plan: Plan) -> Agreement | None:
    """Any other of the plan's lead and role holders agrees to pass over gates that have not passed."""
    still = tuple(gate for gate in s.gates if gate.is_in_the_way and gate.verdict is not Verdict.PASSED)
    if not still:
        return None
    return Agreement(
        "advance-past-gates",
        f"Advance past {len(still)} open gate{'s' * (len(still) != 1)} of {plan.stage(s.stage).title}: {plan.title}",
        f"not passed yet: {_named(still)}",
        frozenset({plan.lead, *dict(plan.roles).values()}) - {actor},
        False,
        frozenset(gate.name for gate in still),
        still,
    )


def _named(gates: tuple[Gate, ...]) -> str:
    """Name the first gates; what each says stands in the request."""
    first = ", ".join(gate.title or gate.name for gate in gates[:_MOST_NAMED])
    more = len(gates) - _MOST_NAMED
    return f"{first} and {more} more" if more > 0 else first
