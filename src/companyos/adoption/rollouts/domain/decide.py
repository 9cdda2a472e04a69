"""What does a rollout do next?

`decide` asks the rules in order over one frozen `Situation`; the first with an opinion wins and says why.
Nothing here reads a database, a metric or the clock: `jobs.py` gathers the situation and carries out the answer.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from companyos.adoption.rollouts.domain.types import Gate, Move, Status, Verdict


@dataclass(frozen=True, slots=True)
class Situation:
    """A rollout at one moment."""

    status: Status
    stage: str
    is_last_stage: bool
    gates: tuple[Gate, ...]
    stopped_because: str = ""
    paused_by: str = ""
    flag_killed: str = ""  # by whom and why; empty: it is not

    sev1: str = ""  # the open Sev1 bugs of the feature; empty: there is none
    frozen: str = ""  # by whom, until when and why nothing new is switched on; empty: it is not
    shadowed_until: tuple[str, ...] = ()  # gates before which the stage's people keep the old path
    feature_held: str = ""  # by whom and why; empty: it is not
    feature_over: str = ""  # killed or retired, by whom and why; empty: it is not

    def having(self, verdict: Verdict) -> list[Gate]:
        """Return the gates with this verdict, but for those that are not in the way."""
        return [gate for gate in self.gates if gate.verdict is verdict and gate.is_in_the_way]

    @property
    def proofs(self) -> list[Gate]:
        """Return the gates that passed; a risk that has not come true proves nothing."""
        return [gate for gate in self.having(Verdict.PASSED) if gate.kind != "risk"]


@dataclass(frozen=True, slots=True)
class Decision:
    move: Move
    because: str
    rule: str


Answer = tuple[Move, str] | None


def a_feature_that_is_over_ends_its_rollouts(s: Situation) -> Answer:
    """Whoever kills or retires a feature ends its rollouts too, wherever they stand; nobody has it any more."""
    ends = s.status in {Status.ACTIVE, Status.PAUSED, Status.ROLLED_BACK}
    return (Move.KILL, f"the feature was {s.feature_over}") if s.feature_over and ends else None


def a_stopped_rollout_stays(s: Situation) -> Answer:
    """After a rollback, a kill or completion nothing but a person moves a rollout again."""
    stopped = s.status in {Status.PLANNED, Status.ROLLED_BACK, Status.KILLED, Status.COMPLETED}
    return (Move.STAY, s.stopped_because or f"the rollout is {said(s.status)}") if stopped else None


def a_breach_rolls_back(s: Situation) -> Answer:
    """A failed gate that may roll back undoes the stage, even while the rollout is paused."""
    breached = [gate for gate in s.having(Verdict.FAILED) if gate.rolls_back]
    return (Move.ROLL_BACK, reasons(breached)) if breached else None


def a_paused_rollout_waits(s: Situation) -> Answer:
    """A pause outranks every reason to move forward; a person ends it."""
    return (Move.STAY, f"paused by {s.paused_by}") if s.status is Status.PAUSED else None


def a_held_feature_pauses(s: Situation) -> Answer:
    """Whoever holds a feature holds its rollouts too, at once; a person resumes each when the hold has ended."""
    return (Move.PAUSE, f"the feature is {s.feature_held}") if s.feature_held else None


def a_killed_flag_pauses(s: Situation) -> Answer:
    """Whoever kills the flag stops its rollout too: nobody has the feature, so nothing can be learned."""
    return (Move.PAUSE, f"the flag was killed by {s.flag_killed}") if s.flag_killed else None


def an_open_sev1_holds(s: Situation) -> Answer:
    """A confirmed Sev1 is not statistics: the rollout holds at once, whatever the gates say."""
    return (Move.PAUSE, f"open Sev1: {s.sev1}") if s.sev1 else None


def a_failed_gate_pauses(s: Situation) -> Answer:
    """Any other failed gate stops the rollout and asks a person."""
    failed = s.having(Verdict.FAILED)
    return (Move.PAUSE, reasons(failed)) if failed else None


def doubt_pauses(s: Situation) -> Answer:
    """Inconclusive evidence is a question for a person, never a pass."""
    unclear = s.having(Verdict.INCONCLUSIVE)
    return (Move.PAUSE, reasons(unclear)) if unclear else None


def a_shadow_ends_when_the_paths_agree(s: Situation) -> Answer:
    """In shadow the old path answers; once the gates of the shadow passed, the same stage switches its people over."""
    if not s.shadowed_until or s.frozen:
        return None
    awaited = [gate for gate in s.gates if gate.name in s.shadowed_until and gate.is_in_the_way]
    open_ones = [gate for gate in awaited if gate.verdict is not Verdict.PASSED]
    if open_ones:
        return Move.STAY, f"in shadow: {reasons(open_ones)}"
    return Move.SWITCH_OVER, reasons(awaited) or "every gate of the shadow is exempted"


def pending_evidence_waits(s: Situation) -> Answer:
    """A stage waits while a gate has too little evidence, time to settle or a person's word outstanding."""
    pending = s.having(Verdict.PENDING)
    return (Move.STAY, reasons(pending)) if pending else None


def a_stage_without_gates_waits(s: Situation) -> Answer:
    """No evidence at all never advances a stage."""
    return None if s.proofs else (Move.STAY, f"{s.stage} has no gate that could pass")


def a_freeze_waits(s: Situation) -> Answer:
    """During a freeze nothing new is switched on, however good the evidence; taking back is always possible."""
    return (Move.STAY, f"frozen: {s.frozen}") if s.frozen else None


def all_clear_moves_on(s: Situation) -> Answer:
    """Every gate passed: on to the next stage, or done after the last."""
    move = Move.COMPLETE if s.is_last_stage else Move.ADVANCE
    passed, exempt = (
        sum(gate.kind != "risk" for gate in s.having(Verdict.PASSED)),
        sum(bool(gate.exempt) for gate in s.gates),
    )
    return move, f"all {passed} gates passed" + (f", {exempt} exempted" if exempt else "")


# Safety first: the order is the policy.
RULES: tuple[Callable[[Situation], Answer], ...] = (
    a_feature_that_is_over_ends_its_rollouts,
    a_stopped_rollout_stays,
    a_breach_rolls_back,
    a_paused_rollout_waits,
    a_held_feature_pauses,
    a_killed_flag_pauses,
    an_open_sev1_holds,
    a_failed_gate_pauses,
    doubt_pauses,
    a_shadow_ends_when_the_paths_agree,
    pending_evidence_waits,
    a_stage_without_gates_waits,
    a_freeze_waits,
    all_clear_moves_on,
)


def decide(situation: Situation) -> Decision:
    """Return what happens next, why, and which rule said so."""
    for rule in RULES:
        if answer := rule(situation):
            move, because = answer
            return Decision(move, because, rule.__name__)
    raise AssertionError("all_clear_moves_on always answers")


def reasons(gates: list[Gate]) -> str:
    """Join the gates' reasons into one sentence."""
    return "; ".join(f"{gate.title or gate.name}: {gate.because}" for gate in gates)


def said(status: Status) -> str:
    """Return a status as people say it."""
    return status.value.replace("_", " ")
