"""Who met which variant, and when a flag was last asked for: from the event engine."""

from __future__ import annotations

from datetime import datetime, timedelta

from companyos.adoption.flags.domain.rows import ExposureRow, Exposures
from companyos.kernel.evidence import Question, ask

EXPOSURE_WINDOW = timedelta(days=28)


def exposures(key: str, now: datetime, since: datetime | None = None) -> Exposures:
    """Return who met which variant of a flag (R95), from the event engine; no data is an answer."""
    fact = ask("telemetry.flag_exposures", _question(key, since or now - EXPOSURE_WINDOW, now))
    rows = tuple(ExposureRow(*each) for each in fact.details.get("rows", ()))
    by_variant = tuple((str(variant), int(people)) for variant, people in fact.details.get("variants", ()))
    people, window = int(fact.value or 0), fact.window or "the last 28 days"
    return Exposures(rows, by_variant, people, fact.n or 0, window, fact.source, fact.problem)


def last_asked(now: datetime) -> dict[str, str] | None:
    """Return when each flag was last asked for; None where nobody counts evaluations."""
    fact = ask("telemetry.flags_asked", _question("", now - timedelta(days=400), now))
    return None if fact.problem else dict(fact.details)


def _question(flag: str, since: datetime, now: datetime) -> Question:
    return Question("", since, now, frozenset(), frozenset(), parameters={"flag": flag})
