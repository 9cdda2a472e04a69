"""Unwrapping a request's body: gzip, deflate, base64, forms. Clients disagree about content types, so content tells.

Unpacking stops at a bound: a body of a kilobyte that unpacks to a gigabyte is refused, not unpacked.
"""

from __future__ import annotations

import base64
import binascii
import zlib
from urllib.parse import parse_qs

from companyos.analytics.loose import Unreadable

MOST_UNPACKED = 8 * 1024 * 1024
_GZIP = b"\x1f\x8b"
_EITHER_HEADER = 47  # zlib or gzip, told apart by zlib itself
_MOST_LAYERS = 3
_READ_HERE = ("", "identity", "gzip", "x-gzip", "deflate")


class BodyRefused(Exception):
    """The body as a whole is not taken: an HTTP status, and the reason."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


def unpacked(body: bytes, encoding: bytes, *, most: int = MOST_UNPACKED) -> bytes:
    """The body without its `Content-Encoding`. Gzip is recognised by its first bytes, announced or not."""
    named = encoding.decode("latin-1").strip().lower()
    if body.startswith(_GZIP) or named == "deflate":
        return _inflated(body, most)
    if named not in _READ_HERE:
        raise BodyRefused(
            415, f"Bodies in {named[:40]!r} are not read here. Send gzip, deflate or plain bytes."
        )
    return body


def unwrapped(body: bytes, encoding: bytes, *, most: int = MOST_UNPACKED) -> bytes:
    """The JSON inside whatever a browser's client wrapped around it: gzip, a form's `data=`, base64."""
    body = unpacked(body, encoding, most=most)
    for _ in range(_MOST_LAYERS):
        if body.startswith(_GZIP):
            body = _inflated(body, most)
        elif body.lstrip()[:1] in (b"{", b"["):
            return body
        else:
            body = _from_base64(_from_form(body))
    raise Unreadable("it is wrapped more than three times")


def _from_form(body: bytes) -> bytes:
    if b"data=" not in body[:200]:
        return body
    try:
        fields = parse_qs(body.decode("latin-1"), max_num_fields=20, encoding="latin-1")
    except ValueError as problem:
        raise Unreadable(str(problem)) from None
    data = fields.get("data", [""])[0].encode("latin-1")
    return data.replace(b" ", b"+") if data.lstrip()[:1] not in (b"{", b"[") else data


def _from_base64(text: bytes) -> bytes:
    if text.lstrip()[:1] in (b"{", b"["):
        return text
    try:
        return base64.b64decode(text.strip() + b"=" * (-len(text.strip()) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise Unreadable("it is neither JSON nor gzip, nor a form or base64 that holds them") from None


def _inflated(body: bytes, most: int) -> bytes:
    unpacking = zlib.decompressobj(wbits=_EITHER_HEADER)
    try:
        inside = unpacking.decompress(body, most + 1)
    except zlib.error as problem:
        raise Unreadable(f"its compression is broken: {problem}") from None
    if len(inside) > most:
        raise BodyRefused(413, f"Unpacked, the body is larger than {most} bytes. Send it in smaller parts.")
    if not unpacking.eof:
        raise Unreadable("its compressed bytes end too early")
    return inside
