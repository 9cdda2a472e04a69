"""PostHog's `POST /flags/?v=2` (https://posthog.com/docs/api/flags), answered from the same flag sets.

A program with a PostHog client changes its host and its key, and keeps its code.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs
from uuid import uuid4

import msgspec

from companyos.surfaces.edge.answers import Refused, Request, Send, answer
from companyos.surfaces.edge.keys import Key, key_of
from companyos.surfaces.edge.rulesets import Ruleset, ServedSet
from companyos.surfaces.edge.selector import selected_or_404
from companyos_sdk.evaluator import Resolution

PATHS = ("/flags", "/flags/")
MOST_BYTES = 256 * 1024
_MOST_UNPACKED = 1024 * 1024
_GZIP = b"\x1f\x8b"
_FIRST_ANSWERED = 2


class Question(msgspec.Struct):
    """What a PostHog client sends; what we do not use is passed over."""

    distinct_id: str | int | float
    api_key: str = ""
    token: str = ""
    groups: dict[str, Any] | None = None
    person_properties: dict[str, Any] | None = None
    group_properties: dict[str, Any] | None = None
    flag_keys_to_evaluate: list[str] | None = None

    def context(self) -> dict[str, Any]:
        """Return the context of the rules: properties, groups by their kind, and the person as targeting key."""
        return {
            **(self.person_properties or {}),
            **(self.groups or {}),
            "groups": self.groups or {},
            "group_properties": self.group_properties or {},
            "targetingKey": str(self.distinct_id),
        }


_decode = msgspec.json.Decoder(Question).decode


def is_asked(method: str, path: str, query: bytes) -> bool:
    """Tell whether a request is PostHog's; the console has a page of that name."""
    return path in PATHS and method in ("POST", "OPTIONS") and b"v=" in query


async def read_question(request: Request) -> Question:
    """Read the body in whatever wrapping a PostHog client gave it."""
    _refuse_old_versions(request.query)
    return _question(await request.body(most=MOST_BYTES))


def key_in(question: Question, request: Request, ruleset: Ruleset) -> Key:
    secret = question.api_key or question.token
    try:
        return key_of(secret.encode(), request, ruleset, "evaluate")
    except Refused as refused:
        if refused.status == 401:
            detail = "No valid key. Send one of this instance's keys as `api_key` or `token`."
            refused.body = _problem("authentication_error", "invalid_api_key", detail)
        raise


async def evaluate(
    request: Request, send: Send, ruleset: Ruleset, key: Key, question: Question, now: datetime
) -> None:
    """Answer the version 2 shape: one record a flag, and nothing of a flag whose value is left to the code."""
    context = question.context()
    key.check_context(context)
    served = selected_or_404(request, ruleset)
    resolutions = [
        served.flags.evaluate(flag, context, now=now.timestamp()) for flag in _wanted(served, question)
    ]
    content = {
        "flags": {r.key: _record(r, ruleset.version) for r in resolutions if _is_told(r)},
        "errorsWhileComputingFlags": any(r.error_code for r in resolutions),
        "requestId": str(uuid4()),
        "evaluatedAt": int(now.timestamp() * 1000),
    }
    await answer(send, 200, content)


def _wanted(served: ServedSet, question: Question) -> list[str]:
    names = served.flags.keys()
    if question.flag_keys_to_evaluate is None:
        return list(names)
    return [name for name in names if name in set(question.flag_keys_to_evaluate)]


def _is_told(resolution: Resolution) -> bool:
    return resolution.variant is not None or resolution.error_code is not None


def _record(resolution: Resolution, version: int) -> dict[str, Any]:
    enabled, variant, payload = _rendered(resolution)
    record = {
        "key": resolution.key,
        "enabled": enabled,
        "variant": variant,
        "reason": _reason(resolution, enabled),
        "metadata": {
            "id": zlib.crc32(resolution.key.encode()),
            "version": version,
            "description": "",
            "payload": payload,
        },
    }
    return record if resolution.error_code is None else {**record, "failed": True}


def _rendered(resolution: Resolution) -> tuple[bool, str | None, str | None]:
    """Return enabled, variant and payload: a text is the variant itself, a number or object is the payload."""
    value = resolution.value
    if value is None or isinstance(value, bool):
        return bool(value), None, None
    if isinstance(value, str):
        return True, value, None
    return True, resolution.variant, msgspec.json.encode(value).decode()


def _reason(resolution: Resolution, enabled: bool) -> dict[str, Any]:
    if resolution.error_code is not None:
        return {"code": "error", "condition_index": None, "description": resolution.error_message or ""}
    code = "condition_match" if enabled else "no_condition_match"
    return {"code": code, "condition_index": None, "description": f"OpenFeature reason {resolution.reason}"}


def _refuse_old_versions(query: bytes) -> None:
    version = parse_qs(query.decode("latin-1")).get("v", [""])[0]
    if not version.isdigit() or int(version) < _FIRST_ANSWERED:
        detail = "Versions 2 and later are answered here, as /flags/?v=2. Update the PostHog client."
        raise Refused(400, _problem("validation_error", "unsupported_version", detail))


def _question(body: bytes) -> Question:
    try:
        return _decode(_unwrapped(body))
    except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError, ValueError, zlib.error) as error:
        detail = f"Send JSON, gzipped or in base64 if you like, with a distinct_id. {error}"
        raise Refused(400, _problem("validation_error", "invalid_payload", detail)) from None


def _unwrapped(body: bytes) -> bytes:
    """Return the JSON inside: clients disagree about the content type, so the content itself tells."""
    if body.startswith(_GZIP):
        return _gunzipped(body)
    if body.lstrip()[:1] == b"{":
        return body
    text = parse_qs(body.decode("latin-1")).get("data", [""])[0].encode() or body
    return _from_base64(text.strip().replace(b" ", b"+"))  # a form turns + into a space


def _from_base64(text: bytes) -> bytes:
    try:
        inside = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"it is neither JSON nor gzip, and no base64 either: {error}") from None
    return _gunzipped(inside) if inside.startswith(_GZIP) else inside


def _gunzipped(body: bytes) -> bytes:
    unpacking = zlib.decompressobj(wbits=31)
    inside = unpacking.decompress(body, _MOST_UNPACKED)
    if unpacking.unconsumed_tail:
        too_large = f"Unpacked, the body is larger than {_MOST_UNPACKED} bytes."
        raise Refused(413, _problem("validation_error", "too_large", too_large))
    if not unpacking.eof:
        raise ValueError("the gzipped body ends too early")
    return inside


def _problem(kind: str, code: str, detail: str) -> dict[str, Any]:
    return {"type": kind, "code": code, "detail": detail, "attr": None}
