"""What the rollout board shows: one frozen page, gathered by `queries.board`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from companyos.adoption.rollouts.domain.checkpoints import Checkpoints
from companyos.adoption.rollouts.domain.foretold import Foretold
from companyos.adoption.rollouts.domain.gate_specs import GateKind
from companyos.adoption.rollouts.domain.guardrail import what_a_rule_says
from companyos.adoption.rollouts.domain.schedule import Planned
from companyos.adoption.rollouts.domain.types import Gate, Move, StageState, Status

_WORDS_ONLY = {GateKind.DWELL, GateKind.ATTESTED, GateKind.APPROVAL, GateKind.JUDGEMENT}


@dataclass(frozen=True, slots=True)
class Reading:
    """One point of a gate's history."""

    at: datetime
    value: float | None
    low: float | None
    high: float | None


@dataclass(frozen=True, slots=True)
class GateTile:
    gate: Gate
    window: str
    history: tuple[Reading, ...] = ()
    compares: str = ""  # a guardrail: what is compared with what, in plain words
    caveat: str = ""

    @property
    def rule_says(self) -> str:
        """The sentence of the rule that spoke, for a guardrail."""
        return what_a_rule_says(self.gate.rule)

    @property
    def signals(self) -> list[tuple[str, dict[str, Any]]]:
        """What the evidence is merged from, where there is more than one signal or one that says why it is silent."""
        parts = list(self.gate.told.get("signals", {}).items())
        return parts if len(parts) > 1 or any(each["problem"] for _, each in parts) else []

    @property
    def is_measured(self) -> bool:
        """Tell whether there is a figure to draw; a person's word and the calendar have none."""
        return self.gate.kind not in _WORDS_ONLY


@dataclass(frozen=True, slots=True)
class RiskRow:
    """One row of the risk/rollback matrix beside its live value."""

    title: str
    metric: str
    hit_when: str
    window: str
    does: str
    gate: Gate | None  # as judged last; None before the first look


@dataclass(frozen=True, slots=True)
class EntryRow:
    """What was set going when the running stage was entered."""

    action: str
    due_at: datetime
    says: str


@dataclass(frozen=True, slots=True)
class StageRow:
    slug: str
    title: str
    tenants: tuple[str, ...]
    who: str
    people: int
    state: StageState
    words: str
    attempt: int
    gates_passed: int
    gates_total: int
    time_in_stage: str
    entered_at: datetime | None
    left_at: datetime | None
    is_current: bool


@dataclass(frozen=True, slots=True)
class EvidenceLink:
    name: str
    id: str
    sha256: str


@dataclass(frozen=True, slots=True)
class DecisionRow:
    id: str
    at: datetime
    move: Move
    title: str
    because: str
    rule: str
    actor: str
    evidence: tuple[EvidenceLink, ...] = ()


@dataclass(frozen=True, slots=True)
class TaskRow:
    slug: str
    title: str
    owner: str
    cadence: str
    times: int
    last_done_at: datetime | None
    last_by: str


@dataclass(frozen=True, slots=True)
class Propagation:
    """How fast a ruleset reached the connected providers, in wall seconds."""

    version: int
    people: int
    providers: int
    confirmed: int
    seconds: float | None


@dataclass(frozen=True, slots=True)
class AskedOfPeople:
    """A request about the rollout: who is still asked, or what came of it."""

    request: str
    title: str
    status: str
    because: str
    people: tuple[str, ...]
    at: datetime
    may_be_asked_again: bool = False


@dataclass(frozen=True, slots=True)
class Control:
    """One thing a person may do now, or the reason why not."""

    action: str
    label: str
    enabled: bool
    why_not: str
    people: int
    asks: str = ""  # who agrees to it first and why; empty: it is made at once


@dataclass(frozen=True, slots=True)
class Practised:
    """How the last drill of the way back went, and whether it still counts (R22)."""

    says: str
    counts: bool
    link: str = ""


@dataclass(frozen=True, slots=True)
class Board:
    plan: str
    title: str
    feature: str
    feature_state: str
    owner: str
    lead: str
    flag: str
    status: Status
    version: int
    started_at: datetime | None
    planned_internal_ga: datetime | None
    headline: str
    because: str
    rule: str
    decided_at: datetime | None
    stage: str
    stages: tuple[StageRow, ...]
    gates: tuple[GateTile, ...]
    tasks: tuple[TaskRow, ...]
    decisions: tuple[DecisionRow, ...]
    controls: tuple[Control, ...]
    propagation: Propagation | None
    checked_at: datetime | None
    now: datetime
    frozen: str = ""
    risks: tuple[RiskRow, ...] = ()
    dates: tuple[Planned, ...] = ()
    foretold: tuple[Foretold, ...] = ()
    checkpoints: Checkpoints | None = None
    entries: tuple[EntryRow, ...] = ()
    asked: tuple[AskedOfPeople, ...] = ()
    way_back: Practised | None = None  # None: nobody offers it
    overlaps: tuple[str, ...] = ()  # other rollouts that touch the same people: they confound each other

    @property
    def slipped(self) -> tuple[Planned, ...]:
        """Stages to come that begin on another day than planned."""
        return tuple(each for each in self.dates if each.says)

    @property
    def measured(self) -> tuple[GateTile, ...]:
        return tuple(tile for tile in self.gates if tile.is_measured)

    @property
    def vouched(self) -> tuple[GateTile, ...]:
        return tuple(tile for tile in self.gates if not tile.is_measured)
