"""OpenFeature Remote Evaluation (https://github.com/open-feature/protocol, OFREP 0.3): one flag, or all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from companyos.surfaces.edge.answers import Refused, Request, Send, answer_encoded, encode
from companyos.surfaces.edge.keys import Key
from companyos.surfaces.edge.rulesets import Ruleset, ServedSet
from companyos.surfaces.edge.selector import NoSuchSet, selected
from companyos.surfaces.edge.written import failure
from companyos_sdk.evaluator import ErrorCode

PATH = "/ofrep/v1/evaluate/flags"
STREAM = "/ofrep/v1/sse"
INACTIVITY_SECONDS = 120
MOST_BYTES = 64 * 1024
_RETRY_AFTER = 5


class _Question(msgspec.Struct):
    context: dict[str, Any]


_decode = msgspec.json.Decoder(_Question).decode


def flag_in(path: str) -> str:
    """Return the flag a path asks for; nothing when it asks for all."""
    return path[len(PATH) + 1 :]


async def evaluate(request: Request, send: Send, ruleset: Ruleset, key: Key, now: datetime) -> None:
    """Answer `POST /ofrep/v1/evaluate/flags[/{key}]` as of `now`, all of it from this one ruleset."""
    flag = flag_in(request.path)
    body = await request.body(most=MOST_BYTES)
    context = _context_of(body, flag)
    key.check_context(context)
    served = _set_for(request, ruleset, flag)
    if flag:
        await _one(send, served, flag, context, now.timestamp())
    else:
        await _all(request, send, _Bulk(ruleset, served, key, body, context, now.timestamp()))


def refuse_before_the_first_ruleset(flag: str) -> None:
    """Tell a provider to use the default in its code while there is nothing to evaluate."""
    details = "No ruleset has been published yet. Use the default in your code until there is one."
    if flag:
        raise Refused(404, failure(flag, ErrorCode.FLAG_NOT_FOUND, details))
    raise Refused(503, {"errorDetails": details}, retry_after=_RETRY_AFTER)


def in_ofrep_words(refused: Refused) -> Refused:
    """Return a refusal whose body is OFREP's general error."""
    if isinstance(refused.body, dict) and "error" in refused.body:
        refused.body = {"errorDetails": refused.body["error"]}
    return refused


def _set_for(request: Request, ruleset: Ruleset, flag: str) -> ServedSet:
    try:
        return selected(request, ruleset)
    except NoSuchSet as problem:
        if flag:
            raise Refused(404, failure(flag, ErrorCode.FLAG_NOT_FOUND, str(problem))) from None
        raise Refused(400, failure("", ErrorCode.GENERAL, str(problem))) from None


def _context_of(body: bytes, flag: str) -> Mapping[str, Any]:
    try:
        context = _decode(body).context
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        misshapen = isinstance(error, msgspec.ValidationError)
        code = ErrorCode.INVALID_CONTEXT if misshapen else ErrorCode.PARSE_ERROR
        raise Refused(400, failure(flag, code, str(error))) from None
    target = context.get("targetingKey")
    if not isinstance(target, str) or not target:
        details = "The context needs a targetingKey: who is asking."
        raise Refused(400, failure(flag, ErrorCode.TARGETING_KEY_MISSING, details))
    return context


async def _one(send: Send, served: ServedSet, flag: str, context: Mapping[str, Any], now: float) -> None:
    status, content = served.written.one(flag, context, now)
    await answer_encoded(send, status, content)


class _Bulk(msgspec.Struct, frozen=True):
    """One question for all flags of a set."""

    ruleset: Ruleset
    served: ServedSet
    key: Key
    body: bytes
    context: Mapping[str, Any]
    now: float

    def etag(self) -> bytes:
        """Version, flag set and context; what the flags answer is left out, so that nothing is evaluated for it."""
        return self._tag(self.served.name.encode() + b"\0" + self.body)

    def etag_of(self, content: bytes) -> bytes:
        """The tag of a set whose rules ask for the time: of what they answer now."""
        return self._tag(content)

    def content(self) -> bytes:
        return b'{"flags":[' + self.served.written.every(self.context, self.now) + b"]," + self._tail() + b"}"

    def _tag(self, what: bytes) -> bytes:
        return b'"%d-%s"' % (self.ruleset.version, blake2b(what, digest_size=8).hexdigest().encode())

    def _tail(self) -> bytes:
        metadata = encode(dict(self.served.flags.metadata) | {"version": self.ruleset.version})
        stream = b'[{"type":"sse","endpoint":{"requestUri":"%s?ticket=%s"},"inactivityDelaySec":%d}]' % (
            STREAM.encode(),
            self.key.ticket,
            INACTIVITY_SECONDS,
        )
        return b'"metadata":' + metadata + b',"eventStreams":' + stream


async def _all(request: Request, send: Send, bulk: _Bulk) -> None:
    content = None
    if bulk.served.asks_for_time:
        content = bulk.content()
        etag = bulk.etag_of(content)
    else:
        etag = bulk.etag()
    tagged = [(b"etag", etag), (b"cache-control", b"private, no-cache")]
    if request.has(etag):
        await answer_encoded(send, 304, b"", tagged)
    else:
        await answer_encoded(send, 200, content or bulk.content(), tagged)
