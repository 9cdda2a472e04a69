"""Does each step's cohort contain the one before? The proof, or the people who would lose it.

Three answers: *proved* from the audiences alone, so for anybody who will ever ask; *holds today* for everybody in
the directory, person by person; *broken*, with the counter-example.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise

from companyos.adoption.flags.domain.types import Audience, Cohort, Slice


class Growth(StrEnum):
    PROVED = "proved"
    HOLDS_TODAY = "holds_today"
    BROKEN = "broken"


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a plan or of a schedule: who is on at it, and the rule behind it where there is one."""

    name: str
    cohort: Cohort
    audience: Audience | None = None


@dataclass(frozen=True, slots=True)
class Loss:
    """The counter-example: people on at `before` who are off at `after`."""

    before: str
    after: str
    tenant: str
    people: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proof:
    """What is known of a sequence of steps, and why."""

    verdict: Growth
    because: str
    losses: tuple[Loss, ...] = ()


def judge_growth(steps: Sequence[Step]) -> Proof:
    """Judge a whole sequence: the weakest link counts."""
    losses = tuple(loss for before, after in pairwise(steps) for loss in losses_between(before, after))
    if losses:
        return Proof(Growth.BROKEN, _told(losses), losses)
    proved = all(
        before.audience is not None
        and after.audience is not None
        and contains(after.audience, before.audience)
        for before, after in pairwise(steps)
    )
    many = f"{len(steps)} steps"
    if proved:
        return Proof(Growth.PROVED, f"each of {many} contains the one before, whoever asks")
    return Proof(
        Growth.HOLDS_TODAY, f"each of {many} contains the one before, for everybody in the directory today"
    )


def losses_between(before: Step, after: Step) -> tuple[Loss, ...]:
    """Return who would lose it, tenant by tenant."""
    gone = {
        tenant: people - after.cohort.get(tenant, frozenset()) for tenant, people in before.cohort.items()
    }
    return tuple(
        Loss(before.name, after.name, tenant, tuple(sorted(people)))
        for tenant, people in sorted(gone.items())
        if people
    )


def contains(after: Audience, before: Audience) -> bool:
    """Prove from the rules alone that whoever `before` lets in, `after` lets in as well."""
    slices = all(any(_covers(wide, narrow) for wide in after.slices) for narrow in before.slices)
    exceptions = all(any(_covers(wide, narrow) for wide in before.exceptions) for narrow in after.exceptions)
    return slices and exceptions and set(after.requires) <= set(before.requires)


def _covers(wide: Slice, narrow: Slice) -> bool:
    where = wide.tenant in {"", narrow.tenant}
    return where and wide.percent >= narrow.percent and _names_all_of(wide, narrow)


def _names_all_of(wide: Slice, narrow: Slice) -> bool:
    if not wide.names_somebody:
        return True
    parts = ("teams", "departments", "people", "segments")
    return narrow.names_somebody and all(set(getattr(narrow, p)) <= set(getattr(wide, p)) for p in parts)


def _told(losses: tuple[Loss, ...]) -> str:
    first = losses[0]
    shown = ", ".join(first.people[:5]) + (
        f" and {len(first.people) - 5} more" if len(first.people) > 5 else ""
    )
    are = "is" if len(first.people) == 1 else "are"
    return f"{shown} of {first.tenant} {are} on at {first.before} and off at {first.after}"
