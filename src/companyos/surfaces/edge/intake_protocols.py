"""The four protocols as the edge speaks them: addresses, where the key is, and what each client takes for an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar

import msgspec

from companyos.analytics.intake import cloudevents, otlp, posthog, segment
from companyos.analytics.intake.bodies import BodyRefused
from companyos.analytics.intake.drafts import Read, Sender
from companyos.analytics.intake.exposures import Exposures
from companyos.surfaces.edge.answers import Request

Headers = Mapping[bytes, bytes]
_JSON = b"application/json"
_encode = msgspec.json.Encoder().encode


class Protocol:
    """What the routes ask of a protocol. `opened` is whatever the protocol's reader made of the body."""

    paths: ClassVar[Sequence[str]] = ()
    key_in_body: ClassVar[bool] = False

    def secret_in_headers(self, headers: Headers) -> bytes:
        """Return the key that the headers bring, or nothing."""
        given = headers.get(b"authorization", b"")
        return given[7:].strip() if given[:7].lower() == b"bearer " else headers.get(b"x-api-key", b"")

    def answers_in(self, headers: Headers) -> bytes:
        return _JSON

    def opened(self, body: bytes, request: Request) -> Any:
        raise NotImplementedError

    def secret_in(self, opened: Any) -> str:
        secret: str = opened.secret
        return secret

    def read(self, opened: Any, sender: Sender, known: Exposures, now: datetime) -> Read:
        raise NotImplementedError

    def answer(
        self, request: Request, opened: Any, records: list[str], reasons: Mapping[str, str]
    ) -> tuple[int, bytes]:
        raise NotImplementedError

    def problem(self, request: Request, status: int, words: str) -> bytes:
        return bytes(_encode({"error": words}))


class Otlp(Protocol):
    """Retries 429, 502, 503 and 504 only; rejects are told in `partial_success` under 200."""

    paths = ("/v1/logs", "/v1/traces", "/v1/metrics")

    def answers_in(self, headers: Headers) -> bytes:
        return _encoding(headers).encode()

    def opened(self, body: bytes, request: Request) -> otlp.Envelope:
        return otlp.opened(request.path.rpartition("/")[2], body, request.headers)

    def read(self, opened: Any, sender: Sender, known: Exposures, now: datetime) -> Read:
        return otlp.read(opened, sender, known, now=now)

    def answer(
        self, request: Request, opened: Any, records: list[str], reasons: Mapping[str, str]
    ) -> tuple[int, bytes]:
        return 200, otlp.told(opened, reasons)

    def problem(self, request: Request, status: int, words: str) -> bytes:
        return otlp.problem(_encoding(request.headers), words)


class PostHog(Protocol):
    """Takes 200 alone for success; the older addresses have the key in the body, Capture V1 in a header."""

    paths = tuple(
        f"{path}{end}"
        for path in ("/batch", "/e", "/i/v0/e", "/capture", "/track", posthog.V1)
        for end in ("", "/")
    )
    key_in_body = True

    def opened(self, body: bytes, request: Request) -> posthog.Envelope:
        return posthog.opened(body, request.headers, request.query)

    def read(self, opened: Any, sender: Sender, known: Exposures, now: datetime) -> Read:
        return posthog.read(opened, sender, now=now)

    def answer(
        self, request: Request, opened: Any, records: list[str], reasons: Mapping[str, str]
    ) -> tuple[int, bytes]:
        if request.path.startswith(posthog.V1):
            return 200, _encode(posthog.told_v1(records, reasons))
        nothing_kept = bool(records) and len(reasons) == len(set(records))
        return (400 if nothing_kept else 200), _encode(posthog.told(reasons, count=len(records)))

    def problem(self, request: Request, status: int, words: str) -> bytes:
        kind = "authentication_error" if status in (401, 403) else "validation_error"
        return bytes(
            _encode({"type": kind, "code": str(status), "detail": words, "error": words, "attr": None})
        )


class Segment(Protocol):
    """Gives up on 400 (and 401, 403 with OAuth), retries everything else; the key is a user name or in the body."""

    paths = ("/v1/batch", *(f"/v1/{call}" for call in segment.CALLS))
    key_in_body = True

    def secret_in_headers(self, headers: Headers) -> bytes:
        return segment.write_key(headers).encode() or super().secret_in_headers(headers)

    def opened(self, body: bytes, request: Request) -> segment.Envelope:
        return segment.opened(body, request.headers, call=request.path.rpartition("/")[2])

    def read(self, opened: Any, sender: Sender, known: Exposures, now: datetime) -> Read:
        return segment.read(opened, sender, now=now)

    def answer(
        self, request: Request, opened: Any, records: list[str], reasons: Mapping[str, str]
    ) -> tuple[int, bytes]:
        nothing_kept = bool(records) and len(reasons) == len(records)
        return (400 if nothing_kept else 200), _encode(segment.told(reasons, count=len(records)))

    def problem(self, request: Request, status: int, words: str) -> bytes:
        return bytes(_encode({"success": False, "message": words}))


class CloudEvents(Protocol):
    """The specification leaves the answer to the receiver: 202, 207 when some were refused, 422 when all were."""

    paths = ("/v1/cloudevents",)

    def opened(self, body: bytes, request: Request) -> cloudevents.Envelope:
        return cloudevents.opened(body, request.headers)

    def read(self, opened: Any, sender: Sender, known: Exposures, now: datetime) -> Read:
        return cloudevents.read(opened, sender, now=now)

    def answer(
        self, request: Request, opened: Any, records: list[str], reasons: Mapping[str, str]
    ) -> tuple[int, bytes]:
        status = 202 if not reasons else 207 if len(reasons) < len(records) else 422
        return status, _encode(cloudevents.told(reasons, count=len(records)))


def _encoding(headers: Headers) -> str:
    try:
        return otlp.encoding_of(headers)
    except BodyRefused:
        return otlp.JSON
