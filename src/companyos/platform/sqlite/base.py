"""Django's SQLite with a queue at the door: writers of one process wait for each other in line.

SQLite lets whoever finds it locked sleep and look again, up to 100 ms at a time, and serves nobody in between. Threads
of one process can do better: each waits for the one before and begins the moment that one is done. Another process is
met as before, by sleeping and looking again.
"""

from __future__ import annotations

import threading

from django.db.backends.sqlite3 import base

_WRITING = threading.Lock()
_LONGEST_SECONDS = 5.0  # then SQLite itself says that it is locked


class DatabaseWrapper(base.DatabaseWrapper):
    """A connection that stands in line before it begins to write."""

    _is_writing = False

    def _start_transaction_under_autocommit(self) -> None:
        self._is_writing = _WRITING.acquire(timeout=_LONGEST_SECONDS)
        try:
            super()._start_transaction_under_autocommit()  # type: ignore[misc]
        except BaseException:
            self._let_the_next_write()
            raise

    def _commit(self) -> None:
        super()._commit()  # type: ignore[misc]
        self._let_the_next_write()

    def _rollback(self) -> None:
        try:
            super()._rollback()  # type: ignore[misc]
        finally:
            self._let_the_next_write()

    def _close(self) -> None:
        try:
            super()._close()  # type: ignore[misc]
        finally:
            self._let_the_next_write()

    def _let_the_next_write(self) -> None:
        if self._is_writing:
            self._is_writing = False
            _WRITING.release()
