"""Whatever holds something of a person says so here, and an erasure reaches it: rooms do not know each other."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime

Erase = Callable[[Collection[str]], int]
DropOlder = Callable[[datetime], int]
_REACHED: dict[str, Erase] = {}
_AGEING: dict[str, DropOlder] = {}


def reach(place: str, erase: Erase) -> None:
    """Let erasures reach a place: `erase(names)` deletes what it holds of a person and says how many rows went.

    A later word about the same place replaces the earlier one (a restart). Erasing twice does nothing more.
    """
    _REACHED[place] = erase


def erase_everywhere(names: Collection[str]) -> dict[str, int]:
    """Delete what every place holds of a person, under whichever of these names; rows by place."""
    return {place: erase(names) for place, erase in _REACHED.items()}


def ages(what: str, drop_older: DropOlder) -> None:
    """Let retention reach `what`: `drop_older(before)` deletes what is older and says how many rows went."""
    _AGEING[what] = drop_older


def drop_older(what: str, before: datetime) -> int:
    """Delete what is older; nothing where no place holds it."""
    return _AGEING[what](before) if what in _AGEING else 0
