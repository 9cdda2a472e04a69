"""What comms do by themselves."""

from __future__ import annotations

from datetime import datetime

from companyos.change.comms import actions


def draft_due(now: datetime) -> str:
    """Draft the next release notes when their two weeks are over; returns the id of the edition, or nothing."""
    return actions.draft_due_release_note(now=now)
