"""The event engine behind one small port: chDB in this process, or a ClickHouse server by its URL.

Both speak through clickhouse-connect, with the same tables and the same questions. The client libraries are
imported when an engine is opened, not before: they are heavy, and the edge does not need them.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit

from companyos.analytics import removal
from companyos.analytics.completion import Block
from companyos.analytics.folder_lock import FolderLock
from companyos.analytics.limits import A_JOB, A_PAGE, EngineAway, Limits, away, in_plain_words
from companyos.analytics.removal import Erased, Past
from companyos.analytics.rollups import mend
from companyos.analytics.schema import TABLES, upgrade
from companyos.analytics.schema.steps import ORDER_BY_PERSON

_SQL = Path(__file__).parent / "sql"
_INSERT_SETTINGS = {
    "max_threads": 1,
    "max_insert_threads": 1,
    "input_format_parallel_parsing": 0,
    "insert_deduplicate": 1,
    "deduplicate_blocks_in_dependent_materialized_views": 1,
    "max_partitions_per_insert_block": 0,  # times go back to the year 2000, and a block must never be stuck
}
_MAY_SET_LIMITS_ONLY = 2  # ClickHouse's word for "reads only, and may change settings"
Connect = Callable[[bool], Any]  # (writes) -> a client of clickhouse-connect
_SCHEMES = {"clickhouse": (False, 8123), "clickhouses": (True, 8443)}


class Engine(Protocol):
    def insert(self, table: str, ndjson: bytes, *, token: str) -> None:
        """Add the rows, durably. The same token again adds nothing, neither to the table nor to its sums."""
        ...

    def complete(self, table: str, ndjson: bytes) -> None:
        """Add what is missing of a block whose insert did not come back, and make its days' sums right again."""
        ...

    def rows(self, query: str, *, limits: Limits = A_PAGE, **parameters: Any) -> list[tuple[Any, ...]]:
        """The answer to `analytics/sql/<query>.sql`. The engine binds parameters; times have a zone.

        Raises TooSlow or TooBig when it would cost more than `limits`, and EngineAway without an engine.
        """
        ...

    def mend_rollups(self) -> list[str]:
        """Compare the sums by hour and day with the events and make again what differs; says which days."""
        ...

    def order_by_person(self) -> None:
        """Write the events that came since the last time in order of people, too: for questions over weeks."""
        ...

    def erase(self, names: Sequence[str]) -> Erased:
        """Take out what is held of the person who has these names; says how much. Mend the sums afterwards."""
        ...

    def drop_events(self, past: Past) -> int:
        """Take out events past their time; says how many. Mend the sums afterwards."""
        ...

    def drop_refused(self, before: int) -> int:
        """Take out of the quarantine what was received before a moment (epoch ms); says how many rows."""
        ...

    def close(self) -> None: ...


def open_engine(folder: Path, url: str = "") -> Engine:
    """The engine whose data lie in `folder`, or the one at `clickhouse://user:password@host:port/database`.

    Tables of an older release are upgraded. Raises FolderInUse when another process works in `folder`, EngineAway
    when nothing answers at the URL, and FromTheFuture for tables of a newer release. One process can have embedded
    engines open on one folder only (a limit of chDB).
    """
    connect = _remote(url) if url else _embedded(folder)
    folder.mkdir(parents=True, exist_ok=True)
    lock = FolderLock(folder, "the event engine")
    try:
        return _Clickhouse(connect, lock)
    except BaseException:
        lock.release()
        raise


def _embedded(folder: Path) -> Connect:
    def connect(writes: bool) -> Any:
        import clickhouse_connect  # heavy: see the top of this file

        client = clickhouse_connect.get_client(interface="chdb", path=str(folder / "chdb"), tz_mode="aware")
        if not writes:
            client.command(f"SET readonly = {_MAY_SET_LIMITS_ONLY}")
        return client

    return connect


def _remote(url: str) -> Connect:
    parts = urlsplit(url)
    if parts.scheme not in _SCHEMES or not parts.hostname:
        raise EngineAway(
            "COMPANYOS_CLICKHOUSE_URL is not clickhouse://user:password@host:port/database"
            " (clickhouses:// over TLS). Nothing was opened; correct it, or unset it to use the embedded engine."
        )
    secure, port = _SCHEMES[parts.scheme]

    def connect(writes: bool) -> Any:
        import clickhouse_connect  # heavy: see the top of this file

        try:
            return clickhouse_connect.get_client(
                host=parts.hostname,
                port=parts.port or port,
                username=unquote(parts.username or "default"),
                password=unquote(parts.password or ""),
                database=parts.path.strip("/") or "default",
                secure=secure,
                tz_mode="aware",
                autogenerate_session_id=False,
                settings={} if writes else {"readonly": _MAY_SET_LIMITS_ONLY},
            )
        except clickhouse_connect.driver.exceptions.Error as error:
            raise away(
                f"Opening {parts.hostname}:{parts.port or port}", error, "Nothing was started."
            ) from None

    return connect


class _Clickhouse:
    """One handle per thread and purpose: a handle shared by threads is refused or cut short by chDB.

    Questions go through handles that cannot write, whatever a question says.
    """

    def __init__(self, connect: Connect, lock: FolderLock) -> None:
        self._connect = connect
        self._lock = lock
        self._mine = threading.local()
        self._handles: list[Any] = []
        self._opening = threading.Lock()
        try:
            self._upgrade()
        except BaseException:
            self._close_handles()
            raise

    def insert(self, table: str, ndjson: bytes, *, token: str) -> None:
        if table not in TABLES:
            raise ValueError(f"there is no table {table!r}; the tables are {', '.join(TABLES)}")
        settings = {**_INSERT_SETTINGS, "insert_deduplication_token": token}
        with in_plain_words(f"The insert into {table}"):
            self._writer().raw_insert(table, insert_block=ndjson, fmt="JSONEachRow", settings=settings)

    def complete(self, table: str, ndjson: bytes) -> None:
        settings = {**_INSERT_SETTINGS, "insert_deduplicate": 0}
        block = Block.of(ndjson) if table == "events" else None
        missing = block.missing(self._held) if block else ndjson
        with in_plain_words(f"Completing a block of {table}"):
            if missing:
                self._writer().raw_insert(table, insert_block=missing, fmt="JSONEachRow", settings=settings)
        if block:
            with in_plain_words("Mending the sums", A_JOB):
                mend(self._command, self._ask, block.days())

    def _held(self, question: dict[str, Any]) -> set[tuple[str, str]]:
        return {(tenant, event) for tenant, event in self.rows("held_events", **question)}

    def rows(self, query: str, *, limits: Limits = A_PAGE, **parameters: Any) -> list[tuple[Any, ...]]:
        text = _text_of(query)
        with in_plain_words(f"The question {query!r}", limits):
            result = self._reader().query(text, parameters=parameters, settings=limits.settings())
        return [tuple(row) for row in result.result_rows]

    def mend_rollups(self) -> list[str]:
        with in_plain_words("Mending the sums", A_JOB):
            return mend(self._command, self._ask)

    def order_by_person(self) -> None:
        with in_plain_words("Writing events in order of people", A_JOB):
            self._command(f"{ORDER_BY_PERSON} SETTINGS mutations_sync = 2")

    def erase(self, names: Sequence[str]) -> Erased:
        with in_plain_words("Erasing a person", A_JOB):
            return removal.erase(names, self._count, self._change)

    def drop_events(self, past: Past) -> int:
        with in_plain_words("Dropping events past their time", A_JOB):
            return removal.drop_events(past, self._count, self._change)

    def drop_refused(self, before: int) -> int:
        with in_plain_words("Dropping refused events past their time", A_JOB):
            return removal.drop_refused(before, self._count, self._change)

    def close(self) -> None:
        self._close_handles()
        self._lock.release()

    def _upgrade(self) -> None:
        with in_plain_words("The upgrade of the tables"):
            upgrade(self._command, self._ask)

    def _count(self, query: str, parameters: dict[str, Any]) -> tuple[int, ...]:
        return tuple(int(each) for each in self.rows(query, limits=A_JOB, **parameters)[0])

    def _change(self, statement: str, parameters: dict[str, Any]) -> object:
        return self._writer().command(statement, parameters=parameters)

    def _command(self, statement: str) -> object:
        return self._writer().command(statement)

    def _ask(self, question: str) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._writer().query(question).result_rows]

    def _writer(self) -> Any:
        if not hasattr(self._mine, "writer"):
            self._mine.writer = self._open(writes=True)
        return self._mine.writer

    def _reader(self) -> Any:
        if not hasattr(self._mine, "reader"):
            self._mine.reader = self._open(writes=False)
        return self._mine.reader

    def _open(self, *, writes: bool) -> Any:
        with self._opening:
            handle = self._connect(writes)
            self._handles.append(handle)
            return handle

    def _close_handles(self) -> None:
        with self._opening:
            while self._handles:
                self._handles.pop().close()


@cache
def _text_of(query: str) -> str:
    path = _SQL / f"{query}.sql"
    if not path.is_file() or path.parent != _SQL:
        raise ValueError(f"there is no query {query!r}: {path.name} is not in analytics/sql")
    return path.read_text(encoding="utf-8")
