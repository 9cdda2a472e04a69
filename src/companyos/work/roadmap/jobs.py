"""What the worker does for the roadmap."""

from __future__ import annotations

from datetime import datetime

from companyos.work.roadmap import actions


def close_windows(now: datetime) -> None:
    """Close the windows for comments whose week is over."""
    actions.close_due(now)
