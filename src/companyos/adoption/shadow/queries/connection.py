"""Which engine answers about comparisons."""

from __future__ import annotations

from companyos.analytics.engine import Engine

_engine: list[Engine] = []


def connect(engine: Engine) -> None:
    """Say which engine answers. Wired once at start."""
    _engine[:] = [engine]


def engine() -> Engine:
    return _engine[0]
