"""How the old path did before anybody was on: without it, nobody can say later whether the new path is better (R66)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

LEAST_DAYS = 14
LEAST_ERROR_SESSIONS = 20


@dataclass(frozen=True, slots=True)
class Part:
    """The tasks of one team or one kind on the old path."""

    name: str
    tasks: int
    done: int
    failed: int
    latency_p95_ms: float | None = None
    seconds_p50: float | None = None

    @property
    def success(self) -> float | None:
        return (self.tasks - self.failed) / self.tasks if self.tasks else None

    @property
    def completion(self) -> float | None:
        return self.done / self.tasks if self.tasks else None


@dataclass(frozen=True, slots=True)
class Baseline:
    """One measurement of the old path; `whole` is the sum of its parts."""

    feature: str
    stage: str
    since: datetime
    until: datetime
    days: int
    whole: Part
    by_team: tuple[Part, ...]
    by_kind: tuple[Part, ...]

    def document(self) -> dict[str, Any]:
        told = asdict(self)
        return {**told, "since": self.since.isoformat(), "until": self.until.isoformat()}

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Baseline:
        return cls(
            document["feature"],
            document["stage"],
            datetime.fromisoformat(document["since"]),
            datetime.fromisoformat(document["until"]),
            document["days"],
            Part(**document["whole"]),
            tuple(Part(**each) for each in document["by_team"]),
            tuple(Part(**each) for each in document["by_kind"]),
        )


def cannot_be_judged(baseline: Baseline | None) -> tuple[str, ...]:
    """Say what stays unknown for want of a baseline; nothing when it is good enough."""
    if baseline is None or baseline.whole.tasks == 0:
        return (
            "whether errors rose: the guardrail compares each team with its own past",
            "whether tasks are done as often, and as fast, as on the old path",
        )
    return tuple(_doubts(baseline))


def _doubts(baseline: Baseline) -> Iterable[str]:
    if baseline.days < LEAST_DAYS:
        yield f"a week's rhythm: {baseline.days} days were measured, {LEAST_DAYS} are needed"
    if baseline.whole.failed < LEAST_ERROR_SESSIONS:
        yield (
            f"small rises of errors: {baseline.whole.failed} failed tasks were seen,"
            f" {LEAST_ERROR_SESSIONS} are needed for a comparison"
        )
