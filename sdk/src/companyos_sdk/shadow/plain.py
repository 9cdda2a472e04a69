"""Any answer as plain JSON-like data, so that two of them can be held side by side."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

MOST_DEPTH = 64
ATOMS = (str, int, float, bool, bytes, Decimal, datetime, date, time, timedelta, type(None))


@dataclass(frozen=True, slots=True)
class Opaque:
    """Something that is no data: what it is, and its words as far as they go."""

    kind: str
    words: str


class Bag(list[Any]):
    """What was a set: a list whose order means nothing."""


class TooDeep(Exception):
    """A value holds itself, or more levels than are compared."""


class TooMuch(Exception):
    """A value holds more pieces than are compared."""


def plain(value: Any, *, most_nodes: int = 50_000) -> Any:
    """Return dicts with text keys, lists and atoms; sets become lists without order. Raises TooDeep and TooMuch.

    Dataclasses, named tuples, and whatever has `model_dump` or `_asdict` become dicts of their fields.
    """
    return _plain(value, 0, [most_nodes])


def _plain(value: Any, depth: int, left: list[int]) -> Any:
    left[0] -= 1
    if left[0] < 0:
        raise TooMuch
    if depth > MOST_DEPTH:
        raise TooDeep
    if isinstance(value, Enum):
        return _plain(value.value, depth + 1, left)
    if isinstance(value, ATOMS):
        return value
    if isinstance(value, Mapping):
        return {_key(key): _plain(each, depth + 1, left) for key, each in value.items()}
    named = _fields_of(value)
    if named is not None:
        return {name: _plain(each, depth + 1, left) for name, each in named}
    if isinstance(value, list | tuple):
        return [_plain(each, depth + 1, left) for each in value]
    if isinstance(value, set | frozenset):
        return Bag(sorted((_plain(each, depth + 1, left) for each in value), key=_order))
    return _word(value)


def _word(value: Any) -> Any:
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    return str(value) if isinstance(value, UUID) else _opaque(value)


def _fields_of(value: Any) -> Iterator[tuple[str, Any]] | None:
    if is_dataclass(value) and not isinstance(value, type):
        return ((each.name, getattr(value, each.name)) for each in fields(value))
    for name in ("model_dump", "_asdict"):
        dump = getattr(value, name, None)
        if callable(dump) and not isinstance(value, type):
            dumped = dump()
            if isinstance(dumped, Mapping):
                return ((_key(key), each) for key, each in dumped.items())
    if isinstance(value, BaseException):
        return iter((("error", type(value).__name__), ("says", str(value)[:500])))
    return None


def _opaque(value: Any) -> Opaque:
    kind = f"{type(value).__module__}.{type(value).__qualname__}"
    words = repr(value)
    # the address of an object is another one every time, and says nothing
    return Opaque(kind, "" if f"{id(value):x}" in words.lower() else words[:200])


def _key(key: Any) -> str:
    return key if isinstance(key, str) else str(key.value if isinstance(key, Enum) else key)


def _order(value: Any) -> tuple[str, str]:
    return type(value).__name__, repr(value)
