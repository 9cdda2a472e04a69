"""`companyos up --processes 2`: this process is the edge and owns the port; the pages and the worker are its child.

Nothing here, and nothing imported here, knows Django or the database: it reads the published folder and appends to
the inbox log. When the child is away, flags and events go on, and pages answer 503 until it is back.
"""

from __future__ import annotations

import argparse
import gc
import socket
import sys
import threading
from collections.abc import Callable
from pathlib import Path

from companyos.analytics.folder_lock import FolderInUse, FolderLock
from companyos.analytics.inbox import DuplicateWindow, InboxLog
from companyos.cli.commands import BAD_INPUT, Mistake
from companyos.cli.privacy import privacy_asked_for, region_asked_for
from companyos.cli.restarts import Kept
from companyos.cli.serving import TURN_SECONDS, Server, listening_on
from companyos.cli.sync_port import sync_on
from companyos.kernel.clock import WallClock
from companyos.surfaces.edge import Edge
from companyos.surfaces.edge.answers import Receive, Scope, Send
from companyos.surfaces.edge.forward import Forward
from companyos.surfaces.edge.throttle import Rate


def serve_in_two(options: argparse.Namespace) -> int:
    """Serve the real instance in two processes until Ctrl-C."""
    options.data.mkdir(parents=True, exist_ok=True)
    try:
        lock = FolderLock(options.data, "CompanyOS")
        inbox = InboxLog(options.data / "inbox")
    except FolderInUse as in_use:
        raise Mistake(f"{in_use} Stop the other one, or give this one its own --data.") from None
    try:
        return _serve(options, inbox)
    finally:
        inbox.close()
        lock.release()


def _serve(options: argparse.Namespace, inbox: InboxLog) -> int:
    listener, pages = listening_on(options.port), listening_on(0)
    edge = _edge(options, inbox)
    sys.setswitchinterval(TURN_SECONDS)
    outcome = _Outcome(edge)
    kept = Kept(
        _command(options, pages, port=listener.getsockname()[1]),
        inherits=[pages.fileno()],
        heard=inbox.note.ring,
        gave_up=outcome.is_beyond_repair,
    )
    front = EdgeFront(edge, Forward(pages.getsockname(), lambda: kept.is_up), lambda: kept.is_up)
    server = outcome.server = Server(front, lambda: _close(edge, kept), edge.begin)
    stop = threading.Event()
    threading.Thread(target=edge.follow, args=(stop,), name="ruleset-watch", daemon=True).start()
    gc.freeze()  # what is loaded by now stays; looking through it again and again would hold up answers
    with sync_on(options.sync_port, edge):
        print(f"CompanyOS runs on http://127.0.0.1:{listener.getsockname()[1]}   (Ctrl-C stops)", flush=True)
        kept.start()
        try:
            server.serve_on(listener)
        finally:
            stop.set()
            kept.stop()
            kept.ended()
    return outcome.code


class EdgeFront:
    """The ASGI application of the edge's process: what is the edge's own, and the rest passed on to the pages."""

    def __init__(self, edge: Edge, pages: Forward, pages_are_up: Callable[[], bool]) -> None:
        self._edge, self._pages, self._pages_are_up = edge, pages, pages_are_up

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not self._edge.owns(scope):
            return await self._pages(scope, receive, send)
        if scope["path"] == "/healthz":
            self._edge.health["pages"] = "up" if self._pages_are_up() else "away"
        return await self._edge(scope, receive, send)


class _Outcome:
    """Whether the child's end ends everything: only when it never ran for want of something a person must change."""

    def __init__(self, edge: Edge) -> None:
        self.code = 0
        self.server: Server | None = None
        self._edge = edge

    def is_beyond_repair(self, code: int) -> bool:
        if code != BAD_INPUT or self._edge.ruleset.version:
            return False
        self.code = code
        if self.server is not None:
            self.server.should_exit = True
        return True


def _edge(options: argparse.Namespace, inbox: InboxLog) -> Edge:
    clock = WallClock()
    window = DuplicateWindow.rebuilt(inbox, clock)
    rate = Rate.of(options.rate)
    edge = Edge(
        rulesets=options.data / "edge",
        inbox=inbox,
        window=window,
        clock=clock,
        rate=rate,
        privacy=privacy_asked_for(),
        region=region_asked_for(),
        handed_in=options.data / "handed-in",
    )
    edge.reload()
    return edge


def _command(options: argparse.Namespace, pages: socket.socket, *, port: int) -> list[str]:
    folders = ["--data", _plain(options.data), "--program", _plain(options.program)]
    numbers = ["--listen-fd", str(pages.fileno()), "--port", str(port)]
    return [sys.executable, "-m", "companyos", "serve-pages", *folders, *numbers]


def _plain(path: Path) -> str:
    return str(path.absolute())


def _close(edge: Edge, kept: Kept) -> None:
    edge.close_streams()
    kept.stop()
