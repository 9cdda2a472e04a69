"""On which path a person is with a flag, and whether they are asked to try the new one again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from companyos.adoption.flags.domain import reach
from companyos.adoption.flags.domain.types import NOT_ON, FlagState, Member, World
from companyos.adoption.flags.domain.way_back import DayBack, Path, asks_again
from companyos.adoption.flags.queries.days_back import days_back_of
from companyos.adoption.flags.queries.standing import loaded, state_of, world
from companyos.work.cases import queries as cases
from companyos_sdk.evaluator import FlagSet

_REMEMBERED = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class PathOf:
    """One flag as one person has it. `try_again`: the day back whose case is fixed, until they answer."""

    flag: str
    title: str
    path: Path
    until: datetime | None
    case: str
    try_again: str
    stopped_because: str = ""


def path_of(person: str, flag: str, now: datetime) -> PathOf | None:
    """Return on which path a person is; None for a flag that is not there."""
    state = state_of(flag)
    if state is None:
        return None
    days = days_back_of(person, flag)
    current = next((day for day in days if day.lasts(now)), None)
    here = world()
    on = on_of(here, state, frozenset({person}))
    path = Path.OLD if not on else Path.BACK if current else Path.NEW
    asked = _asked_again(days, now) if on else None
    return PathOf(
        flag,
        state.spec.title,
        path,
        current.until if current and on else None,
        day.case if (day := current or asked) else "",
        asked.id if asked else "",
        stopped(state),
    )


def on_of(here: World, state: FlagState, people: frozenset[str]) -> frozenset[str]:
    """Return who of these people is meant to be on, in any of their tenants."""
    flags = loaded(here, state)
    on = (m.person for m in here.directory.members if m.person in people and _is_on(flags, state, m))
    return frozenset(on)


def stopped(state: FlagState) -> str:
    """Say why a flag answers nobody; empty while it answers."""
    if state.killed:
        return f"{state.spec.title} was stopped by {state.killed.by}: {state.killed.because}"
    return f"{state.spec.title} is {state.spec.lifecycle}" if state.answers_off else ""


def _is_on(flags: FlagSet, state: FlagState, member: Member) -> bool:
    return reach.variant_for(flags, state.spec.key, member) not in NOT_ON


def _asked_again(days: tuple[DayBack, ...], now: datetime) -> DayBack | None:
    """Return the newest day whose case is fixed and that was not answered; earlier ones are settled by it."""
    newest = next((day for day in days if day.case and now - day.at < _REMEMBERED), None)
    return newest if newest and asks_again(newest, cases.fixed_at(newest.case)) else None
