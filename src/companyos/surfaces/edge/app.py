"""The edge's addresses, and the one ruleset it serves from: replaced as a whole, read without a lock."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable
from pathlib import Path

from companyos.analytics.inbox import DuplicateWindow, InboxLog
from companyos.analytics.inbox.handed_in import HandedIn
from companyos.analytics.intake.privacy import EVERYTHING, Privacy
from companyos.kernel.clock import Clock
from companyos.surfaces.edge import ofrep, origins, posthog, streams, sync
from companyos.surfaces.edge.answers import Receive, Refused, Request, Scope, Send, answer
from companyos.surfaces.edge.handed_in import Taker
from companyos.surfaces.edge.ingest import Ingest
from companyos.surfaces.edge.intake import PATHS as PROTOCOL_PATHS
from companyos.surfaces.edge.intake import Intake
from companyos.surfaces.edge.keys import Key, key_for, listener_of
from companyos.surfaces.edge.live import PATH as LIVE
from companyos.surfaces.edge.published import Published
from companyos.surfaces.edge.regions import Here
from companyos.surfaces.edge.rulesets import NOTHING, Ruleset
from companyos.surfaces.edge.throttle import GENEROUS, Rate, Throttle

LOOK_EVERY_SECONDS = 0.05
HEALTH, EVENTS, SERVING = "/healthz", "/v1/events", "/v1/serving"
_METHODS = {
    HEALTH: "GET",
    ofrep.STREAM: "GET",
    sync.PATH: "GET",
    EVENTS: "POST",
    SERVING: "POST",
    ofrep.PATH: "POST",
}
ADDRESSES = tuple(sorted({*_METHODS, *PROTOCOL_PATHS, *posthog.PATHS, LIVE}))
_log = logging.getLogger(__name__)


class Edge:
    """The ASGI application of the data plane.

    `rulesets` is the folder with the published files, `handed_in` that of events which the pages have for the log.
    """

    def __init__(
        self,
        *,
        rulesets: Path,
        inbox: InboxLog,
        window: DuplicateWindow,
        clock: Clock,
        rate: Rate = GENEROUS,
        privacy: Privacy = EVERYTHING,
        region: str = "",
        handed_in: Path | None = None,
    ) -> None:
        self.ruleset = NOTHING
        self.health: dict[str, object] = {}  # what else stands in /healthz
        self._published = Published(rulesets)
        self._inbox, self._clock = inbox, clock
        self._ingest = Ingest(inbox, window, clock, privacy)
        self._taker = Taker(HandedIn(handed_in), self._ingest, clock) if handed_in else None
        self._region = region
        self._intake = Intake(self._ingest, clock, self._admit, privacy, region)
        self._throttle = Throttle(rate)
        self._listeners = streams.Hub()
        self._reloading = threading.Lock()
        self._on_change: list[Callable[[], None]] = []

    def owns(self, scope: Scope) -> bool:
        """Tell whether this request is the edge's."""
        path = scope["path"]
        if path in _METHODS or self._intake.owns(path) or path.startswith(ofrep.PATH + "/"):
            return True
        return posthog.is_asked(scope["method"], path, scope["query_string"])

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request, ruleset = Request.of(scope, receive), self.ruleset
        if self._intake.owns(request.path):
            return await self._intake(request, send, ruleset)
        send = origins.readable(request, send, ruleset)
        try:
            await self._route(request, send, ruleset)
        except Refused as refused:
            await _refuse(request, send, refused)
        except Exception:
            _log.exception("a request could not be answered: %s %s", request.method, request.path)
            broken = Refused(
                500, {"error": "Something broke here; it is in the log. Keep the values you have."}
            )
            await _refuse(request, send, broken)

    def reload(self) -> int:
        """Take the newest published ruleset and tell who listens; returns the version now served."""
        with self._reloading:
            fresh, before = self._published.newest(), self.ruleset
            self.ruleset = fresh
        if fresh.keys is not before.keys:
            self._throttle.forget_all_but(fresh.keys)
            self._listeners.keep_only(fresh.keys)
        if fresh.version != before.version:
            self._listeners.tell(self._refetch())
        if fresh is not before:
            for told in self._on_change:
                told()
        return fresh.version

    def begin(self) -> None:
        """Say, in the event loop, that the edge serves from now on: what the pages hand in is written here."""
        if self._taker is not None:
            self._taker.begin()

    async def take_handed_in(self) -> None:
        """Write what the pages handed in so far, in the event loop; a rehearsal does so before time moves."""
        if self._taker is not None:
            await self._taker.take()

    def follow(self, stop: threading.Event) -> None:
        """Take what is published or handed in as it appears, until `stop` is set: for a thread of its own."""
        while not stop.wait(LOOK_EVERY_SECONDS):
            try:
                if self._published.has_changed():
                    self.reload()
                if self._taker is not None:
                    self._taker.look()
            except Exception:
                _log.exception("the published folder could not be read; it is looked at again")

    def on_change(self, told: Callable[[], None]) -> None:
        """Call `told` when flags or keys have changed, from the thread that loads it."""
        self._on_change.append(told)

    def close_streams(self) -> None:
        self._listeners.close()

    async def _route(self, request: Request, send: Send, ruleset: Ruleset) -> None:
        path = request.path
        if request.method == "POST" and path.startswith(ofrep.PATH):  # nearly all there is
            await self._evaluate(path, request, send, ruleset)
        elif origins.is_preflight(request):
            await origins.preflight(request, send, ruleset)
        elif path in posthog.PATHS:
            await self._posthog(request, send, ruleset)
        else:
            _refuse_what_is_not_here(path, request.method)
            await self._own(path, request, send, ruleset)

    async def _evaluate(self, path: str, request: Request, send: Send, ruleset: Ruleset) -> None:
        if not ruleset.version:
            ofrep.refuse_before_the_first_ruleset(ofrep.flag_in(path))
        key = self._admit(key_for(request, ruleset, "evaluate"))
        await ofrep.evaluate(request, send, ruleset, key, self._clock.now())

    async def _own(self, path: str, request: Request, send: Send, ruleset: Ruleset) -> None:
        if path == EVENTS:
            key = self._admit(key_for(request, ruleset, "ingest"))
            await self._ingest.events(request, send, key, Here(self._region, ruleset.regions))
        elif path == SERVING:
            self._admit(key_for(request, ruleset, "serving"))
            await self._ingest.serving(request, send)
        elif path == ofrep.STREAM:
            key = self._admit(listener_of(request, ruleset))
            await self._listeners.serve(request.receive, send, self._refetch, owner=key.sha256)
        elif path == sync.PATH:
            await sync.sync(request, send, ruleset, self._admit(key_for(request, ruleset, "sync")))
        else:
            await answer(send, 200, self._health())

    async def _posthog(self, request: Request, send: Send, ruleset: Ruleset) -> None:
        question = await posthog.read_question(request)
        key = self._admit(posthog.key_in(question, request, ruleset))
        await posthog.evaluate(request, send, ruleset, key, question, self._clock.now())

    def _admit(self, key: Key) -> Key:
        """Count a request of this key. Refuses with 429 when it asks too often."""
        wait = self._throttle.wait_for(key.sha256, time.monotonic())
        if wait:
            words = "This key asks too often. What you have stays valid; ask again later."
            raise Refused(429, {"error": words}, retry_after=math.ceil(wait))
        return key

    def _health(self) -> dict[str, object]:
        told = {
            "status": "ok",
            "ruleset_version": self.ruleset.version,
            "inbox_offset": self._inbox.synced_seq,
        }
        return told | self.health

    def _refetch(self) -> bytes:
        ruleset = self.ruleset
        told = {
            "type": "refetchEvaluation",
            "etag": f'"{ruleset.version}"',
            "lastModified": ruleset.published,
            "version": ruleset.version,
        }
        return streams.message("message", told, event_id=ruleset.version)


async def _refuse(request: Request, send: Send, refused: Refused) -> None:
    if request.path.startswith(ofrep.PATH):
        refused = ofrep.in_ofrep_words(refused)
    await answer(send, refused.status, refused.body, refused.headers)


def _refuse_what_is_not_here(path: str, method: str) -> None:
    wanted = "POST" if path.startswith(ofrep.PATH + "/") else _METHODS.get(path)
    if wanted is None:
        raise Refused(404, {"error": f"There is nothing at {path}. The addresses are {', '.join(_METHODS)}."})
    if method != wanted:
        refused = Refused(405, {"error": f"{path} takes {wanted}, not {method}."})
        refused.headers.append((b"allow", wanted.encode()))
        raise refused
