"""Does a stored decision still follow from what was frozen with it?

A decision keeps its situation, its facts with their fingerprints, and the plan it was judged by. Replaying asks the
same judges and the same rules again; whatever comes out differently is named.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from companyos.adoption.rollouts.domain.by_hand import why_not
from companyos.adoption.rollouts.domain.decide import Situation, decide
from companyos.adoption.rollouts.domain.gate_specs import GateSpec
from companyos.adoption.rollouts.domain.gates import judge
from companyos.adoption.rollouts.domain.types import Gate, Move
from companyos.kernel.evidence import Fact

BY_A_PERSON = "a_person_decides"


@dataclass(frozen=True, slots=True)
class Frozen:
    """A decision as it was stored."""

    at: datetime
    move: Move
    rule: str
    because: str
    situation: Situation  # as it was before the move, with its gates as judged then
    due_at: datetime | None
    specs: tuple[GateSpec, ...]  # the stage's gates in the plan of that time
    facts: Mapping[str, Fact]  # by gate
    fingerprints: Mapping[str, str]  # of the facts, as the decision named them


@dataclass(frozen=True, slots=True)
class Replay:
    """What came out of asking again."""

    differences: tuple[str, ...]

    @property
    def agrees(self) -> bool:
        return not self.differences

    @property
    def because(self) -> str:
        return "; ".join(self.differences) or "its facts, its gates and its rule, asked again just now"


def replay(frozen: Frozen) -> Replay:
    """Judge and decide again from what was frozen."""
    return Replay((*_changed_facts(frozen), *_other_verdicts(frozen), *_another_move(frozen)))


def _changed_facts(frozen: Frozen) -> Iterator[str]:
    """A fact whose fingerprint no longer fits was changed after the decision."""
    for name, fingerprint in frozen.fingerprints.items():
        fact = frozen.facts.get(name)
        if fact is None or fact.sha256 != fingerprint:
            yield f"the evidence of {name} is {'gone' if fact is None else 'not what it was'}"


def _other_verdicts(frozen: Frozen) -> Iterator[str]:
    """A gate that is judged differently now: its judge has changed, or what was stored has."""
    stored = {gate.name: gate for gate in frozen.situation.gates}
    for spec in frozen.specs:
        before, fact = stored.get(spec.name), frozen.facts.get(spec.name)
        if before is None or fact is None or frozen.due_at is None:
            continue
        again = judge(spec, fact, now=frozen.at, due_at=frozen.due_at)
        if not _same(before, again):
            yield f"{spec.name} was {before.verdict} ({before.because}) and is {again.verdict} ({again.because})"


def _same(before: Gate, again: Gate) -> bool:
    """An exemption is a person's word, not the judge's; links and the rule's name are none of its business."""
    linked = replace(
        before,
        evidence=again.evidence,
        evidence_sha256=again.evidence_sha256,
        exempt=again.exempt,
        rule=again.rule,
        told=again.told,
    )
    return linked == again


def _another_move(frozen: Frozen) -> Iterator[str]:
    """A person's move must still be allowed; the controller's must come out the same, word for word."""
    if frozen.rule == BY_A_PERSON:
        wanted = Move.ADVANCE if frozen.move is Move.COMPLETE else frozen.move
        if refusal := why_not(wanted, frozen.situation):
            yield f"a person could not do this now: {refusal}"
        return
    again = decide(frozen.situation)
    if (again.move, again.rule, again.because) != (frozen.move, frozen.rule, frozen.because):
        yield f"the rules now say {again.move} by {again.rule}: {again.because}"
