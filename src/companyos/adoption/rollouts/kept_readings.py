"""Which of a tick's readings are kept: a minute's figures of a thousand rollouts would soon fill a disk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime

from companyos.adoption.rollouts.actions import Judged, Readings
from companyos.adoption.rollouts.queries import State

AT_ONCE = 100
_Verdicts = tuple[tuple[str, str], ...]
_NEVER = datetime.min.replace(tzinfo=UTC)


class KeptReadings:
    """Keeps each rollout with a new verdict, and a hundred of the others, those unkept for longest first.

    Up to a hundred rollouts are thus kept at every tick.
    """

    def __init__(self) -> None:
        self._verdicts: dict[str, _Verdicts] = {}  # as kept last, by rollout
        self._at: dict[str, datetime] = {}
        self._turn: set[str] = set()
        self._taken: list[Readings] = []

    def only(self, plans: Iterable[str]) -> None:
        """Begin a tick in which these rollouts run; what is known of others is forgotten."""
        running = sorted(plans, key=lambda plan: self._at.get(plan, _NEVER))
        self._turn = set(running[:AT_ONCE])
        for gone in self._at.keys() - set(running):
            del self._at[gone], self._verdicts[gone]
        self._taken = []

    def take(self, state: State, judged: Judged, now: datetime) -> None:
        """Take what a stage's gates said, and let go of it at once unless it is to be kept."""
        plan, verdicts = state.plan.slug, tuple((gate.name, gate.verdict.value) for gate in judged.gates)
        counts_passes = any(gate.consecutive > 1 for gate in state.plan.stage(state.stage).gates)
        if plan not in self._turn and self._verdicts.get(plan) == verdicts and not counts_passes:
            return
        self._verdicts[plan], self._at[plan] = verdicts, now
        self._taken.append(Readings(plan, state.stage, state.attempt, judged.signed().gates, state.plan.lead))

    def worth_keeping(self) -> list[Readings]:
        return self._taken
