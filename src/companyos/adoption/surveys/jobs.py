"""What surveys do by themselves: ask people who are reached by letter, and write to them."""

from __future__ import annotations

from datetime import datetime, timedelta

from companyos.adoption.surveys import actions
from companyos.kernel.business_time import WorkingCalendar
from companyos.people.identity import queries as identity

_AT_ONCE = 200  # people a turn; the rest at the next ones
_ROUND_EVERY = timedelta(hours=1)


class LetterRounds:
    """Goes round the company, some people at a time, in working time. Starting anew asks nobody twice."""

    def __init__(self, calendar: WorkingCalendar) -> None:
        self._calendar = calendar
        self._after = ""
        self._not_before: datetime | None = None

    def look(self, now: datetime) -> int:
        """Ask the next people what is due, write what waits, and note what arrived; says to how many it wrote."""
        actions.settle_letters(now=now)
        if not self._calendar.is_working_time(now):
            return 0
        if actions.channels() and (self._not_before is None or now >= self._not_before):
            self._ask_some(now)
        return actions.write_letters(now=now)

    def _ask_some(self, now: datetime) -> None:
        some = [each for each in identity.everybody() if each.slug > self._after][:_AT_ONCE]
        actions.ask_by_letter(people=some, calendar=self._calendar, now=now)
        is_round = len(some) < _AT_ONCE
        self._after = "" if is_round else some[-1].slug
        self._not_before = now + _ROUND_EVERY if is_round else None
