"""The questions of bench/queries.py put to DuckDB, on the same events. Runs in the peer's own environment.

Usage: duckdb_queries.py PARQUET_GLOB DATABASE QUESTIONS_JSON; prints one JSON line a question.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any

import duckdb

_LOAD = """
CREATE TABLE events AS
SELECT tenant, event, make_timestamp(ms * 1000) AS time, actor, feature, latency_ms FROM read_parquet('{files}')
ORDER BY tenant, time::DATE, event, actor
"""
_FUNNEL = """
WITH steps AS (
    SELECT actor, epoch_ms(time) AS ms, CASE event WHEN 'case_started' THEN 1 WHEN 'task_started' THEN 2
        WHEN 'task_completed' THEN 3 ELSE 4 END AS step
    FROM events WHERE tenant = $tenant AND time >= $since AND time < $until
        AND event IN ('case_started', 'task_started', 'task_completed', 'case_closed') AND actor <> ''
), one AS (SELECT *, max(CASE WHEN step = 1 THEN ms END) OVER w AS s1 FROM steps
    WINDOW w AS (PARTITION BY actor ORDER BY ms, step ROWS UNBOUNDED PRECEDING)
), two AS (SELECT *, max(CASE WHEN step = 2 AND ms <= s1 + $window THEN s1 END) OVER w AS s2 FROM one
    WINDOW w AS (PARTITION BY actor ORDER BY ms, step ROWS UNBOUNDED PRECEDING)
), three AS (SELECT *, max(CASE WHEN step = 3 AND ms <= s2 + $window THEN s2 END) OVER w AS s3 FROM two
    WINDOW w AS (PARTITION BY actor ORDER BY ms, step ROWS UNBOUNDED PRECEDING)
), people AS (
    SELECT max(s1) IS NOT NULL AS b, max(s2) IS NOT NULL AS c, max(s3) IS NOT NULL AS d,
        bool_or(step = 4 AND ms <= s3 + $window) AS e
    FROM three GROUP BY actor
)
SELECT count(*) FILTER (b), count(*) FILTER (c), count(*) FILTER (d), count(*) FILTER (e) FROM people
"""
_FUNNEL_FROM_FIRST = """
WITH steps AS (
    SELECT actor, epoch_ms(time) AS ms, event
    FROM events WHERE tenant = $tenant AND time >= $since AND time < $until
        AND event IN ('case_started', 'task_started', 'task_completed', 'case_closed') AND actor <> ''
), one AS (SELECT actor, min(ms) AS began FROM steps WHERE event = 'case_started' GROUP BY actor
), two AS (SELECT actor, began, min(ms) AS ms2 FROM steps JOIN one USING (actor)
    WHERE event = 'task_started' AND ms BETWEEN began AND began + $window GROUP BY ALL
), three AS (SELECT actor, began, min(ms) AS ms3 FROM steps JOIN two USING (actor)
    WHERE event = 'task_completed' AND ms BETWEEN ms2 AND began + $window GROUP BY ALL
), four AS (SELECT DISTINCT actor FROM steps JOIN three USING (actor)
    WHERE event = 'case_closed' AND ms BETWEEN ms3 AND began + $window)
SELECT (SELECT count(*) FROM one), (SELECT count(*) FROM two), (SELECT count(*) FROM three), (SELECT count(*) FROM four)
"""
_TIME_TO_VALUE = """
WITH people AS (
    SELECT actor, min(epoch_ms(time)) FILTER (event = 'feature_flag.evaluation') AS began,
        min(epoch_ms(time)) FILTER (event = 'task_completed') AS got
    FROM events WHERE tenant = $tenant AND time < $until
        AND event IN ('feature_flag.evaluation', 'task_completed') AND actor <> ''
    GROUP BY actor HAVING began >= epoch_ms($since)
), waits AS (
    SELECT CASE WHEN got IS NULL THEN epoch_ms($until) - began ELSE greatest(got - began, 0) END AS took,
        count(got) AS reached, count(*) AS people
    FROM people GROUP BY took
), risk AS (SELECT took, reached, people, sum(people) OVER (ORDER BY took DESC ROWS UNBOUNDED PRECEDING) AS n FROM waits
), levels AS (SELECT took, reached, people,
    sum(CASE WHEN reached = n THEN -1e9 ELSE ln(1 - reached / n) END)
        OVER (ORDER BY took ROWS UNBOUNDED PRECEDING) AS s FROM risk)
SELECT sum(people), sum(reached), min(took) FILTER (reached > 0 AND exp(s) <= 0.5 + 1e-9),
    min(took) FILTER (reached > 0 AND exp(s) <= 0.1 + 1e-9) FROM levels
"""
_WEEKLY = """SELECT date_trunc('week', time) AS week, count(DISTINCT actor)
FROM events WHERE tenant = $tenant AND time >= $since AND time < $until
    AND event = 'task_completed' AND actor <> '' GROUP BY week ORDER BY week"""
_RETENTION = """
WITH weeks AS (SELECT DISTINCT actor, date_trunc('week', time) AS week
    FROM events WHERE tenant = $tenant AND time >= $since AND time < $until AND event = 'task_completed' AND actor <> ''
), cohorts AS (SELECT week, min(week) OVER (PARTITION BY actor) AS cohort FROM weeks)
SELECT cohort, date_diff('week', cohort, week) AS later, count(*) FROM cohorts GROUP BY ALL ORDER BY ALL
"""
_LATENCY = """SELECT date_trunc('minute', time) AS minute, count(*), quantile_disc(latency_ms, [0.5, 0.95, 0.99])
FROM events WHERE tenant = $tenant AND time >= $day_before AND time < $until AND event = 'task_completed'
    AND latency_ms IS NOT NULL GROUP BY minute ORDER BY minute"""
_OVERVIEW = """SELECT tenant, feature, approx_count_distinct(actor) FILTER (event = 'task_completed'),
    count(*) FILTER (event = 'task_started'), count(*) FILTER (event = 'task_completed'),
    count(*) FILTER (event = 'task_failed'),
    approx_quantile(latency_ms, 0.95) FILTER (event = 'task_completed'), max(time)
FROM events WHERE time >= $since AND time < $until AND event IN ('task_started', 'task_completed', 'task_failed')
GROUP BY tenant, feature ORDER BY tenant, feature"""
_QUESTIONS = {
    "funnel": _FUNNEL,
    "funnel from the first start": _FUNNEL_FROM_FIRST,
    "time to value": _TIME_TO_VALUE,
    "weekly actives": _WEEKLY,
    "retention": _RETENTION,
    "latency by minute": _LATENCY,
    "overview": _OVERVIEW,
}


def main() -> None:
    files, database, given = sys.argv[1:]
    parameters = json.loads(given)
    connection = duckdb.connect(database, config={"threads": 2, "memory_limit": "12GB"})
    began = time.perf_counter()
    connection.execute(_LOAD.format(files=files))
    print(json.dumps({"loaded": time.perf_counter() - began, "version": duckdb.__version__}), flush=True)
    for name, text in _QUESTIONS.items():
        used = {key: value for key, value in parameters.items() if f"${key}" in text}
        print(json.dumps({"name": name, **_measured(connection, text, used)}, default=str), flush=True)


def _measured(connection: duckdb.DuckDBPyConnection, text: str, parameters: dict[str, Any]) -> dict[str, Any]:
    seconds, rows = [], []
    for _ in range(4):
        began = time.perf_counter()
        rows = connection.execute(_typed(text), parameters).fetchall()
        seconds.append(time.perf_counter() - began)
    return {"seconds": seconds[1:], "first": seconds[0], "rows": rows}


def _typed(text: str) -> str:
    for name in ("since", "until", "day_before"):
        text = text.replace(f"${name}", f"${name}::TIMESTAMP")
    return text


main()
