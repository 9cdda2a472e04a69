"""State in memory as plain JSON and back, exactly: what a process keeps so that the next one goes on where it stopped.

Only classes marked with `keeps` are written or read; anything else is refused, so a stored document builds nothing
that was not meant to be stored.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import fields, is_dataclass
from datetime import UTC, date, datetime, timedelta, timezone, tzinfo
from enum import Enum
from math import isfinite
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

T = TypeVar("T", bound=type)
_KEPT: dict[str, type] = {}


def keeps(cls: T) -> T:
    """Mark a class whose instances may be stored; their attributes must be storable too."""
    _KEPT[cls.__name__] = cls
    return cls


def frozen(value: Any) -> Any:
    """Return `value` as plain JSON. Raises TypeError for what is not meant to be stored."""
    if isinstance(value, Enum):
        return {"$": _name(type(value)), "v": value.value}
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return value if isfinite(value) else {"$": "float", "v": repr(value)}
    if isinstance(value, list):
        return [frozen(each) for each in value]
    for kind, write in _WRITERS:
        if isinstance(value, kind):
            return {"$": kind.__name__, "v": write(value)}
    return {"$": _name(type(value)), "v": {name: frozen(each) for name, each in _attributes(value)}}


def thawed(document: Any) -> Any:
    """Undo `frozen`. Raises TypeError for a document that it did not write."""
    if isinstance(document, list):
        return [thawed(each) for each in document]
    if not isinstance(document, dict):
        return document
    name, told = document.get("$", ""), document.get("v")
    if name in _READERS:
        return _READERS[name](told)
    if name not in _KEPT:
        raise TypeError(f"a stored document names {name!r}, which is not meant to be stored")
    cls = _KEPT[name]
    if issubclass(cls, Enum):
        return cls(told)
    made = cls.__new__(cls)
    for attribute, each in (told or {}).items():
        object.__setattr__(made, attribute, thawed(each))
    return made


def _name(cls: type) -> str:
    if _KEPT.get(cls.__name__) is not cls:
        raise TypeError(f"{cls.__name__} is not meant to be stored")
    return cls.__name__


def _attributes(value: Any) -> list[tuple[str, Any]]:
    if is_dataclass(value):
        return [(each.name, getattr(value, each.name)) for each in fields(value)]
    return list(vars(value).items())


def _pairs(value: Any) -> list[Any]:
    return [[frozen(key), frozen(each)] for key, each in value.items()]


def _read_pairs(told: Any) -> dict[Any, Any]:
    return {thawed(key): thawed(each) for key, each in told}


def _zone(value: tzinfo) -> str:
    if isinstance(value, ZoneInfo):
        return value.key
    if value is UTC:
        return "UTC"
    raise TypeError(f"the zone {value} has no name to store")


_WRITERS: tuple[tuple[type, Any], ...] = (
    (datetime, datetime.isoformat),
    (date, date.isoformat),
    (timedelta, lambda value: [value.days, value.seconds, value.microseconds]),
    (tuple, lambda value: [frozen(each) for each in value]),
    (frozenset, lambda value: sorted(frozen(each) for each in value)),
    (set, lambda value: sorted(frozen(each) for each in value)),
    (Counter, _pairs),
    (dict, _pairs),
    (timezone, _zone),
    (ZoneInfo, _zone),
)
_READERS: dict[str, Any] = {
    "float": float,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "timedelta": lambda told: timedelta(*told),
    "tuple": lambda told: tuple(thawed(each) for each in told),
    "frozenset": lambda told: frozenset(thawed(each) for each in told),
    "set": lambda told: {thawed(each) for each in told},
    "Counter": lambda told: Counter(_read_pairs(told)),
    "dict": _read_pairs,
    "timezone": lambda told: UTC,
    "ZoneInfo": ZoneInfo,
}
