"""Looks: every two hours of a working day from its opening, and never at night."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

import pytest

from companyos.adoption.rollouts.rehearsal.looks import last_look, next_look
from companyos.kernel.business_time import WorkingCalendar

MADRID = ZoneInfo("Europe/Madrid")
NINE_TO_FIVE = WorkingCalendar(MADRID)
HALF_PAST_EIGHT = WorkingCalendar(MADRID, (time(8, 30), time(12)))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=MADRID)


@pytest.mark.parametrize(
    ("calendar", "moment", "last", "following"),
    [
        (NINE_TO_FIVE, "2026-10-26 08:59", None, "2026-10-26 09:00"),
        (NINE_TO_FIVE, "2026-10-26 09:00", "2026-10-26 09:00", "2026-10-26 11:00"),
        (NINE_TO_FIVE, "2026-10-26 10:59", "2026-10-26 09:00", "2026-10-26 11:00"),
        (NINE_TO_FIVE, "2026-10-26 15:00", "2026-10-26 15:00", "2026-10-27 09:00"),
        (NINE_TO_FIVE, "2026-10-26 23:00", "2026-10-26 15:00", "2026-10-27 09:00"),
        (
            NINE_TO_FIVE,
            "2026-10-24 12:00",
            None,
            "2026-10-26 09:00",
        ),  # a Saturday; the clocks change that night
        (HALF_PAST_EIGHT, "2026-10-26 11:00", "2026-10-26 10:30", "2026-10-27 08:30"),
    ],
)
def test_looks_of_a_day(calendar: WorkingCalendar, moment: str, last: str | None, following: str) -> None:
    assert last_look(calendar, at(moment)) == (at(last) if last else None)
    assert next_look(calendar, at(moment)) == at(following)
