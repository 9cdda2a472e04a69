"""A flag stays killed while a room above says so: it asks, and knows nothing of that room."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from companyos.adoption.flags.domain.types import FlagSpec

Keeps = Callable[[str, FlagSpec, datetime], str]


def _nobody_keeps(actor: str, spec: FlagSpec, now: datetime) -> str:
    return ""


_KEEPS: list[Keeps] = [_nobody_keeps]


def keep_killed_while(keeps: Keeps | None) -> None:
    """Ask `keeps(actor, flag, now)` before a flag is un-killed; its answer is why not, or nothing. None asks nobody."""
    _KEEPS[:] = [keeps or _nobody_keeps]


def why_kept_killed(actor: str, spec: FlagSpec, now: datetime) -> str:
    return _KEEPS[0](actor, spec, now)
