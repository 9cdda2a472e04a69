"""What cases do by themselves: let their clocks warn, breach and escalate."""

from __future__ import annotations

from datetime import datetime

from companyos.work.cases import actions


def look_at_case_clocks(now: datetime) -> int:
    """Warn, note breaches and escalate what is due; says how many cases changed."""
    return actions.look_at_clocks(now=now)
