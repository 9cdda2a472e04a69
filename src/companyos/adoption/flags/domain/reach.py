"""Who gets a flag: the compiled document asked about everybody in the directory, and what a change would do.

There is no second logic here: what is counted is what the evaluator answers.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from companyos.adoption.flags.domain.types import (
    NOT_ON,
    Cohort,
    Directory,
    FlagState,
    Lifecycle,
    Member,
    World,
    people_of,
)
from companyos_sdk.evaluator import FlagSet

_SHOWN = 20
KNOWN_ATTRIBUTES = frozenset({"targetingKey", "tenant", "team", "department", "role"})


@dataclass(frozen=True, slots=True)
class TeamCount:
    """How many of a team get it, and how the change moves them."""

    team: str
    title: str
    on: int
    new: int
    lose: int
    people: int


@dataclass(frozen=True, slots=True)
class TenantCount:
    """How many of a tenant get it, and how a change moves them."""

    tenant: str
    on: int
    people: int
    new: int = 0
    lose: int = 0

    @property
    def share(self) -> float:
        return self.on / self.people if self.people else 0.0


@dataclass(frozen=True, slots=True)
class Preview:
    """What a change would do to people; `new`, `lose` and `switch` are slugs, sorted."""

    on: int
    tenants: tuple[TenantCount, ...]
    new: tuple[str, ...]
    lose: tuple[str, ...]
    switch: tuple[str, ...]  # stay on, and get another arm
    teams: tuple[TeamCount, ...]
    variants: tuple[tuple[str, int], ...]
    unknown_attributes: tuple[str, ...] = ()

    @property
    def sentence(self) -> str:
        """`214 people in 2 tenants; 31 new, 3 lose it`."""
        return reach_sentence(self.on, sum(t.on > 0 for t in self.tenants), len(self.new), len(self.lose))


class State:
    """The words of a flag's state on screens and in answers."""

    KILLED, ARCHIVED, RETIRED, PRERELEASE = "killed", "archived", "retired", "prerelease"
    OFF, STAGED, ORG_WIDE = "off", "staged", "org_wide"


def state_word(state: FlagState, on: Cohort, directory: Directory) -> str:
    """Name the state of a flag: stopped, in its life, or how far it has come (R116)."""
    if state.spec.lifecycle in {Lifecycle.ARCHIVED, Lifecycle.RETIRED}:
        return str(state.spec.lifecycle)
    if state.killed:
        return State.KILLED
    if state.spec.lifecycle is Lifecycle.PRERELEASE:
        return State.PRERELEASE
    return how_far(on, directory)


def how_far(on: Cohort, directory: Directory) -> str:
    """Off, staged, or org-wide: on for everybody who works in a production tenant but 5 % at most (P8)."""
    people = people_of(on)
    if not people:
        return State.OFF
    working = {m.person for m in directory.members if m.tenant in directory.production}
    reached = people_of({t: p for t, p in on.items() if t in directory.production}) & working
    return State.ORG_WIDE if working and len(working - reached) <= 0.05 * len(working) else State.STAGED


def who_is_on(flags: FlagSet, key: str, directory: Directory) -> dict[str, frozenset[str]]:
    """Return tenant to people who are on: for whom the flag answers neither `off` nor with a shadow."""
    return _by_tenant({m: variant_for(flags, key, m) for m in directory.members})


def variant_for(flags: FlagSet, key: str, member: Member) -> str | None:
    return flags.evaluate(key, member.context, now=0.0).variant


def preview(
    before: FlagSet | None,
    after: FlagSet | None,
    key: str,
    directory: Directory,
    unknown: tuple[str, ...] = (),
) -> Preview:
    """Compare what everybody is answered with what they would be; None answers nobody."""
    was = {m: variant_for(before, key, m) for m in directory.members} if before else {}
    will = {m: variant_for(after, key, m) for m in directory.members} if after else {}
    had, has = _on(was), _on(will)
    stay = {m.person for m in will if m.person in had & has and was.get(m) not in NOT_ON | {will[m]}}
    return Preview(
        on=len(has),
        tenants=tenants_of(_by_tenant(will), directory, _by_tenant(was)),
        new=tuple(sorted(has - had)),
        lose=tuple(sorted(had - has)),
        switch=tuple(sorted(stay)),
        teams=_teams(had, has, directory),
        variants=_people_by_variant(will),
        unknown_attributes=unknown,
    )


def _on(answers: Mapping[Member, str | None]) -> frozenset[str]:
    return frozenset(m.person for m, variant in answers.items() if variant not in NOT_ON)


def _by_tenant(answers: Mapping[Member, str | None]) -> dict[str, frozenset[str]]:
    on: dict[str, set[str]] = defaultdict(set)
    for member, variant in answers.items():
        if variant not in NOT_ON:
            on[member.tenant].add(member.person)
    return {tenant: frozenset(people) for tenant, people in sorted(on.items())}


def _people_by_variant(answers: Mapping[Member, str | None]) -> tuple[tuple[str, int], ...]:
    people: dict[str, set[str]] = defaultdict(set)
    for member, variant in answers.items():
        if variant is not None:
            people[variant].add(member.person)
    return tuple((variant, len(who)) for variant, who in sorted(people.items()))


def tenants_of(on: Cohort, directory: Directory, before: Cohort | None = None) -> tuple[TenantCount, ...]:
    """Count who is on in every tenant, of how many; with `before`, also who is new there and who loses it."""
    people: dict[str, set[str]] = defaultdict(set)
    for member in directory.members:
        people[member.tenant].add(member.person)
    return tuple(_tenant(t, on, before, len(people[t])) for t in sorted(directory.tenants | people.keys()))


def _tenant(tenant: str, on: Cohort, before: Cohort | None, people: int) -> TenantCount:
    nobody: frozenset[str] = frozenset()
    has = on.get(tenant, nobody)
    had = has if before is None else before.get(tenant, nobody)
    return TenantCount(tenant, len(has), people, len(has - had), len(had - has))


def unknown_attributes(key: str, world: World) -> tuple[str, ...]:
    """Return the attributes the flag's segments ask for that the directory does not know: nobody matches here."""
    state = world.flags.get(key)
    if state is None:
        return ()
    audience = state.spec.audience
    named = {slug for each in (*audience.slices, *audience.exceptions) for slug in each.segments}
    asked = {c.attribute for slug in named if slug in world.segments for c in world.segments[slug].conditions}
    return tuple(sorted(asked - KNOWN_ATTRIBUTES))


def reach_sentence(on: int, tenants: int, new: int, lose: int) -> str:
    where = f" in {tenants} tenant{'s' * (tenants != 1)}" if tenants else ""
    who = f"{_many(on)}{where}" if on else "nobody"
    moves = [f"{new} new"] * bool(new) + [f"{lose} {'loses' if lose == 1 else 'lose'} it"] * bool(lose)
    return f"{who}; {', '.join(moves) or 'nobody changes'}"


def named(people: tuple[str, ...], names: Mapping[str, str]) -> str:
    """Name the first few, and count the rest."""
    shown = [names.get(each, each) for each in people[:_SHOWN]]
    rest = len(people) - len(shown)
    return ", ".join(shown) + (f" and {rest} more" if rest else "")


def _many(n: int) -> str:
    return f"{n:,} {'person' if n == 1 else 'people'}"


def _teams(had: frozenset[str], has: frozenset[str], directory: Directory) -> tuple[TeamCount, ...]:
    people: dict[str, set[str]] = defaultdict(set)
    for member in directory.members:
        people[member.team].add(member.person)
    counts = (
        TeamCount(
            team,
            directory.teams.get(team, team),
            len(members & has),
            len(members & (has - had)),
            len(members & (had - has)),
            len(members),
        )
        for team, members in sorted(people.items())
    )
    return tuple(each for each in counts if each.on or each.lose)
