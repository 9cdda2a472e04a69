"""What stays of a case's history when a person is taken out of it: what happened, not who it was or what they said."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from typing import Any

from companyos.work.cases.domain.types import Event

ERASED = "erased"
"""Stands where the person stood. Nobody of the directory has this name."""

ERASED_TITLE = "Erased"
_WORDS = frozenset({"text", "note", "because", "resolution", "name"})  # what a person writes themselves


def without(event: Event, names: Collection[str]) -> Event:
    """Return the event without the person who has these names; the very same when it does not know them.

    What they wrote goes with them. Of what others wrote, `@name` loses the name; a name within a sentence is not found.
    """
    mine = event.by in names
    body = {
        key: "" if mine and key in _WORDS else _replaced(value, names) for key, value in event.body.items()
    }
    left = Event(event.kind, ERASED if mine else event.by, event.at, body)
    return event if left == event else left


def _replaced(value: Any, names: Collection[str]) -> Any:
    match value:
        case str() if value in names:
            return ERASED
        case str():
            return _mention_of(names).sub(f"@{ERASED}", value) if "@" in value else value
        case list():
            return [_replaced(each, names) for each in value]
        case Mapping():
            return {key: _replaced(each, names) for key, each in value.items()}
    return value


def _mention_of(names: Collection[str]) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w@/.])@(?:{'|'.join(map(re.escape, sorted(names)))})(?![\w-])")
