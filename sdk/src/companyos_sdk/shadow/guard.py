"""Keeps a candidate from doing anything that others would notice, and says loudly when it tried.

What is refused where the guard stands, that is in the thread that runs the candidate and in tasks it starts there:

- new network connections and datagrams, new processes, and opening files to write, rename or remove (by Python's
  audit events, https://docs.python.org/3/library/audit_events.html);
- whatever the handles you give it refuse: `ReadOnly(store, allow=...)`, and `RolledBack(connect)` for databases.

What it cannot see: bytes over a connection that was open before, C code that opens files on its own, and threads that
the candidate starts. The separate-process pool has none of the program's connections; use it where that matters.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

_MOST_ATTEMPTS = 20


class SideEffectRefused(Exception):
    """The candidate tried something that others would notice."""


@dataclass(slots=True)
class Attempts:
    """What a candidate tried, and whom that concerns."""

    allow: frozenset[str] = frozenset()
    tried: list[str] = field(default_factory=list)

    def refuse(self, what: str) -> None:
        """Write down what was tried, and refuse it. Raises SideEffectRefused."""
        if len(self.tried) < _MOST_ATTEMPTS:
            self.tried.append(what)
        raise SideEffectRefused(f"{what} was refused: this call runs in shadow, and nobody must notice it")


_watched: ContextVar[Attempts | None] = ContextVar("companyos_shadow_attempts", default=None)
_listening = threading.Lock()
_is_listening: list[bool] = []


@dataclass(frozen=True, slots=True)
class Guard:
    """Which side effects are refused.

    `allow` takes out kinds: "network", "processes", "files". `around` are context managers that stand around each run
    (an ORM's rolled-back transaction, say); they are made anew for each.
    """

    allow: tuple[str, ...] = ()
    around: tuple[Callable[[], AbstractContextManager[Any]], ...] = ()

    @contextmanager
    def standing(self) -> Iterator[Attempts]:
        """Refuse side effects inside the block; the `Attempts` know what was tried, also where the error was caught."""
        _listen()
        attempts = Attempts(frozenset(self.allow))
        token = _watched.set(attempts)
        try:
            with _all_of(self.around):
                yield attempts
        finally:
            _watched.reset(token)


@contextmanager
def _all_of(around: tuple[Callable[[], AbstractContextManager[Any]], ...]) -> Iterator[None]:
    if not around:
        yield
        return
    with around[0](), _all_of(around[1:]):
        yield


class ReadOnly:
    """A handle of which only some methods can be called; every other one is refused, and so is setting anything."""

    __slots__ = ("_allow", "_handle")

    def __init__(self, handle: Any, *, allow: tuple[str, ...]) -> None:
        object.__setattr__(self, "_handle", handle)
        object.__setattr__(self, "_allow", frozenset(allow))

    def __getattr__(self, name: str) -> Any:
        if name in self._allow:
            return getattr(self._handle, name)
        return refuse(f"{type(self._handle).__name__}.{name}")

    def __setattr__(self, name: str, value: Any) -> None:
        refuse(f"setting {type(self._handle).__name__}.{name}")


class RolledBack:
    """A connection (PEP 249) of its own for one run: what is written is seen by the run, and then rolled back.

    `commit` is refused and reported. Writing is not: a candidate may need its own writes to go on. `connect` must not
    put the connection into autocommit.
    """

    __slots__ = ("_connect", "_connection")

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._connection: Any = None

    def __enter__(self) -> Any:
        with unwatched():
            self._connection = self._connect()
        if getattr(self._connection, "autocommit", False) is True:
            self._connection.close()
            raise SideEffectRefused("the connection is in autocommit, and could not be rolled back")
        return _Uncommitted(self._connection)

    def __exit__(self, *_: object) -> None:
        with unwatched():
            try:
                self._connection.rollback()
            finally:
                self._connection.close()


class _Uncommitted:
    __slots__ = ("_connection",)

    def __init__(self, connection: Any) -> None:
        object.__setattr__(self, "_connection", connection)

    def __getattr__(self, name: str) -> Any:
        if name in {"commit", "executescript"}:  # sqlite3's executescript commits first
            return lambda *_args, **_more: refuse(f"{name} on a database")
        return getattr(self._connection, name)

    def __setattr__(self, name: str, value: Any) -> None:
        refuse(f"setting {name} of a database connection")


def refuse(what: str) -> Any:
    """Refuse something for a handle of your own. Raises SideEffectRefused."""
    attempts = _watched.get()
    if attempts is None:
        raise SideEffectRefused(f"{what} was refused: this handle only reads")
    return attempts.refuse(what)


@contextmanager
def unwatched() -> Iterator[None]:
    """Let the guard's own parts do their work inside the block."""
    token = _watched.set(None)
    try:
        yield
    finally:
        _watched.reset(token)


_NETWORK = {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind", "socket.getaddrinfo"}
_PROCESSES = {
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.fork",
    "os.forkpty",
    "os.posix_spawn",
    "os.kill",
}
_FILES = {
    "os.remove", "os.rename", "os.rmdir", "os.mkdir", "os.truncate", "os.link", "os.symlink", "os.chmod",
    "os.chown", "os.utime", "shutil.rmtree", "shutil.move",
}  # fmt: skip
_KIND_OF = {
    **dict.fromkeys(_NETWORK, "network"),
    **dict.fromkeys(_PROCESSES, "processes"),
    **dict.fromkeys(_FILES, "files"),
    "open": "files",
}


def _heard(event: str, args: tuple[Any, ...]) -> None:
    kind = _KIND_OF.get(event)
    if kind is None:
        return
    attempts = _watched.get()
    if attempts is None or kind in attempts.allow:
        return
    if event == "open" and not _writes(args):
        return
    attempts.refuse(f"{event} {_target(event, args)}".strip())


def _writes(args: tuple[Any, ...]) -> bool:
    mode = args[1] if len(args) > 1 else None
    if isinstance(mode, str):
        return any(sign in mode for sign in "wax+")
    flags = args[2] if len(args) > 2 and isinstance(args[2], int) else 0
    return bool(flags & 0x3)  # O_WRONLY or O_RDWR


def _target(event: str, args: tuple[Any, ...]) -> str:
    """Whereto, as far as that is no secret: a host and port, a path, a program; never what was sent."""
    with suppress(Exception):
        if event in {"socket.connect", "socket.sendto", "socket.sendmsg", "socket.bind"}:
            where = args[1]
            return f"{where[0]}:{where[1]}" if isinstance(where, tuple) else str(where)[:100]
        return str(args[0])[:100]
    return ""


def _listen() -> None:
    """Hear of audit events. A hook stays for as long as the process; without a guard it costs a look into a dict."""
    if _is_listening:
        return
    with _listening:
        if not _is_listening:
            sys.addaudithook(_heard)
            _is_listening.append(True)
