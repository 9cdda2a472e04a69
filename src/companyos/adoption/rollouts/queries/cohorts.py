"""Plans and their cohorts, worked out once: they change with the plan's fingerprint or the directory, not with time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from companyos.adoption.flags.domain.types import people_of
from companyos.adoption.rollouts.domain.cohorts import cohort_at, held_back_at
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.people.identity.domain.types import PersonRow

_MOST = 5_000


@dataclass(frozen=True, slots=True)
class Cohort:
    on: frozenset[str]
    newly_on: frozenset[str]
    held_back: frozenset[str]


_plans: dict[str, Plan] = {}
_cohorts: dict[tuple[str, int], Cohort] = {}
_people: list[tuple[PersonRow, ...]] = [()]


def same(now: tuple[PersonRow, ...]) -> tuple[PersonRow, ...]:
    """Return the directory as it was known when nothing has changed; else forget every cohort."""
    if now != _people[0]:
        _cohorts.clear()
        _people[0] = now
    return _people[0]


def people() -> tuple[PersonRow, ...]:
    """Return the directory that the states read last were made from."""
    return _people[0]


def knows(sha256: str) -> bool:
    """Tell whether the plan with this fingerprint was read before: its document need not be read again."""
    return sha256 in _plans


def plan(sha256: str, document: Callable[[], Mapping[str, Any]]) -> Plan:
    """Return the plan with this fingerprint; its `document` is read only where it is not known."""
    known = _plans.get(sha256)
    if known is None:
        _keep_few(_plans)
        known = _plans[sha256] = Plan.from_document(document())
    return known


def at(sha256: str, of: Plan, index: int, everybody: tuple[PersonRow, ...]) -> Cohort:
    """Return who is on at stage `index` of a plan; `everybody` as `same` returned it."""
    key = sha256, index
    if key not in _cohorts or everybody is not _people[0]:
        on = people_of(cohort_at(of, index, everybody))
        before = people_of(cohort_at(of, index - 1, everybody)) if index else frozenset()
        _keep_few(_cohorts)
        _cohorts[key] = Cohort(on, on - before, held_back_at(of, index, everybody))
    return _cohorts[key]


def _keep_few(known: dict[Any, Any]) -> None:
    if len(known) >= _MOST:
        known.clear()
