"""Where surveys learn that something happened to a person. Wired once at start; without it nothing ever happened."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Triggers(Protocol):
    def first_exposure(self, feature: str, person: str) -> datetime | None:
        """Return when the person first met the feature."""
        ...

    def last_event(self, feature: str, event: str, person: str) -> datetime | None:
        """Return when the person's latest such event happened."""
        ...


class _Nothing:
    def first_exposure(self, feature: str, person: str) -> datetime | None:
        return None

    def last_event(self, feature: str, event: str, person: str) -> datetime | None:
        return None


_triggers: list[Triggers] = [_Nothing()]


def learn_from(triggers: Triggers | None) -> None:
    """Say where surveys learn what happened; None: nowhere."""
    _triggers[:] = [triggers or _Nothing()]


def triggers() -> Triggers:
    return _triggers[0]
