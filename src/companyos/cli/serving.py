"""Listening on a port and serving an ASGI application on it until a signal."""

from __future__ import annotations

import gc
import resource
import socket
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import uvicorn

from companyos.cli.commands import Mistake

TURN_SECONDS = 0.0005
"""How long a thread keeps others waiting: a page an evaluation, the event loop the writer of the log, who then
acknowledges. The default is ten times longer, and the writer waits several times for each group."""
_BACKLOG = 4096  # after a restart everybody comes back at once
_OPEN_FILES = 65_536


class Server(uvicorn.Server):
    """A server whose streams end when it is told to stop, so that stopping takes no time."""

    def __init__(
        self, app: Any, close_streams: Callable[[], None], began: Callable[[], None] = lambda: None
    ) -> None:
        """`began` is called once it serves, in its event loop."""
        config = uvicorn.Config(
            app,
            interface="asgi3",
            lifespan="off",
            ws="none",
            log_level="warning",
            access_log=False,
            proxy_headers=False,
            server_header=False,
            date_header=False,
            timeout_graceful_shutdown=2,
            backlog=_BACKLOG,
        )
        super().__init__(config)
        self._close_streams, self._began = close_streams, began

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._began()

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._close_streams()
        super().handle_exit(sig, frame)

    def serve_on(self, listener: socket.socket) -> None:
        """Serve until a signal, or until `should_exit` is set."""
        _allow_many_connections()
        collect_garbage_seldom()
        with suppress(KeyboardInterrupt):  # uvicorn raises the signal again after it has stopped
            self.run(sockets=[listener])


def collect_garbage_seldom() -> None:
    """What is loaded now stays; requests leave few cycles behind, and looking for them at each 700th object is dear."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


def listening_on(port: int) -> socket.socket:
    """Return a socket that listens on this machine's own address. Raises Mistake for a busy port."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(_BACKLOG)  # from here on a client waits instead of being refused
    except OSError as error:
        listener.close()
        raise Mistake(
            f"port {port} on 127.0.0.1 cannot be used ({error.strerror}). Nothing was started;"
            " stop what uses it, or choose another with --port."
        ) from None
    return listener


def _allow_many_connections() -> None:
    """Raise this process's own limit of open files as far as the machine lets it: every stream is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _OPEN_FILES if hard == resource.RLIM_INFINITY else min(hard, _OPEN_FILES)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
