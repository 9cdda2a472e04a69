"""The day of a moment is the day that its zone says, however moments follow each other and clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.kernel.local_days import LocalDays

# whole hours, half hours, no summer time; clocks set at midnight (Beirut), a minute after it (St John's, 2010), and a
# day left out (Apia, 2011)
ZONES = (
    "UTC",
    "Europe/Berlin",
    "Asia/Kolkata",
    "Asia/Beirut",
    "America/St_Johns",
    "Pacific/Apia",
    "Australia/Lord_Howe",
)
BEGIN, END = datetime(2009, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC)
STEPS = st.lists(st.integers(-3 * 86_400, 3 * 86_400), max_size=60)  # seconds


@pytest.mark.parametrize("zone", ZONES)
@given(st.integers(0, (END - BEGIN) // timedelta(seconds=1)), STEPS)
def test_it_is_the_day_that_the_zone_says(zone: str, second: int, steps: list[int]) -> None:
    local = ZoneInfo(zone)
    days, moment = LocalDays(local), BEGIN + timedelta(seconds=second)
    for step in [0, *steps]:
        moment += timedelta(seconds=step)
        assert days.of(moment) == moment.astimezone(local).date()


@pytest.mark.parametrize("zone", ZONES)
def test_every_minute_of_the_days_on_which_clocks_change(zone: str) -> None:
    local = ZoneInfo(zone)
    days, moment = LocalDays(local), BEGIN
    while moment < datetime(2013, 1, 1, tzinfo=UTC):
        later = moment + timedelta(hours=12)
        if moment.astimezone(local).utcoffset() != later.astimezone(local).utcoffset():
            for minute in range(-12 * 60, 36 * 60):
                near = moment + timedelta(minutes=minute)
                assert days.of(near) == near.astimezone(local).date(), near
        moment = later
