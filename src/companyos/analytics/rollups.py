"""Making the sums equal to the events again.

The views add every new row. A row that the table later drops as a duplicate (one that came back after the inbox
had forgotten it) or that was erased stays in the sums until the day is made again here.
"""

from __future__ import annotations

from companyos.analytics.schema.steps import SUMS, Ask, Command, sums_of


def mend(command: Command, ask: Ask) -> list[str]:
    """Compare the counts of every UTC day and make again the days that differ; says which. Not while inserts run."""
    held: dict[str, int] = dict(ask("SELECT toString(toDate(time)), count() FROM events FINAL GROUP BY 1"))
    wrong: set[str] = set()
    for table in SUMS:
        counts = f"SELECT toString(toDate(at)), sum(events) FROM {table} GROUP BY 1"  # noqa: S608
        summed: dict[str, int] = dict(ask(counts))
        wrong |= {day for day in held.keys() | summed.keys() if held.get(day, 0) != summed.get(day, 0)}
    for day in sorted(wrong):
        for table in SUMS:
            _make_again(table, day, command)
    return sorted(wrong)


def _make_again(table: str, day: str, command: Command) -> None:
    """Cut short between the two, the day is missing, so the next comparison finds it again."""
    command(f"ALTER TABLE {table} DELETE WHERE toDate(at) = toDate('{day}') SETTINGS mutations_sync = 2")
    where = f"WHERE toDate(time) = toDate('{day}')"
    command(f"INSERT INTO {table} {sums_of(table, 'FINAL', where)} SETTINGS insert_deduplicate = 0")
