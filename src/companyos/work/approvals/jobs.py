"""What approvals do by themselves: look at the clocks of open requests, and write to whoever is asked or has asked."""

from __future__ import annotations

from datetime import datetime

from companyos.work.approvals import actions


def look_at_clocks(now: datetime) -> int:
    """Remind, escalate and time out what is due; says how many requests changed."""
    return actions.look_at_clocks(now=now)


def tell_those_asked(now: datetime) -> int:
    """Queue mail and Slack posts for whoever is asked something; says to how many people."""
    return actions.tell_those_asked(now=now)


def tell_outcomes(now: datetime) -> int:
    """Queue what is to be told to whoever asked for something; says to how many people."""
    return actions.tell_outcomes(now=now)
