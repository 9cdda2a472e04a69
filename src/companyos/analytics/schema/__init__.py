"""The tables of the event engine, and how a data directory of an older release gets them.

Each change is a numbered step. A step may be cut short at any statement and run again; once it is through,
its number is written down in the engine itself. `events` keeps each event once for ever: duplicates are equal
in the sort key, and the merges drop them. `days` and `hours` are sums kept up by the inserts.
"""

from __future__ import annotations

from companyos.analytics.schema.steps import STEPS, Ask, Command

TABLES = ("events", "quarantine")


class FromTheFuture(Exception):
    """The data were written by a newer release."""


_APPLIED = """
CREATE TABLE IF NOT EXISTS schema_steps (number UInt32, name String, applied DateTime DEFAULT now())
ENGINE = MergeTree ORDER BY number
"""


def upgrade(command: Command, ask: Ask) -> list[int]:
    """Run the steps that this engine has not had yet; says which. Raises FromTheFuture."""
    command(_APPLIED)
    done = {int(number) for (number,) in ask("SELECT number FROM schema_steps")}
    if unknown := done - {number for number, _ in enumerate(STEPS, 1)}:
        raise FromTheFuture(
            f"The event engine's tables had step {max(unknown)}, and this release knows {len(STEPS)}. "
            "Nothing was changed. Start the newer release again, or restore a backup made before it."
        )
    due = [(number, step) for number, step in enumerate(STEPS, 1) if number not in done]
    for number, step in due:
        step(command, ask)
        command(f"INSERT INTO schema_steps (number, name) VALUES ({number}, '{step.__name__}')")  # noqa: S608
    return [number for number, _ in due]
