"""Which banners get in each other's way: only one is seen at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations

from companyos.change.comms.domain.banners import MOST_NEW, BannerRow, Severity


@dataclass(frozen=True, slots=True)
class Placed:
    """A banner with the people of its audience."""

    banner: BannerRow
    people: frozenset[str]


@dataclass(frozen=True, slots=True)
class Conflict:
    """Banners that some people have at once, and what becomes of them."""

    banners: tuple[BannerRow, ...]
    people: int
    says: str


def conflicts(placed: Iterable[Placed], home: Mapping[str, str]) -> tuple[Conflict, ...]:
    """Return the conflicts among banners; `home` is the title of each person's tenant."""
    rows = sorted(placed, key=lambda each: (each.banner.priority, each.banner.starts_at, each.banner.id))
    return (*_two_critical_at_once(rows, home), *_more_than_a_day_shows(rows, home))


def _two_critical_at_once(rows: list[Placed], home: Mapping[str, str]) -> list[Conflict]:
    critical = [each for each in rows if each.banner.severity is Severity.CRITICAL]
    found = []
    for one, other in combinations(critical, 2):
        people = one.people & other.people
        if people and _meet(one.banner, other.banner):
            says = (
                f"Two critical banners for {_named(people, home)} at once: “{one.banner.title}” is shown first, "
                f"{_comes_first(one.banner, other.banner)}; “{other.banner.title}” waits until it is answered."
            )
            found.append(Conflict((one.banner, other.banner), len(people), says))
    return found


def _more_than_a_day_shows(rows: list[Placed], home: Mapping[str, str]) -> list[Conflict]:
    """Where the most banners are in force at once for the same people, and more than a day shows."""
    usual = [each for each in rows if each.banner.severity is not Severity.CRITICAL]
    most: dict[str, tuple[Placed, ...]] = {}
    for moment in sorted({each.banner.starts_at for each in usual}):
        together = [each for each in usual if each.banner.is_in_force(moment)]
        counted = Counter(person for each in together for person in each.people)
        for person, n in counted.items():
            if n > max(MOST_NEW, len(most.get(person, ()))):
                most[person] = tuple(each for each in together if person in each.people)
    crowds: dict[tuple[Placed, ...], set[str]] = {}
    for person, crowd in most.items():
        crowds.setdefault(crowd, set()).add(person)
    return [
        Conflict(
            tuple(each.banner for each in crowd),
            len(people),
            f"{len(crowd)} banners that are not critical for {_named(people, home)} at once: "
            f"a person newly sees {MOST_NEW} within 24 hours; the others wait.",
        )
        for crowd, people in crowds.items()
    ]


def _meet(one: BannerRow, other: BannerRow) -> bool:
    return one.starts_at < other.over_at and other.starts_at < one.over_at


def _comes_first(first: BannerRow, then: BannerRow) -> str:
    if first.priority != then.priority:
        return f"priority {first.priority} before {then.priority}"
    return "the older" if first.starts_at < then.starts_at else "made first"


def _named(people: Iterable[str], home: Mapping[str, str]) -> str:
    return ", ".join(sorted({home.get(person, "nobody's tenant") for person in people}))
