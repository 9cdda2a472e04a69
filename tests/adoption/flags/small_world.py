"""A small company for flags: five teams, three tenants, forty people; one team works in two tenants."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from companyos.adoption.flags.domain.types import (
    Audience,
    Directory,
    FlagSpec,
    FlagState,
    Member,
    SegmentSpec,
    SetSpec,
    Slice,
    World,
)

TEAMS = {
    "platform": ("engineering", ("eng",)),
    "squad": ("engineering", ("eng",)),
    "people-ops": ("people", ("corp", "eng")),
    "sales": ("field", ("corp",)),
    "quality": ("engineering", ("lab",)),
}
ROLES = ("supervisor", "employee", "employee", "director")
PEOPLE = {f"{team}-{n}": team for team in TEAMS for n in range(8)}


def members() -> tuple[Member, ...]:
    return tuple(
        Member(person, person.title(), tenant, team, TEAMS[team][0], ROLES[int(person[-1]) % len(ROLES)])
        for person, team in PEOPLE.items()
        for tenant in TEAMS[team][1]
    )


DIRECTORY = Directory(
    members(),
    production=frozenset({"corp", "eng"}),
    tenants=frozenset({"corp", "eng", "lab"}),
    teams={team: team.title() for team in TEAMS},
    departments={"engineering": "Engineering", "people": "People", "field": "Field"},
)
SET = SetSpec(prerelease_in=("lab",), leads=("platform-0",))


def world(
    *flags: FlagState | FlagSpec, segments: tuple[SegmentSpec, ...] = (), chosen: SetSpec = SET
) -> World:
    states = [each if isinstance(each, FlagState) else FlagState(each, 1) for each in flags]
    return World(
        {state.spec.key: state for state in states},
        {segment.slug: segment for segment in segments},
        {chosen.name: chosen},
        DIRECTORY,
    )


def release(key: str = "a", *slices: Slice, **fields: Any) -> FlagSpec:
    audience = Audience(slices, fields.pop("exceptions", ()), fields.pop("requires", ()))
    return replace(FlagSpec(key, key.upper(), owner="squad", audience=audience), **fields)
