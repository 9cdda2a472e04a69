"""Generated events of 28 days and 200 tenants for `bench.queries`: in the engine, and in files for its peer."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

EVENTS = int(os.environ.get("BENCH_EVENTS", "100000000"))
DAYS = 28
SINCE = datetime(2026, 3, 2, tzinfo=UTC)  # a Monday
UNTIL = SINCE + timedelta(days=DAYS)
_BYTES_AN_EVENT = 260  # both engines and the files between them, while parts are merged
_COLUMNS = """toString(tenant) AS tenant, toString(event) AS event, toUnixTimestamp64Milli(time) AS ms, actor,
    toString(feature) AS feature, latency_ms"""
# Five events a case: met the flag, began the case, began the task, ended the task somehow, closed the case.
_GENERATE = """
INSERT INTO events (tenant, id, event, time, received, actor, feature, path, kind, case, task, latency_ms, props)
WITH intDiv(number, 5) AS one, number % 5 AS step, sipHash64(one) AS dice, sipHash64(one, 1) AS more,
    (dice % 1000000) / 1000000 AS share,
    if(share < 0.17, 0, toUInt32(1 + 199 * pow((share - 0.17) / 0.83, 2))) AS nth,
    toUInt32(2000 + if(nth = 0, 250000, 400000 / (1 + nth))) AS people,
    toInt64(more % 86400000) + step * toInt64(sipHash64(number) % 600000) AS of_day
SELECT concat('tenant-', toString(nth)), lower(hex(sipHash128(number))),
    multiIf(step = 0, 'feature_flag.evaluation', step = 1, 'case_started', step = 2, 'task_started', step = 4,
        'case_closed', more % 10 < 8, 'task_completed', more % 10 = 8, 'task_failed', 'task_seen'),
    fromUnixTimestamp64Milli({day:Int64} + of_day, 'UTC'), fromUnixTimestamp64Milli({day:Int64} + of_day, 'UTC'),
    concat('person-', toString(toUInt32(pow((more % 1000003) / 1000003, 1.5) * people)), '-', toString(nth)),
    'unified-approvals', if(step = 0, if(more % 2, 'on', 'off'), if(more % 2, 'unified', 'existing')),
    if(step = 0, 'unified-approvals', concat('step-', toString(dice % 7))), concat('case-', toString(one)),
    concat('case-', toString(one), '-1'), if(step = 3, toFloat64(round(exp(5 + (more % 1000) / 400), 1)), NULL), '{}'
FROM numbers_mt({first:UInt64}, {many:UInt64})
WHERE of_day < 86400000
SETTINGS max_threads = 2, max_insert_threads = 2
"""


class Making:
    """The events a day at a time, as they come in life, and files of them for the peer. Goes on where it ended."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._note = folder, folder / "made.json"
        self.told: dict[str, Any] = {
            "wanted": EVENTS, "begun": 0, "days": 0, "inserted_s": 0.0, "merged_s": 0.0, "files": 0, "files_s": 0.0,
        }  # fmt: skip
        if self._note.exists():
            self.told = json.loads(self._note.read_text())

    def problem(self) -> str:
        """Say why what lies in the folder is of no use."""
        if self.told["wanted"] != EVENTS:
            return f"queries: {self._folder} holds {self.told['wanted']:,} events. Delete it, or ask for as many."
        if self.told["begun"] != self.told["days"]:
            return f"queries: {self._folder} was cut short in the middle of a day. Delete it and begin anew."
        return ""

    def went_through(self, *, within: float) -> bool:
        """Do what is not done yet, one step after the other, for so many seconds; False: some is left."""
        import clickhouse_connect

        from companyos.analytics.engine import open_engine

        open_engine(self._folder / "engine").close()  # makes the tables
        client = clickhouse_connect.get_client(interface="chdb", path=str(self._folder / "engine" / "chdb"))
        (self._folder / "files").mkdir(exist_ok=True)
        began = time.perf_counter()
        try:
            for step, seconds in self._left():
                if time.perf_counter() - began > within:
                    return False
                at = time.perf_counter()
                step(client)
                self.told[seconds] += time.perf_counter() - at
                self._note.write_text(json.dumps(self.told))
        finally:
            client.close()
        return True

    def _left(self) -> Iterator[tuple[Callable[[Any], None], str]]:
        for _ in range(self.told["days"], DAYS):
            yield self._insert_a_day, "inserted_s"
        if not self.told["merged_s"]:
            yield self._merge, "merged_s"
        for _ in range(self.told["files"], DAYS):
            yield self._write_a_file, "files_s"
        if "events" not in self.told:
            yield self._measure, "files_s"

    def _insert_a_day(self, client: Any) -> None:
        day, of_a_day = self.told["days"], EVENTS // DAYS // 5 * 5
        self.told["begun"] = day + 1
        self._note.write_text(json.dumps(self.told))
        at = round((SINCE + timedelta(days=day)).timestamp() * 1000)
        client.command(_GENERATE, parameters={"day": at, "first": day * of_a_day, "many": of_a_day})
        self.told["days"] = day + 1
        print(f"  made {day + 1} of {DAYS} days; those before in {self.told['inserted_s']:.0f} s", flush=True)

    def _merge(self, client: Any) -> None:
        from companyos.analytics.schema.steps import ORDER_BY_PERSON

        for table in ("events", "sums"):
            client.command(f"OPTIMIZE TABLE {table} FINAL")
        client.command(f"{ORDER_BY_PERSON} SETTINGS mutations_sync = 2")

    def _write_a_file(self, client: Any) -> None:
        day = self.told["files"]
        path = self._folder / "files" / f"{day}.parquet"
        path.unlink(missing_ok=True)
        where = f"toDate(time) = toDate('{(SINCE + timedelta(days=day)).date()}')"
        client.command(
            f"SELECT {_COLUMNS} FROM events WHERE {where} INTO OUTFILE '{path}' FORMAT Parquet"  # noqa: S608
        )
        self.told["files"] = day + 1

    def _measure(self, client: Any) -> None:
        files = (path for path in (self._folder / "engine").rglob("*") if path.is_file())
        told = self.told
        told["events"] = client.query("SELECT count() FROM events").result_rows[0][0]
        told["bytes"] = sum(path.stat().st_size for path in files)
        print(
            f"  {told['events']:,} events in {told['inserted_s']:.0f} s with their sums, merged in"
            f" {told['merged_s']:.0f} s, files in {told['files_s']:.0f} s; {told['bytes'] / 1e9:.2f} GB"
        )


def too_little_disk(folder: Path, days: int) -> str:
    """Say why the events do not fit; empty when they do."""
    free, needed = shutil.disk_usage(folder).free, EVENTS * _BYTES_AN_EVENT * (DAYS - days) // DAYS
    print(
        f"{EVENTS:,} events; {free / 1e9:.0f} GB free, about {needed / 1e9:.1f} GB are needed still",
        flush=True,
    )
    if free >= needed:
        return ""
    most = free // _BYTES_AN_EVENT
    return f"queries: not run. Free the disk, set BENCH_FOLDER to a larger one, or BENCH_EVENTS to {most}."
