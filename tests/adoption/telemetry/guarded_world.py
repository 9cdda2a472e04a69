"""A small company on one stage, as a stream: five teams of five, four weeks before, one stage; seeds repeat."""

from __future__ import annotations

import random
from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

from companyos.adoption.telemetry.domain.comparison import TEAMS, Compares, Comparison
from companyos.adoption.telemetry.domain.day_book import DayBook
from companyos.adoption.telemetry.domain.people import Who
from companyos.adoption.telemetry.domain.symptoms import (
    COMPLETED,
    EVALUATED,
    FAILED,
    REPORTED,
    STARTED,
    Seen,
    place_of,
)
from companyos.adoption.telemetry.domain.watch import Watch

MONDAY = datetime(2026, 3, 2, tzinfo=UTC)
STAGE = MONDAY + timedelta(days=28)
TEAM_OF = {f"p{n}": f"team{n // 5}" for n in range(25)}
EXPOSED = frozenset(p for p, team in TEAM_OF.items() if team in {"team0", "team1"})
OTHERS = frozenset(TEAM_OF) - EXPOSED
WHO = Who(EXPOSED, OTHERS, TEAM_OF, EXPOSED, "plan")
BEFORE = [d for d in range(28) if d % 7 < 5]
STAGE_DAYS = [28, 29, 30, 31, 32]


def stream(
    seed: int,
    *,
    days: Iterable[int],
    who: Who = WHO,
    rate: float = 0.03,
    harm: float = 1.0,
    tasks: int = 6,
    on: Any = None,
    slow: float = 0.02,
    given_up: float = 0.02,
) -> list[Seen]:
    """Tasks of everybody; while on, everything goes wrong `harm` times as often. `on(person, day)` says who is."""
    dice, rows = random.Random(seed), []
    is_on = on or (lambda person, day: person in who.exposed and day >= 28)
    for day in days:
        for person in TEAM_OF:
            new = is_on(person, day)
            for number in range(dice.randrange(tasks)):
                at = MONDAY + timedelta(days=day, hours=8, seconds=dice.randrange(8 * 3600))
                path, times = ("unified", harm) if new else ("existing", 1.0)
                task = f"{person}-{day}-{number}"
                rows.append(Seen(at, f"s-{task}", person, "approve", path, STARTED, task))
                if dice.random() < given_up * times:
                    continue
                if dice.random() < rate * times:
                    rows.append(
                        Seen(at + timedelta(minutes=1), f"f-{task}", person, "approve", path, FAILED, task)
                    )
                latency = 5000.0 if dice.random() < slow * times else 300.0 + dice.random()
                done = at + timedelta(minutes=5)
                rows.append(Seen(done, f"c-{task}", person, "approve", path, COMPLETED, task, latency))
    return sorted(rows, key=place_of)


def book_of(rows: Iterable[Seen]) -> DayBook:
    book = DayBook(UTC)
    for seen in rows:
        book.take(seen)
    return book


def watch(
    book: DayBook | None = None, *, who: Who = WHO, comparison: Comparison = TEAMS, **more: Any
) -> Watch:
    return Watch(
        book if book is not None else book_of(stream(1, days=BEFORE)),
        who,
        since=STAGE,
        first_exposed_on=STAGE.date(),
        comparison=comparison,
        **more,
    )


def taken(made: Watch, rows: Iterable[Seen]) -> Watch:
    for seen in rows:
        made.take(seen)
    return made


def at(day: int, hour: float = 9.0) -> datetime:
    return MONDAY + timedelta(days=day, hours=hour)


def task(person: str, day: int, number: int, *, path: str, hour: float = 9.0) -> Seen:
    return Seen(at(day, hour), f"t-{person}-{day}-{number}-{hour}", person, "approve", path, STARTED)


def failure(person: str, day: int, number: int, *, path: str, hour: float = 10.0) -> Seen:
    return Seen(at(day, hour), f"e-{person}-{day}-{number}-{hour}", person, "approve", path, FAILED)


def served(person: str, day: int, variant: str, hour: float = 9.0) -> Seen:
    return Seen(at(day, hour), f"v-{person}-{day}-{hour}", person, "", variant, EVALUATED)


def report(person: str, day: int, hour: float = 11.0) -> Seen:
    return Seen(at(day, hour), f"r-{person}-{day}-{hour}", person, "", "", REPORTED)


def drawn(share: float = 0.5, kind: Compares = Compares.RANDOMISED, **more: Any) -> Comparison:
    return replace(Comparison(kind, share), **more)


def day_of(day: int) -> date:
    return at(day).date()
