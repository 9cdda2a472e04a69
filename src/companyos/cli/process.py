"""One process: the edge in front, Django behind it in threads, workers beside. Everything is wired here."""

from __future__ import annotations

import json
import logging
import secrets
import socket
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import uvicorn
from a2wsgi import WSGIMiddleware

from companyos.adoption.flags import queries as flags
from companyos.adoption.flags.jobs import publish_latest
from companyos.adoption.rollouts import evidence as rollout_evidence
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.jobs import Controller, run_with
from companyos.adoption.surveys import evidence as survey_evidence
from companyos.adoption.telemetry import queries as telemetry
from companyos.adoption.telemetry.evidence import Company, Telemetry
from companyos.adoption.telemetry.jobs import Tail
from companyos.adoption.telemetry.operating_evidence import OperatingEvidence, take_baseline
from companyos.analytics.drain import Drain
from companyos.analytics.engine import Engine, open_engine
from companyos.analytics.inbox import DuplicateWindow, InboxLog
from companyos.analytics.limits import EngineError
from companyos.analytics.schema import FromTheFuture
from companyos.cli.commands import Mistake
from companyos.kernel.clock import Clock
from companyos.platform import outbox
from companyos.platform.instance import Instance, run_as
from companyos.platform.own_figures import OwnFigure, Requests, gauge
from companyos.surfaces.edge import Edge
from companyos.surfaces.program.types import Program
from companyos.surfaces.worker import loop
from companyos.work.cases import evidence as case_evidence

_log = logging.getLogger(__name__)
_PAGE_THREADS = 4
_ENTERS = frozenset({"start", "advance"})
_REMEMBERED = timedelta(days=35)


class Process:
    """The parts of a running instance on one data directory."""

    def __init__(self, data: Path, program: Program, clock: Clock, *, rehearsal: bool) -> None:
        company = program.company
        self.data, self.clock, self.rehearsal = data, clock, rehearsal
        self.calendar = company.calendar
        self.live_secret = secrets.token_bytes(32)
        self.requests = Requests()
        run_as(Instance(clock, self.calendar, data, self.live_secret, rehearsal, self._figures))
        self.inbox = InboxLog(data / "inbox")
        self.engine = _engine_of(data)
        telemetry.connect(self.engine)
        self.drain = Drain(self.inbox, self.engine, data / "engine")
        self.drain.catch_up()
        self.tail = Tail(
            self.inbox, self.calendar.zone, after=self.inbox.synced_seq, on_serving=self._on_serving
        )
        self.controller = Controller(self.tail, self.calendar)
        self._offer_evidence(Company(self.calendar, company.sprint_anchor, self._baseline_since(program)))
        self._remember(program)
        run_with(self.controller)
        self.edge = Edge(
            rulesets=data / "edge",
            inbox=self.inbox,
            window=DuplicateWindow.rebuilt(self.inbox, clock),
            clock=clock,
            live_secret=self.live_secret,
        )
        outbox.forget_listeners()
        outbox.listen(self._hear)
        publish_latest(data / "edge")
        self.edge.reload()
        self.stop = threading.Event()
        self._threads: list[threading.Thread] = []

    def start_workers(self) -> None:
        """Start the threads: a real instance works by itself; a rehearsal only listens, and works at its clock."""
        work: Callable[[], None]
        if self.rehearsal:
            work = lambda: self.tail.follow(self.stop)  # noqa: E731
        else:
            work = lambda: loop.run(self.tail, self.controller, self.clock, self.drain.run_once, self.stop)  # noqa: E731
            watch = lambda: loop.watch_objectives(self.clock, self.stop)  # noqa: E731
            self._threads.append(threading.Thread(target=watch, name="objectives", daemon=True))
        self._threads.append(threading.Thread(target=work, name="worker", daemon=True))
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Stop the workers and close what is open; nothing acknowledged is lost."""
        self.stop.set()
        for thread in self._threads:
            thread.join(timeout=2)
        self.inbox.close()
        self.engine.close()

    def _figures(self) -> Iterator[OwnFigure]:
        synced, drained = self.inbox.synced_seq, self.drain.drained_offset
        yield gauge("ruleset_version", "The newest version of the flags.", flags.latest_version())
        yield gauge("ingest_offset", "The last frame of the inbox log that is on disk.", synced)
        yield gauge(
            "applied_offset", "The last frame that has reached the guardrails.", self.tail.applied_offset
        )
        yield gauge("drained_offset", "The last frame that is in the event engine.", drained)
        yield gauge(
            "drain_lag_frames",
            "Frames on disk that are not in the event engine yet.",
            max(0, synced - drained),
        )
        yield self.requests.figure()

    def _offer_evidence(self, company: Company) -> None:
        Telemetry(company, self.controller.reading).offer_evidence()
        OperatingEvidence(company.calendar.zone).offer_evidence()
        case_evidence.offer_evidence()
        survey_evidence.offer_evidence()
        rollout_evidence.offer_evidence()

    def _baseline_since(self, program: Program) -> Any:
        start = program.company.baseline_starts if self.rehearsal else self.clock.now() - timedelta(days=365)
        return start - timedelta(hours=12)

    def _remember(self, program: Program) -> None:
        """Rebuild the guardrails from the engine: the days before each stage, then the running stages themselves."""
        since = self.clock.now() - _REMEMBERED
        past = {each.slug: tuple(telemetry.tasks_seen(each.slug, since)) for each in program.features}
        for feature, rows in past.items():
            for seen in rows:
                self.tail.remember(feature, seen)
        self.controller.watch_what_runs()
        for feature, rows in past.items():
            self.tail.replay(feature, rows)

    def _on_serving(self, provider: str, version: int) -> None:
        self.controller.serving_reported(provider, version)
        self.edge.announce("propagation")

    def _hear(self, topic: str, body: dict[str, Any]) -> None:
        if topic == "ruleset.changed":
            publish_latest(self.data / "edge")
            self.edge.reload()
        else:
            if topic == "rollout.moved":
                self._keep_baseline(body)
            self.edge.announce(topic.partition(".")[0])

    def _keep_baseline(self, moved: dict[str, Any]) -> None:
        """Store how the old path did when a stage up to the first human one begins: later nobody can (R66)."""
        state = rollouts.state(moved["rollout"]) if moved["move"] in _ENTERS else None
        human_before = state.production_since if state else None
        if state is None or state.attempt > 1 or (human_before and human_before < state.entered_at):
            return  # people are on already: what the old path does now is no baseline
        try:
            take_baseline(
                actor="controller",
                feature=state.feature,
                stage=state.stage,
                until=state.entered_at,
                zone=self.calendar.zone,
                now=self.clock.now(),
            )
        except (
            Exception
        ):  # the message must not be relayed for ever; the page says "no baseline" and offers to measure
            _log.exception(
                "the old path of %s could not be measured; a person can, on its page", state.feature
            )


def _engine_of(data: Path) -> Engine:
    """The engine that the settings name, or the one in the data directory. Raises Mistake."""
    from django.conf import settings

    try:
        return open_engine(data / "engine", settings.CLICKHOUSE_URL)
    except (EngineError, FromTheFuture) as error:
        raise Mistake(str(error)) from None


class Front:
    """The ASGI application: rehearsal clock, edge, and everything else to Django under WSGI."""

    def __init__(self, process: Process, clock_key: str = "") -> None:
        from django.contrib.staticfiles.handlers import StaticFilesHandler
        from django.core.wsgi import get_wsgi_application

        self._process = process
        pages: Any = StaticFilesHandler(get_wsgi_application())
        self._pages = WSGIMiddleware(pages, workers=_PAGE_THREADS)
        self._clock = None
        if clock_key:
            from companyos.cli.rehearsal_clock import RehearsalClock

            self._clock = RehearsalClock(process, clock_key, ThreadPoolExecutor(1, "rehearsal-clock"))

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "lifespan":
            return await _lifespan(receive, send)
        path = scope.get("path", "")
        owned = self._process.edge.owns(path)
        if scope["type"] == "http":
            send = self._counting(send, "edge" if owned else "pages")
        if self._clock and path == "/rehearsal/v1/clock":
            return await self._clock(scope, receive, send)
        if owned:
            return await self._process.edge(scope, receive, send)
        return await self._pages(scope, receive, send)

    def _counting(self, send: Any, surface: str) -> Any:
        async def counted(message: Any) -> None:
            if message["type"] == "http.response.start":
                self._process.requests.count(surface, message["status"])
            await send(message)

        return counted


class Server(uvicorn.Server):
    """A server whose streams end when it is told to stop, so that stopping takes no time."""

    def __init__(self, config: uvicorn.Config, process: Process) -> None:
        super().__init__(config)
        self._process = process

    def handle_exit(self, sig: int, frame: Any) -> None:
        self._process.edge.close_streams()
        super().handle_exit(sig, frame)


def serve(process: Process, port: int, *, clock_key: str = "", said: Callable[[int], None]) -> None:
    """Serve until a signal; `said` is called with the port once it listens. Raises Mistake for a busy port."""
    listener = listening_on(port)
    said(listener.getsockname()[1])
    config = uvicorn.Config(
        Front(process, clock_key),
        lifespan="off",
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=2,
        server_header=False,
    )
    process.start_workers()
    try:
        Server(config, process).run(sockets=[listener])
    except KeyboardInterrupt:
        pass  # uvicorn raises the signal again after it has stopped
    finally:
        process.close()


def listening_on(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", port))
        listener.listen(1024)  # from here on a client waits instead of being refused
    except OSError as error:
        listener.close()
        raise Mistake(
            f"port {port} on 127.0.0.1 cannot be used ({error.strerror}). Nothing was started;"
            " stop what uses it, or choose another with --port."
        ) from None
    return listener


def keep_private(path: Path, content: dict[str, Any]) -> None:
    """Write a file with secrets that only its owner can read."""
    path.touch(mode=0o600)
    path.write_text(json.dumps(content))


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
