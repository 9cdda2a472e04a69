"""The tables of the event engine.

Sorted for questions about one tenant; cut by month of receipt, so that one insert never meets many parts
however far its events' times lie apart. Inserts carry a token: the same block again adds nothing.
"""

from __future__ import annotations

_SETTINGS = "non_replicated_deduplication_window = 10000, fsync_after_insert = 1, fsync_part_directory = 1"

_EVENTS = f"""
CREATE TABLE IF NOT EXISTS events (
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
    props String
) ENGINE = MergeTree
PARTITION BY toYYYYMM(received)
ORDER BY (tenant, toDate(time), event, actor, time)
SETTINGS {_SETTINGS}
"""

_QUARANTINE = f"""
CREATE TABLE IF NOT EXISTS quarantine (
    tenant String,
    id String,
    reason String,
    body String,
    received DateTime64(3, 'UTC')
) ENGINE = MergeTree
PARTITION BY toYYYYMM(received)
ORDER BY (tenant, received)
SETTINGS {_SETTINGS}
"""

TABLES = {"events": _EVENTS, "quarantine": _QUARANTINE}
