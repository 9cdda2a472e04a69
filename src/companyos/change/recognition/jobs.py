"""What the worker does for recognition, once a day."""

from __future__ import annotations

from datetime import date, datetime

from companyos.change.recognition import actions
from companyos.change.recognition.queries import company_zone


class Recognition:
    """Judges teams, gives credits and closes votes on the first look of each day."""

    def __init__(self) -> None:
        self._looked_on: date | None = None

    def look(self, now: datetime) -> bool:
        """Do a day's work if it is not done yet; tells whether it was. What fails is done at the next look."""
        zone = company_zone()
        today = now.astimezone(zone).date()
        if today == self._looked_on:
            return False
        judge_all(now)
        self._looked_on = today
        return True


def judge_all(now: datetime) -> None:
    actions.close_due(now=now, zone=company_zone())
    actions.give_credits(now=now)
    actions.judge_teams(now=now)
