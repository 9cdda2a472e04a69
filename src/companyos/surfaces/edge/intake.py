"""Events from other people's clients: their addresses, their keys, their answers; the same log behind them as ours.

Each client understands its own protocol's answers only, so every protocol says by itself what success and failure are.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from companyos.analytics.events import Event
from companyos.analytics.intake.bodies import BodyRefused
from companyos.analytics.intake.drafts import Read, Sender
from companyos.analytics.intake.exposures import Exposures
from companyos.analytics.intake.privacy import EVERYTHING, Privacy
from companyos.analytics.loose import Unreadable
from companyos.kernel.clock import Clock
from companyos.surfaces.edge.answers import Header, Refused, Request, Send
from companyos.surfaces.edge.ingest import Ingest
from companyos.surfaces.edge.intake_protocols import CloudEvents, Otlp, PostHog, Protocol, Segment
from companyos.surfaces.edge.keys import Key, key_of
from companyos.surfaces.edge.regions import Here
from companyos.surfaces.edge.rulesets import Ruleset

MOST_BYTES = 5 * 1024 * 1024
PROTOCOLS: tuple[Protocol, ...] = (Otlp(), PostHog(), Segment(), CloudEvents())
PATHS: Mapping[str, Protocol] = {path: protocol for protocol in PROTOCOLS for path in protocol.paths}
_ANY_PAGE = (
    (b"access-control-allow-origin", b"*"),
    (b"access-control-expose-headers", b"retry-after"),
)
_PREFLIGHT = (
    (b"access-control-allow-methods", b"POST"),
    (b"access-control-allow-headers", b"*, authorization, content-type, content-encoding, x-api-key"),
    (b"access-control-max-age", b"600"),
)
_RETRIED_AS = {507: 503, 408: 503}  # a full disk and a slow body are worth a retry; clients know 503 for that


class Intake:
    """`/batch/`, `/v1/traces`, `/v1/track` and the like, over one `Ingest`. Belongs to the event loop's thread.

    `admit` counts a request against its key, and may refuse it.
    """

    def __init__(
        self,
        ingest: Ingest,
        clock: Clock,
        admit: Callable[[Key], Key],
        privacy: Privacy = EVERYTHING,
        region: str = "",
    ) -> None:
        self._ingest, self._clock, self._admit, self._privacy = ingest, clock, admit, privacy
        self._region = region
        self._exposures = Exposures()
        self._features: tuple[int, Mapping[str, str]] = (0, {})

    def owns(self, path: str) -> bool:
        """Tell whether this path is one of a client's."""
        return path in PATHS

    async def __call__(self, request: Request, send: Send, ruleset: Ruleset) -> None:
        """Answer a request."""
        protocol = PATHS[request.path]
        try:
            if request.method == "OPTIONS":
                return await _send(send, 204, b"", [*_ANY_PAGE, *_PREFLIGHT])
            status, body = await self._taken(protocol, request, ruleset)
            await _send(send, status, body, [_type_of(protocol, request), *_ANY_PAGE])
        except Refused as refused:
            await _refuse(protocol, request, send, refused)
        except BodyRefused as refused:
            await _refuse(protocol, request, send, Refused(refused.status, {"error": str(refused)}))
        except Unreadable as problem:
            await _refuse(
                protocol, request, send, Refused(400, {"error": f"The body cannot be read: {problem}"})
            )

    async def _taken(self, protocol: Protocol, request: Request, ruleset: Ruleset) -> tuple[int, bytes]:
        if request.method != "POST":
            raise _only_post(request)
        secret = protocol.secret_in_headers(request.headers)
        key = self._admit(key_of(secret, request, ruleset, "ingest")) if secret else None
        if key is None and not protocol.key_in_body:
            key = key_of(b"", request, ruleset, "ingest")
        with self._ingest.budget.reserve(request.header(b"content-length"), most=MOST_BYTES):
            body = await request.body(most=MOST_BYTES)
            opened = protocol.opened(body, request)
            if key is None:
                key = self._admit(key_of(protocol.secret_in(opened).encode(), request, ruleset, "ingest"))
            return await self._kept(protocol, request, opened, key, ruleset)

    async def _kept(
        self, protocol: Protocol, request: Request, opened: Any, key: Key, ruleset: Ruleset
    ) -> tuple[int, bytes]:
        here, now = Here(self._region, ruleset.regions), self._clock.now()
        here.refuse_a_key_from_elsewhere(key)
        sender = Sender(key.tenants, key.is_browser, self._privacy, self._features_in(ruleset))
        found = protocol.read(opened, sender, self._exposures, now)
        refused = await self._ingest.keep(here.keeps(found.items, key), now)
        self._learn(found, refused)
        reasons = _reasons(found, refused)
        return protocol.answer(request, opened, found.records, reasons)

    def _features_in(self, ruleset: Ruleset) -> Mapping[str, str]:
        """Return which feature each flag is of, as the flags' metadata say; worked out once for a version."""
        if self._features[0] != ruleset.version:
            self._features = (ruleset.version, features_of(ruleset))
        return self._features[1]

    def _learn(self, found: Read, refused: Mapping[int, str]) -> None:
        for index, item in enumerate(found.items):
            if isinstance(item, Event) and index not in refused:
                self._exposures.learn(item)


def features_of(ruleset: Ruleset) -> dict[str, str]:
    """Return the feature of each flag whose metadata name one."""
    found: dict[str, str] = {}
    for served in ruleset.sets.values():
        for key in served.flags.keys():  # noqa: SIM118
            feature = served.flags.evaluate(key, {}, now=0.0).metadata.get("feature")
            if isinstance(feature, str) and feature:
                found[key] = feature
    return found


def _reasons(found: Read, refused: Mapping[int, str]) -> dict[str, str]:
    """Return why records were not counted, by the record's name."""
    reasons: dict[str, str] = {}
    for index, reason in sorted(refused.items()):
        reasons.setdefault(found.records[index], reason)
    return reasons


def _only_post(request: Request) -> Refused:
    refused = Refused(405, {"error": f"{request.path} takes POST, not {request.method}."})
    refused.headers.append((b"allow", b"POST, OPTIONS"))
    return refused


async def _refuse(protocol: Protocol, request: Request, send: Send, refused: Refused) -> None:
    status = _RETRIED_AS.get(refused.status, refused.status)
    words = refused.body["error"] if isinstance(refused.body, dict) and "error" in refused.body else ""
    if status == 503 and not any(name == b"retry-after" for name, _ in refused.headers):
        refused.headers.append((b"retry-after", b"2"))
    body = protocol.problem(request, status, str(words))
    await _send(send, status, body, [_type_of(protocol, request), *refused.headers, *_ANY_PAGE])


def _type_of(protocol: Protocol, request: Request) -> Header:
    return b"content-type", protocol.answers_in(request.headers)


async def _send(send: Send, status: int, body: bytes, headers: list[Header]) -> None:
    sent = [*headers, (b"content-length", b"%d" % len(body))]
    await send({"type": "http.response.start", "status": status, "headers": sent})
    await send({"type": "http.response.body", "body": body})
