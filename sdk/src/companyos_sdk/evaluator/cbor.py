"""Deterministic CBOR (RFC 8949, 4.2.1) of JSON values: the hash input of flagd's third bucketing scheme.

https://github.com/open-feature/flagd/blob/main/docs/architecture-decisions/fractional-non-string-rand-units.md
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from typing import Any

from companyos_sdk.evaluator.code import TooMuchWork

LONGEST = 64 * 1024
_UNSIGNED, _NEGATIVE, _TEXT, _ARRAY, _MAP = 0x00, 0x20, 0x60, 0x80, 0xA0
_FALSE, _TRUE, _NULL = b"\xf4", b"\xf5", b"\xf6"
_NOT_A_NUMBER = b"\xf9\x7e\x00"


def encode(value: Any) -> bytes:
    """The bytes of a JSON value; a float without a fraction is written as the integer it equals.

    Raises TypeError for a value JSON does not have and TooMuchWork for one beyond 64 KiB.
    """
    if isinstance(value, str):
        return text(value)
    if value is None:
        return _NULL
    if isinstance(value, bool):
        return _TRUE if value else _FALSE
    if isinstance(value, (int, float)):
        return _number(value)
    if isinstance(value, (list, tuple)):
        return _bounded(_head(_ARRAY, len(value)), [encode(item) for item in value])
    if isinstance(value, Mapping):
        pairs = sorted(text(name) + encode(item) for name, item in value.items())
        return _bounded(_head(_MAP, len(value)), pairs)
    raise TypeError(f"{type(value).__name__} is not a JSON value")


def utf8(text: str) -> bytes:
    """UTF-8, with U+FFFD for half a surrogate pair, as decoders of other languages read it."""
    try:
        return text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()


def _bounded(head: bytes, parts: list[bytes]) -> bytes:
    # A reducer can nest one list in itself again and again: small in memory, endless when written out.
    if sum(map(len, parts)) > LONGEST:
        raise TooMuchWork(f"a bucketing value is longer than {LONGEST} bytes")
    return head + b"".join(parts)


def text(value: str) -> bytes:
    """The bytes of a text."""
    data = value.encode() if value.isascii() else utf8(value)
    size = len(data)
    return (_SHORT_TEXTS[size] if size < 256 else _head(_TEXT, size)) + data


def _head(major: int, count: int) -> bytes:
    if count < 24:
        return bytes((major | count,))
    for extra, size in enumerate((1, 2, 4, 8)):
        if count < 1 << 8 * size:
            return bytes((major | 24 + extra,)) + count.to_bytes(size, "big")
    raise TypeError("a number beyond 64 bits has no short form")


_SHORT_TEXTS = [_head(_TEXT, size) for size in range(256)]  # what nearly every text begins with


def _number(number: int | float) -> bytes:
    if isinstance(number, float) and not number.is_integer():
        return _float(number)
    if 0 <= number < 2**64:
        return _head(_UNSIGNED, int(number))
    if -(2**63) <= number < 0:
        return _head(_NEGATIVE, -1 - int(number))
    return _float(_double(number))


def _double(number: int | float) -> float:
    try:
        return float(number)
    except OverflowError:
        return math.inf if number > 0 else -math.inf


def _float(number: float) -> bytes:
    """The shortest of half, single and double precision that keeps the value."""
    if math.isnan(number):
        return _NOT_A_NUMBER
    for head, layout in ((b"\xf9", ">e"), (b"\xfa", ">f")):
        try:
            packed = struct.pack(layout, number)
        except OverflowError:
            continue
        if struct.unpack(layout, packed)[0] == number:
            return head + packed
    return b"\xfb" + struct.pack(">d", number)
