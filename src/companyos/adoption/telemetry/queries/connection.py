"""Which engine answers, and the span of events that most questions are about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from companyos.analytics.engine import Engine

_engine: list[Engine] = []


def connect(engine: Engine) -> None:
    """Say which engine answers. Wired once at start."""
    _engine[:] = [engine]


def engine() -> Engine:
    return _engine[0]


def milliseconds(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


@dataclass(frozen=True, slots=True)
class Events:
    """Events of one feature in some tenants, from `since` to just before `until`.

    `until` is also the moment up to which data are complete: what could still happen after it is "open".
    """

    feature: str
    tenants: tuple[str, ...]
    since: datetime
    until: datetime

    def parameters(self) -> dict[str, Any]:
        return {
            "feature": self.feature,
            "tenants": list(self.tenants),
            "since": milliseconds(self.since),
            "until": milliseconds(self.until),
        }
