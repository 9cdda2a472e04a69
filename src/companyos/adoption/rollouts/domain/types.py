"""The words of a rollout: its states, gates, verdicts and moves."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any


class Verdict(StrEnum):
    PASSED = "passed"
    FAILED = "failed"
    PENDING = "pending"  # too little evidence, time left
    INCONCLUSIVE = "inconclusive"  # time over, or data missing, stalled or not a number


class Status(StrEnum):
    """What a rollout is doing now."""

    PLANNED = "planned"
    ACTIVE = "active"
    PAUSED = "paused"
    ROLLED_BACK = "rolled_back"
    COMPLETED = "completed"
    KILLED = "killed"


class StageState(StrEnum):
    WAITING = "waiting"
    ACTIVE = "active"
    PASSED = "passed"
    ROLLED_BACK = "rolled_back"
    SKIPPED = "skipped"


class Move(StrEnum):
    START = "start"
    STAY = "stay"
    SWITCH_OVER = "switch_over"  # a stage in shadow: its people get the new path
    ADVANCE = "advance"
    COMPLETE = "complete"
    PAUSE = "pause"
    RESUME = "resume"
    ROLL_BACK = "roll_back"
    KILL = "kill"


class Turn(StrEnum):
    """What a move of a rollout was for the people of its stage."""

    BEGAN = "began"  # they have the feature
    TAKEN_BACK = "taken_back"
    COMPLETED = "completed"  # the last stage has passed


@dataclass(frozen=True, slots=True)
class Gate:
    """One condition of a stage as judged just now."""

    name: str
    verdict: Verdict
    because: str
    rolls_back: bool = False
    kind: str = ""
    title: str = ""
    value: float | None = None
    low: float | None = None
    high: float | None = None
    limit: float | None = None
    n: int | None = None
    unit: str = ""
    evidence: str | None = None
    evidence_sha256: str | None = None
    dry_run: bool = False
    streak: int = 0  # readings in a row, this one included, that passed by themselves
    rule: str = ""  # the rule that said so
    told: Mapping[str, Any] = field(default_factory=dict)  # what a guardrail's evidence is made of
    reach: str = ""  # of a row of the risk matrix that takes back everything
    exempt: str = ""  # by whom, until when and why it is passed over; empty: it is not

    @property
    def is_in_the_way(self) -> bool:
        """Tell whether this gate can stop anything."""
        return not self.dry_run and not self.exempt
