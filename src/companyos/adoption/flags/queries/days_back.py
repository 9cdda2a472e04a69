"""Who went back to the old path: now, and over a time."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime

from companyos.adoption.flags.domain.way_back import DayBack
from companyos.adoption.flags.models import PathBack


def who_is_back() -> dict[str, frozenset[str]]:
    """Return the people of each flag whose day back has not been ended."""
    found: dict[str, set[str]] = defaultdict(set)
    for flag, person in PathBack.objects.filter(ended_at=None).values_list("flag_id", "person"):
        found[flag].add(person)
    return {flag: frozenset(people) for flag, people in found.items()}


def days_back_of(person: str, flag: str = "") -> tuple[DayBack, ...]:
    """Return the days back of a person, the newest first."""
    rows = PathBack.objects.filter(person=person, **({"flag_id": flag} if flag else {}))
    return tuple(day_from(row) for row in rows.order_by("-at"))


def days_back(flags: tuple[str, ...], since: datetime, until: datetime) -> tuple[DayBack, ...]:
    """Return the days back that began in a time or reach into it, in order."""
    rows = PathBack.objects.filter(flag_id__in=flags, at__lt=until, until__gt=since)
    return tuple(day_from(row) for row in rows.order_by("at", "person"))


def days_to_end(now: datetime) -> tuple[DayBack, ...]:
    return tuple(day_from(row) for row in PathBack.objects.filter(ended_at=None, until__lte=now))


def day_from(row: PathBack) -> DayBack:
    return DayBack(
        str(row.pk), row.flag_id, row.person, row.team, row.by, row.at, row.until, row.reason, row.case,
        row.ended_at, row.answered_at,
    )  # fmt: skip
