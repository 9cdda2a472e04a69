"""A rollout as the management API shows it, read into types; what people look at before they act."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec

STOPPED = frozenset({"paused", "rolled_back"})
OVER = frozenset({"completed", "killed"})
_NOT_PASSED = frozenset({"failed", "pending", "inconclusive"})


class SeenGate(msgspec.Struct, frozen=True):
    name: str
    kind: str = ""
    verdict: str = "pending"
    because: str = ""
    value: float | None = None


class SeenTask(msgspec.Struct, frozen=True):
    slug: str
    cadence: str = "once"
    owner: str = ""
    done: bool = False
    last_done_at: datetime | None = None


class SeenApproval(msgspec.Struct, frozen=True):
    role: str
    approved: bool = False


class Rollout(msgspec.Struct, frozen=True):
    """`GET /api/v1/rollouts/{plan}`."""

    version: int
    status: str
    stage: str = ""
    attempt: int = 1
    entered_at: datetime | None = None
    due_at: datetime | None = None
    in_shadow: bool = False
    ruleset_version: int = 0
    feature: str = ""
    gates: tuple[SeenGate, ...] = ()
    tasks: tuple[SeenTask, ...] = ()
    approvals: tuple[SeenApproval, ...] = ()

    @property
    def is_over(self) -> bool:
        return self.status in OVER

    @property
    def is_stopped(self) -> bool:
        return self.status in STOPPED

    @property
    def where(self) -> tuple[str, str, bool]:
        """Where it stands: what differs here is news."""
        return self.stage, self.status, self.in_shadow

    @property
    def awaited(self) -> tuple[SeenGate, ...]:
        """The gates that have not passed."""
        return tuple(gate for gate in self.gates if gate.verdict in _NOT_PASSED)

    def with_verdict(self, *verdicts: str) -> tuple[SeenGate, ...]:
        return tuple(gate for gate in self.gates if gate.verdict in verdicts)

    def is_due(self, now: datetime) -> bool:
        return self.due_at is not None and now >= self.due_at


def rollout_from(body: Any) -> Rollout:
    """Read the answer. Raises ValueError naming the place that does not fit."""
    if isinstance(body, dict):
        body = {name: value for name, value in body.items() if value is not None}
    return msgspec.convert(body, Rollout, strict=True)


def shadow_said(before: Rollout, now: Rollout) -> str:
    """Say what became of a stage that begins in shadow; empty where nothing did."""
    if now.in_shadow:
        return ", in shadow: the existing path answers"
    over = before.in_shadow and before.stage == now.stage and now.status == "active"
    return ": the pairs agree, its people are switched over" if over else ""
