"""The edge's addresses, and the one ruleset it serves from: replaced as a whole, read without a lock."""

from __future__ import annotations

import threading
from pathlib import Path

from companyos.analytics.inbox import DuplicateWindow, InboxLog
from companyos.analytics.intake.privacy import EVERYTHING, Privacy
from companyos.kernel.clock import Clock
from companyos.surfaces.edge import ofrep, rulesets, streams
from companyos.surfaces.edge.answers import Receive, Refused, Scope, Send, answer
from companyos.surfaces.edge.ingest import Ingest
from companyos.surfaces.edge.intake import Intake
from companyos.surfaces.edge.intake_request import Request
from companyos.surfaces.edge.keys import key_for
from companyos.surfaces.edge.rulesets import NOTHING

_METHODS = {
    "/healthz": "GET",
    "/live": "GET",
    "/ofrep/v1/sse": "GET",
    "/v1/events": "POST",
    "/v1/serving": "POST",
    ofrep.PATH: "POST",
}


class Edge:
    """The ASGI application of the data plane. `rulesets` is the folder with the published files."""

    def __init__(
        self,
        *,
        rulesets: Path,
        inbox: InboxLog,
        window: DuplicateWindow,
        clock: Clock,
        live_secret: bytes,
        privacy: Privacy = EVERYTHING,
    ) -> None:
        self._folder, self._inbox, self._live_secret = rulesets, inbox, live_secret
        self._clock = clock
        self._ingest = Ingest(inbox, window, clock)
        self._intake = Intake(self._ingest, clock, privacy)
        self._ruleset = NOTHING
        self._flags, self._pages = streams.Hub(), streams.Hub()
        self._reloading = threading.Lock()

    def owns(self, path: str) -> bool:
        """Tell whether this path is the edge's."""
        return path in _METHODS or self._intake.owns(path) or path.startswith(ofrep.PATH + "/")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._intake.owns(scope["path"]):
            return await self._intake(Request.of(scope, receive), send, self._ruleset)
        try:
            await self._route(scope, receive, send)
        except Refused as refused:
            await answer(send, refused.status, refused.body, refused.headers)

    def reload(self) -> int:
        """Take the newest published ruleset and tell who listens; returns the version now served."""
        with self._reloading:
            fresh = rulesets.newest(self._folder, self._ruleset)
            changed, self._ruleset = fresh is not self._ruleset, fresh
        if changed:
            self._flags.tell(self._refetch())
        return fresh.version

    def announce(self, *names: str) -> None:
        """Tell open pages what changed, by name."""
        self._pages.tell(streams.message("changed", list(names)))

    def close_streams(self) -> None:
        self._flags.close()
        self._pages.close()

    async def _route(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, ruleset = scope["path"], self._ruleset
        _refuse_what_is_not_here(path, scope["method"])
        if path.startswith(ofrep.PATH):
            await ofrep.evaluate(scope, receive, send, ruleset, self._clock.now())
        elif path == "/v1/events":
            await self._ingest.events(scope, receive, send, ruleset)
        elif path == "/v1/serving":
            await self._ingest.serving(scope, receive, send, ruleset)
        elif path == "/ofrep/v1/sse":
            key_for(scope, ruleset, "evaluate")
            await self._flags.serve(receive, send, self._refetch)
        elif path == "/live":
            streams.check_ticket(scope, self._live_secret)
            await self._pages.serve(receive, send, lambda: b": hello\n\n")
        else:
            health = {
                "status": "ok",
                "ruleset_version": ruleset.version,
                "inbox_offset": self._inbox.synced_seq,
            }
            await answer(send, 200, health)

    def _refetch(self) -> bytes:
        version = self._ruleset.version
        told = {"type": "refetchEvaluation", "etag": f'"{version}"', "version": version}
        return streams.message("message", told, event_id=version)


def _refuse_what_is_not_here(path: str, method: str) -> None:
    wanted = "POST" if path.startswith(ofrep.PATH + "/") else _METHODS.get(path)
    if wanted is None:
        raise Refused(404, {"error": f"There is nothing at {path}. The addresses are {', '.join(_METHODS)}."})
    if method != wanted:
        refused = Refused(405, {"error": f"{path} takes {wanted}, not {method}."})
        refused.headers.append((b"allow", wanted.encode()))
        raise refused
