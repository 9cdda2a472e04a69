"""Who is on, said slowly and obviously, without flagd's language: what the compiled document is held against."""

from __future__ import annotations

import mmh3

from companyos.adoption.flags.domain.types import (
    OFF,
    ON,
    Comparison,
    Condition,
    FlagState,
    Kind,
    Lifecycle,
    Member,
    SegmentSpec,
    Slice,
    World,
)


def variant(world: World, key: str, member: Member) -> str | None:
    state = world.flags[key]
    if state.spec.lifecycle is Lifecycle.RETIRED:
        return None
    if not is_on(world, key, member):
        return OFF
    if state.spec.kind is not Kind.EXPERIMENT:
        return ON
    total = sum(arm.weight for arm in state.spec.arms)
    place = bucket(f"{key}/arms", member.person, total)
    for arm in state.spec.arms:
        if place < arm.weight:
            return arm.name
        place -= arm.weight
    raise AssertionError("a bucket beyond the arms")


def is_on(world: World, key: str, member: Member) -> bool:
    state = world.flags.get(key)
    if state is None or is_stopped(state) or not own(world, state, member):
        return False
    return all(is_on(world, other, member) for other in state.spec.audience.requires)


def is_stopped(state: FlagState) -> bool:
    return state.killed is not None or state.spec.lifecycle in {Lifecycle.RETIRED, Lifecycle.ARCHIVED}


def own(world: World, state: FlagState, member: Member) -> bool:
    spec = state.spec
    if (
        spec.lifecycle is Lifecycle.PRERELEASE
        and member.tenant not in world.sets[spec.flag_set].prerelease_in
    ):
        return False
    if any(is_meant(world, each, spec.key, member) for each in spec.audience.exceptions):
        return False
    return any(is_meant(world, each, spec.key, member) for each in spec.audience.slices)


def is_meant(world: World, part: Slice, key: str, member: Member) -> bool:
    if part.tenant and part.tenant != member.tenant:
        return False
    if part.teams or part.departments or part.people or part.segments:
        is_named = (
            member.team in part.teams or member.department in part.departments or member.person in part.people
        )
        if not is_named and not any(is_in(world.segments[slug], member) for slug in part.segments):
            return False
    return part.percent >= 100 or bucket(key, member.person, 10_000) < round(part.percent * 100)


def is_in(segment: SegmentSpec, member: Member) -> bool:
    named = bool(segment.tenants or segment.teams or segment.departments or segment.people)
    is_named = (
        member.tenant in segment.tenants
        or member.team in segment.teams
        or member.department in segment.departments
        or member.person in segment.people
    )
    if not named and not segment.conditions:
        return False
    return (is_named or not named) and all(holds(each, member) for each in segment.conditions)


def holds(condition: Condition, member: Member) -> bool:
    value = member.context.get(condition.attribute)
    match condition.test:
        case Comparison.IS:
            return value in condition.values
        case Comparison.IS_NOT:
            return value not in condition.values
        case Comparison.STARTS_WITH:
            return value is not None and any(value.startswith(str(each)) for each in condition.values)
        case Comparison.ENDS_WITH:
            return value is not None and any(value.endswith(str(each)) for each in condition.values)
    raise NotImplementedError(condition.test)


def bucket(salt: str, person: str, total: int) -> int:
    return (int(mmh3.hash(salt + person, signed=False)) * total) >> 32
