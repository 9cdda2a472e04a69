"""Whether a session about a stage still has something to be about."""

from __future__ import annotations

from dataclasses import dataclass

from companyos.change.sessions.domain.types import SessionRow


@dataclass(frozen=True, slots=True)
class Where:
    """Where a rollout is: its stage, and the one that comes after it (empty: none)."""

    is_running: bool
    stage: str
    attempt: int
    next_stage: str = ""
    next_attempt: int = 0


def why_it_is_off(row: SessionRow, where: Where | None) -> str:
    """Say why nobody need come any more; empty while a session still has its stage, or has it before it."""
    if where is None:
        return "its rollout is no more"
    if not where.is_running:
        return "its rollout does not run any more"
    if (row.stage, row.attempt) == (where.stage, where.attempt):
        return ""
    if row.ahead and (row.stage, row.attempt) == (where.next_stage, where.next_attempt):
        return ""
    return "its stage is over"
