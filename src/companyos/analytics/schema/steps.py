"""What each release changed in the event engine's tables. Append only: a step that ran somewhere stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Command = Callable[[str], object]
Ask = Callable[[str], list[tuple[Any, ...]]]
Step = Callable[[Command, Ask], None]

ORDER_BY_PERSON = "ALTER TABLE events MATERIALIZE PROJECTION by_person"
_TOKENS = "non_replicated_deduplication_window = 10000"
_DURABLE = f"{_TOKENS}, fsync_after_insert = 1, fsync_part_directory = 1"
_COLUMNS = (
    "tenant, id, event, time, received, actor, feature, path, kind, case, task, value, latency_ms, by, props"
)
_EVENT = """
    tenant LowCardinality(String),
    id String,
    event LowCardinality(String),
    time DateTime64(3, 'UTC'),
    received DateTime64(3, 'UTC'),
    actor String,
    feature LowCardinality(String),
    path LowCardinality(String),
    kind LowCardinality(String),
    case String,
    task String,
    value Nullable(Float64),
    latency_ms Nullable(Float64),
    by String,
    props String"""


def events_and_quarantine(command: Command, ask: Ask) -> None:
    """The first tables: rows as they came, cut by month of receipt."""
    command(f"""CREATE TABLE IF NOT EXISTS events ({_EVENT}
) ENGINE = MergeTree PARTITION BY toYYYYMM(received)
ORDER BY (tenant, toDate(time), event, actor, time) SETTINGS {_DURABLE}""")
    command(f"""CREATE TABLE IF NOT EXISTS quarantine (
    tenant String, id String, reason String, body String, received DateTime64(3, 'UTC')
) ENGINE = MergeTree PARTITION BY toYYYYMM(received) ORDER BY (tenant, received) SETTINGS {_DURABLE}""")


def events_once_for_ever(command: Command, ask: Ask) -> None:
    """Duplicates are equal in the sort key and lie in one partition, so merges drop them whenever they came."""
    if ask("SELECT engine FROM system.tables WHERE database = currentDatabase() AND name = 'events'") != [
        ("ReplacingMergeTree",)
    ]:
        command("DROP TABLE IF EXISTS events_new")
        command(f"""CREATE TABLE events_new ({_EVENT},
    key UInt64 MATERIALIZED cityHash64(tenant, id)
) ENGINE = ReplacingMergeTree PARTITION BY toYYYYMM(time)
PRIMARY KEY (tenant, toDate(time), event, actor)
ORDER BY (tenant, toDate(time), event, actor, time, key) SETTINGS {_DURABLE}""")
        command(f"INSERT INTO events_new ({_COLUMNS}) SELECT {_COLUMNS} FROM events")  # noqa: S608
        command("EXCHANGE TABLES events AND events_new")
    command("DROP TABLE IF EXISTS events_new")


def sums_of(events: str) -> str:
    """The question whose answer the sums keep, about the rows of `events`; each counts for its hour and its day."""
    return f"""SELECT grain, event, at, tenant, feature, path, count() AS events,
    uniqCombined64StateIf(12)(actor, actor != '') AS actors,
    quantilesDDState(0.01, 0.5, 0.95, 0.99)(latency_ms) AS latency, max(time) AS last
FROM {events}
ARRAY JOIN ['hour', 'day'] AS grain, [toStartOfHour(time), toStartOfDay(time)] AS at
GROUP BY grain, event, at, tenant, feature, path"""  # noqa: S608


def _sums_table(name: str, *settings: str) -> str:
    return f"""CREATE TABLE {name} (
    grain LowCardinality(String),
    event LowCardinality(String),
    at DateTime('UTC'),
    tenant LowCardinality(String),
    feature LowCardinality(String),
    path LowCardinality(String),
    events SimpleAggregateFunction(sum, UInt64),
    actors AggregateFunction(uniqCombined64(12), String),
    latency AggregateFunction(quantilesDD(0.01, 0.5, 0.95, 0.99), Nullable(Float64)),
    last SimpleAggregateFunction(max, DateTime64(3, 'UTC'))
) ENGINE = AggregatingMergeTree PARTITION BY toYYYYMM(at) ORDER BY (grain, event, at, tenant, feature, path)
SETTINGS {", ".join((_DURABLE, *settings))}"""


def sums_by_hour_and_day(command: Command, ask: Ask) -> None:
    """Company-wide pages read these and not the events. One view feeds both: views are dear for small blocks."""
    command("DROP TABLE IF EXISTS sums_feed")
    command("DROP TABLE IF EXISTS sums")
    command(_sums_table("sums"))
    command(f"INSERT INTO sums {sums_of('events FINAL')}")
    command(f"CREATE MATERIALIZED VIEW sums_feed TO sums AS {sums_of('events')}")


def who_as_a_number(command: Command, ask: Ask) -> None:
    """Nearly every question counts people, and a number is read and grouped in half the time. 0 is nobody."""
    number = "who UInt64 MATERIALIZED if(actor = '', 0, cityHash64(tenant, actor))"
    command(f"ALTER TABLE events ADD COLUMN IF NOT EXISTS {number}")
    command(
        "ALTER TABLE events MATERIALIZE COLUMN who SETTINGS mutations_sync = 0"
    )  # right before it is done


def sums_in_small_pieces(command: Command, ask: Ask) -> None:
    """A row holds sketches of kilobytes. In pieces of 128 rows one question can be read by several threads."""
    (made,) = ask(
        "SELECT count() FROM system.tables WHERE database = currentDatabase() AND name = 'sums'"
        " AND engine_full LIKE '%index_granularity = 128%'"
    )
    command("DROP TABLE IF EXISTS sums_feed")
    if made != (1,):
        command("DROP TABLE IF EXISTS sums_new")
        command(_sums_table("sums_new", "index_granularity = 128"))
        command("INSERT INTO sums_new SELECT * FROM sums")
        command("EXCHANGE TABLES sums AND sums_new")
    command("DROP TABLE IF EXISTS sums_new")
    command(f"CREATE MATERIALIZED VIEW sums_feed TO sums AS {sums_of('events')}")


def events_in_order_of_people(command: Command, ask: Ask) -> None:
    """A second, narrow order of the same rows, in which a person's events lie side by side.

    The engine reads whichever order has fewer marks to read. One mark of this one stands for twice as many rows, so
    that it is taken for questions about most of what people did, and the table's own for a few days or events.

    Inserts have no time for it, and merges would need memory for it: the daily upkeep writes it (`ORDER_BY_PERSON`),
    and rows without it are read in the table's own order.
    """
    command(
        "ALTER TABLE events MODIFY SETTING deduplicate_merge_projection_mode = 'drop',"
        " materialize_projections_on_insert = 0"
    )
    command("""ALTER TABLE events ADD PROJECTION IF NOT EXISTS by_person
(SELECT tenant, feature, who, time, event, path ORDER BY tenant, feature, who, time)
WITH SETTINGS (index_granularity = 16384)""")
    command(f"{ORDER_BY_PERSON} SETTINGS mutations_sync = 0")


def merged_parts_stay_a_while(command: Command, ask: Ask) -> None:
    """What a merge writes is not synced, and the parts it was made of are: those must not go before it is on disk.

    A ClickHouse server keeps them for eight minutes, while chDB takes them away at once.
    """
    for table in ("events", "quarantine", "sums"):
        command(f"ALTER TABLE {table} MODIFY SETTING old_parts_lifetime = 480")


STEPS: tuple[Step, ...] = (
    events_and_quarantine,
    events_once_for_ever,
    sums_by_hour_and_day,
    who_as_a_number,
    sums_in_small_pieces,
    events_in_order_of_people,
    merged_parts_stay_a_while,
)
