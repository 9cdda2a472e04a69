"""Making the sums equal to the events again.

The views add every new row. A row that the table later drops as a duplicate (one that came back after the inbox
had forgotten it) or that was erased stays in the sums until the day is made again here.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from companyos.analytics.schema.steps import Ask, Command, sums_of

_DAYS_HELD = """
SELECT grain, toString(toDate(time)) AS day, count() FROM events FINAL
ARRAY JOIN ['hour', 'day'] AS grain {} GROUP BY grain, day"""
_DAYS_SUMMED = "SELECT grain, toString(toDate(at)) AS day, sum(events) FROM sums {} GROUP BY grain, day"


def mend(command: Command, ask: Ask, days: Iterable[str] = ()) -> list[str]:
    """Compare the counts of UTC days (`YYYY-MM-DD`; of all without `days`) and make again those that differ.

    Says which. Not while inserts run.
    """
    these = ", ".join(f"'{date.fromisoformat(day)}'" for day in days)
    held = set(ask(_DAYS_HELD.format(f"WHERE toDate(time) IN ({these})" if these else "")))
    summed = set(ask(_DAYS_SUMMED.format(f"WHERE toDate(at) IN ({these})" if these else "")))
    wrong = sorted({day for _, day, _ in held ^ summed})
    if wrong:
        _make_again(wrong, command)
    return wrong


def _make_again(days: list[str], command: Command) -> None:
    """Cut short between the two, the days are missing, so the next comparison finds them again."""
    these = ", ".join(f"'{day}'" for day in days)
    command(f"ALTER TABLE sums DELETE WHERE toDate(at) IN ({these}) SETTINGS mutations_sync = 2")
    rows = f"(SELECT * FROM events FINAL WHERE toDate(time) IN ({these}))"  # noqa: S608
    command(f"INSERT INTO sums {sums_of(rows)} SETTINGS insert_deduplicate = 0")
