"""The event engine behind one small port: chDB in this process, through clickhouse-connect.

The client libraries are imported when an engine is opened, not before: they are heavy, and the edge
does not need them.
"""

from __future__ import annotations

import threading
from functools import cache
from pathlib import Path
from typing import Any, Protocol

from companyos.analytics.folder_lock import FolderLock
from companyos.analytics.schema import TABLES

_SQL = Path(__file__).parent / "sql"
_INSERT_SETTINGS = {"max_threads": 1, "max_insert_threads": 1, "input_format_parallel_parsing": 0}
_QUERY_SETTINGS = {"max_threads": 2}


class Engine(Protocol):
    def insert(self, table: str, ndjson: bytes, *, token: str) -> None:
        """Add the rows, durably. The same token again adds nothing."""
        ...

    def rows(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        """The answer to `analytics/sql/<query>.sql`. The engine binds parameters; times have a zone."""
        ...

    def close(self) -> None: ...


def open_engine(folder: Path) -> Engine:
    """The engine whose data lie in `folder`. Raises FolderInUse when another process has it open.

    One process can have engines open on one folder only (a limit of chDB).
    """
    folder.mkdir(parents=True, exist_ok=True)
    return _ChdbEngine(folder)


class _ChdbEngine:
    """One client handle per thread: a handle shared by threads is refused or cut short by chDB."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = FolderLock(folder, "the event engine")
        self._mine = threading.local()
        self._clients: list[Any] = []
        self._opening = threading.Lock()
        for ddl in TABLES.values():
            self._client().command(ddl)

    def insert(self, table: str, ndjson: bytes, *, token: str) -> None:
        if table not in TABLES:
            raise ValueError(f"there is no table {table!r}; the tables are {', '.join(TABLES)}")
        settings = {**_INSERT_SETTINGS, "insert_deduplicate": 1, "insert_deduplication_token": token}
        self._client().raw_insert(table, insert_block=ndjson, fmt="JSONEachRow", settings=settings)

    def rows(self, query: str, **parameters: Any) -> list[tuple[Any, ...]]:
        result = self._client().query(_text_of(query), parameters=parameters, settings=_QUERY_SETTINGS)
        return [tuple(row) for row in result.result_rows]

    def close(self) -> None:
        with self._opening:
            while self._clients:
                self._clients.pop().close()
        self._lock.release()

    def _client(self) -> Any:
        client = getattr(self._mine, "client", None)
        if client is None:
            client = self._mine.client = self._open_client()
        return client

    def _open_client(self) -> Any:
        import clickhouse_connect  # heavy: see the top of this file

        with self._opening:
            client = clickhouse_connect.get_client(
                interface="chdb", path=str(self._folder / "chdb"), tz_mode="aware"
            )
            self._clients.append(client)
            return client


@cache
def _text_of(query: str) -> str:
    path = _SQL / f"{query}.sql"
    if not path.is_file() or path.parent != _SQL:
        raise ValueError(f"there is no query {query!r}: {path.name} is not in analytics/sql")
    return path.read_text(encoding="utf-8")
