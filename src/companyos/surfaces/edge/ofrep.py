"""OpenFeature Remote Evaluation (https://github.com/open-feature/protocol, OFREP 0.3): one flag, or all."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from hashlib import blake2b
from typing import Any

import msgspec

from companyos.surfaces.edge.answers import Receive, Refused, Scope, Send, answer, body_of, header
from companyos.surfaces.edge.keys import key_for
from companyos.surfaces.edge.rulesets import Key, Ruleset
from companyos_sdk.evaluator import ErrorCode, Resolution

PATH = "/ofrep/v1/evaluate/flags"
_MOST_BYTES = 64 * 1024
_STREAMS = [{"type": "sse", "endpoint": {"requestUri": "/ofrep/v1/sse"}}]


class _Question(msgspec.Struct):
    context: dict[str, Any]


_decode = msgspec.json.Decoder(_Question).decode


async def evaluate(scope: Scope, receive: Receive, send: Send, ruleset: Ruleset, now: datetime) -> None:
    """Answer `POST /ofrep/v1/evaluate/flags[/{key}]` as of `now`."""
    if scope["method"] != "POST":
        raise Refused(405, {"errorDetails": "Flags are evaluated with POST."})
    if not ruleset.version:
        raise Refused(404, _unpublished(scope["path"][len(PATH) + 1 :]))
    key = key_for(scope, ruleset, "evaluate")
    body = await body_of(receive, scope, most=_MOST_BYTES)
    flag = scope["path"][len(PATH) + 1 :]
    context = _context_of(body, flag, key)
    if flag:
        await answer(send, *_one(ruleset, flag, context, now.timestamp()))
    else:
        await _all(scope, send, ruleset, body, context, now.timestamp())


def _unpublished(flag: str) -> dict[str, Any]:
    details = "No ruleset has been published yet. Use the default in your code until there is one."
    return {"key": flag, "errorCode": ErrorCode.FLAG_NOT_FOUND, "errorDetails": details}


def _context_of(body: bytes, flag: str, key: Key) -> Mapping[str, Any]:
    named = {"key": flag} if flag else {}
    try:
        context = _decode(body).context
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError) as error:
        code = (
            ErrorCode.INVALID_CONTEXT if isinstance(error, msgspec.ValidationError) else ErrorCode.PARSE_ERROR
        )
        raise Refused(400, {**named, "errorCode": code, "errorDetails": str(error)}) from None
    target = context.get("targetingKey")
    if not isinstance(target, str) or not target:
        details = "The context needs a targetingKey: who is asking."
        raise Refused(400, {**named, "errorCode": ErrorCode.TARGETING_KEY_MISSING, "errorDetails": details})
    tenant = context.get("tenant")
    if isinstance(tenant, str) and not key.speaks_for(tenant):
        raise Refused(403, {"errorDetails": "This key does not speak for that tenant."})
    return context


def _one(ruleset: Ruleset, flag: str, context: Mapping[str, Any], now: float) -> tuple[int, dict[str, Any]]:
    resolution = ruleset.flags.evaluate(flag, context, now=now)
    if resolution.error_code is None:
        return 200, _success(resolution)
    status = 404 if resolution.error_code == ErrorCode.FLAG_NOT_FOUND else 400
    return status, _failure(resolution)


async def _all(
    scope: Scope, send: Send, ruleset: Ruleset, body: bytes, context: Mapping[str, Any], now: float
) -> None:
    etag = f'"{ruleset.version}-{blake2b(body, digest_size=8).hexdigest()}"'.encode()
    if header(scope, b"if-none-match") == etag:
        await answer(send, 304, headers=[(b"etag", etag)])
        return
    resolutions = [ruleset.flags.evaluate(flag, context, now=now) for flag in ruleset.flags.keys()]  # noqa: SIM118
    content = {
        "flags": [_success(r) if r.error_code is None else _failure(r) for r in resolutions],
        "metadata": {"version": ruleset.version},
        "eventStreams": _STREAMS,
    }
    await answer(send, 200, content, headers=[(b"etag", etag)])


def _success(resolution: Resolution) -> dict[str, Any]:
    content = {"key": resolution.key, "reason": str(resolution.reason), "metadata": dict(resolution.metadata)}
    if resolution.variant is not None:
        content |= {"value": resolution.value, "variant": resolution.variant}
    return content


def _failure(resolution: Resolution) -> dict[str, Any]:
    return {
        "key": resolution.key,
        "errorCode": str(resolution.error_code),
        "errorDetails": resolution.error_message,
        "metadata": dict(resolution.metadata),
    }
