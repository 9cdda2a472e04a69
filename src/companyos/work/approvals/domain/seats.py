"""Whom a step asks: its seats, without anybody's own request, and who sits on each after delegation and absence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from companyos.work.approvals.domain.chain import ALL, ANY, Step
from companyos.work.approvals.domain.org import Org


@dataclass(frozen=True, slots=True)
class Seat:
    """One answer a step may get: whose it is, who gives it, and why them."""

    of: str
    person: str
    why: str


@dataclass(frozen=True, slots=True)
class Bench:
    """The seats of a step and how many answers it needs."""

    seats: tuple[Seat, ...]
    needed: int


def bench_of(
    step: Step,
    org: Org,
    *,
    requester: str,
    barred: frozenset[str],
    handed_on: Mapping[str, str],
    escalated: bool,
) -> Bench:
    """Seat a step. `barred` may not answer it: who asks, and whom duties are kept apart from.

    `handed_on` are the delegations for this request alone. An `escalated` step seats its escalation's people too;
    so does one that too few can answer.
    """
    seats = _seated(step.who, org, requester, barred)
    needed = len(seats) if step.needs == ALL else 1 if step.needs == ANY else int(step.needs)
    needed = max(1, needed)
    if escalated or len(seats) < needed:
        because = "it waited too long" if escalated else "too few others may answer"
        more = _seated(step.escalate_to, org, requester, barred)
        seats |= {one: f"{why}, because {because}" for one, why in more.items() if one not in seats}
    return Bench(tuple(_placed(seats, needed, org, barred, handed_on)), needed)


def _seated(roles: Iterable[str], org: Org, requester: str, barred: frozenset[str]) -> dict[str, str]:
    """Who is meant, with why; whoever is barred has no seat at all."""
    found: dict[str, str] = {}
    for who in roles:
        for person in org.resolve(who, requester):
            if person not in barred:
                found.setdefault(person, f"as {org.said(who)}")
    return found


def _placed(
    seats: Mapping[str, str], needed: int, org: Org, barred: frozenset[str], handed_on: Mapping[str, str]
) -> Iterable[Seat]:
    """Put a person on each seat, nobody on two: a quorum counts people, never hats."""
    taken: set[str] = set()
    here = sum(1 for one in seats if one not in org.away)
    for one, why in seats.items():
        person, how = _stand_in(one, org, barred, handed_on, cover=here < needed)
        if person != one and (person in seats or person in taken):
            person, how = one, f"; {org.name(person)} already has a seat of their own"
        taken.add(person)
        yield Seat(one, person, why + how)


def _stand_in(
    one: str, org: Org, barred: frozenset[str], handed_on: Mapping[str, str], *, cover: bool
) -> tuple[str, str]:
    """Follow delegations from a seat to who answers, and say how it got there.

    A circle of delegations, or one that leads to somebody who is barred, leaves it with the last who may answer.
    """
    visited, current = [one], one
    while following := handed_on.get(current) or org.delegates.get(current):
        if following in visited:
            return one, "; delegations lead round in a circle, so it stays here"
        if following in barred or following not in org.people:
            return current, f"; {org.name(following)} may not answer this request, so it stays here"
        visited.append(following)
        current = following
    if current != one:
        return current, f", for {org.name(one)}"
    if one in org.away and cover:
        other = org.manager_of(one)
        if other and other not in barred and other not in org.away:
            return other, f", for {org.name(one)} who is away"
    return one, ""
