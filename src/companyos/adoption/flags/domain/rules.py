"""May this change be made? Ordered rules over one frozen situation; the first that objects wins and says why."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime

from companyos.adoption.flags.domain.compile import cycle_through
from companyos.adoption.flags.domain.reach import State
from companyos.adoption.flags.domain.types import (
    Audience,
    FlagSpec,
    FlagState,
    Kind,
    Lifecycle,
    Slice,
    World,
)

_LIFE = tuple(Lifecycle)
_MOST_BEHIND = 20


@dataclass(frozen=True, slots=True)
class Wish:
    """A change that is asked for. `before` is None for a new flag; how far it is and would be are state words."""

    before: FlagState | None
    after: FlagSpec
    world: World  # with the change already in it
    now: datetime
    was: str = State.OFF
    would_be: str = State.OFF
    skip_because: str = ""
    is_revert: bool = False  # back to what the flag was: it has been there, stage by stage


Refusal = str


def an_archived_flag_stays(wish: Wish) -> Refusal:
    """History ends with the archive: a flag that comes back is a new flag."""
    archived = wish.before is not None and wish.before.spec.lifecycle is Lifecycle.ARCHIVED
    return "The flag is archived and stays as it is. Make a new one." if archived else ""


def a_running_rollout_drives_its_flag(wish: Wish) -> Refusal:
    """While a rollout runs, who gets the flag is its decision, with its gates and its evidence."""
    if wish.before is None or not wish.before.driven_by:
        return ""
    now, then = wish.after, wish.before.spec
    if (now.audience, now.shadow, now.lifecycle, now.kind, now.flag_set) == (
        then.audience,
        then.shadow,
        then.lifecycle,
        then.kind,
        then.flag_set,
    ):
        return ""
    plan = wish.before.driven_by
    return (
        f"The rollout {plan} moves this flag: who gets it follows from its gates."
        f" Advance, roll back or finish it at /rollouts/{plan}. Killing the flag is always possible."
    )


def what_a_flag_is_stays(wish: Wish) -> Refusal:
    """The kind and the flag set decide how it is compiled and who already relies on it."""
    if wish.before is None:
        return ""
    if wish.after.kind is not wish.before.spec.kind:
        return (
            f"The flag is a {_said(wish.before.spec.kind)} and stays one. Make a new flag for another kind."
        )
    same = wish.after.flag_set == wish.before.spec.flag_set
    return "" if same else "A flag stays in its flag set: programs would lose it. Make a new one there."


def life_only_goes_forward(wish: Wish) -> Refusal:
    """prerelease, live, retired, archived: nothing becomes younger, and nothing skips being retired."""
    place = _LIFE.index(wish.after.lifecycle)
    if wish.before is None:
        return "" if place < 2 else "A new flag begins as prerelease or live."
    was = _LIFE.index(wish.before.spec.lifecycle)
    if place < was and not wish.is_revert:
        return f"The flag is {_LIFE[was]} and cannot become {_LIFE[place]} again."
    if wish.after.lifecycle is Lifecycle.ARCHIVED and _LIFE[was] in {Lifecycle.PRERELEASE, Lifecycle.LIVE}:
        return "Retire the flag first: programs then fall back to their own default, and nobody is surprised."
    return ""


def every_name_leads_somewhere(wish: Wish) -> Refusal:
    """A rule about a team that is not there would quietly mean nobody."""
    spec, world = wish.after, wish.world
    directory = world.directory
    is_new_owner = wish.before is None or wish.before.spec.owner != spec.owner
    if spec.owner and is_new_owner and spec.owner not in directory.teams:
        return f"There is no team {spec.owner!r} to own the flag."
    if spec.flag_set not in world.sets:
        return f"There is no flag set {spec.flag_set!r}; there are {', '.join(sorted(world.sets))}."
    known: tuple[tuple[str, Callable[[Slice], Iterable[str]], Iterable[str]], ...] = (
        ("tenant", lambda s: (s.tenant,) if s.tenant else (), directory.tenants),
        ("team", lambda s: s.teams, directory.teams),
        ("department", lambda s: s.departments, directory.departments),
        ("person", lambda s: s.people, {m.person for m in directory.members}),
        ("segment", lambda s: s.segments, world.segments),
    )
    old = (*_slices(wish.before.spec.audience), *_slices(wish.before.spec.shadow)) if wish.before else ()
    for each in (*_slices(spec.audience), *_slices(spec.shadow)):
        for kind, names, there in known:
            missing = sorted(set(names(each)) - set(there)) if each not in old else []
            if missing:
                return f"There is no {kind} {missing[0]!r}."
    return ""


def prerequisites_end_somewhere(wish: Wish) -> Refusal:
    """A flag cannot stand behind itself, nor behind one that is not there."""
    spec = wish.after
    for key in spec.audience.requires:
        other = wish.world.flags.get(key)
        if other is None or other.spec.lifecycle is Lifecycle.ARCHIVED:
            return f"There is no flag {key!r} to require."
    if cycle_through(spec.key, wish.world.flags):
        return f"The flag would require itself, through {' and '.join(spec.audience.requires)}. Take one of them out."
    too_many = len(spec.audience.requires) > _MOST_BEHIND
    return f"A flag requires at most {_MOST_BEHIND} others." if too_many else ""


def others_still_need_it(wish: Wish) -> Refusal:
    """Retiring a flag that others stand on would switch them off without anybody having said so."""
    if wish.before is None or wish.after.lifecycle not in {Lifecycle.RETIRED, Lifecycle.ARCHIVED}:
        return ""
    if wish.after.lifecycle is wish.before.spec.lifecycle:
        return ""
    key = wish.after.key
    users = [
        k
        for k, each in sorted(wish.world.flags.items())
        if key in each.spec.audience.requires and not each.answers_off
    ]
    return f"{', '.join(users)} require it and would go off. Change them first." if users else ""


def arms_belong_to_experiments(wish: Wish) -> Refusal:
    """An experiment compares at least two arms that somebody gets; nothing else has arms."""
    arms = wish.after.arms
    if wish.after.kind is not Kind.EXPERIMENT:
        return "Only an experiment has arms." if arms else ""
    enough = sum(arm.weight > 0 for arm in arms) >= 2
    return "" if enough else "An experiment needs at least two arms with a weight above 0."


def a_shadow_belongs_to_a_release(wish: Wish) -> Refusal:
    """Only a release has an old path to keep beside the new one, and a shadow is its own or none."""
    spec = wish.after
    if spec.shadow.slices and spec.kind is not Kind.RELEASE:
        return "Only a release has people in shadow: nothing else has an old path."
    return "People in shadow stand on what the flag itself requires." if spec.shadow.requires else ""


def a_permission_names_its_people(wish: Wish) -> Refusal:
    """Who may do something never depends on a bucket."""
    shared = any(each.percent < 100 for each in _slices(wish.after.audience))
    return (
        "A permission names people; it has no percentage."
        if wish.after.kind is Kind.PERMISSION and shared
        else ""
    )


def an_exception_is_whole(wish: Wish) -> Refusal:
    """Somebody is held out or not: a share of a hold-out would shrink when it grows."""
    partial = any(each.percent < 100 for each in wish.after.audience.exceptions)
    return "An exception has no percentage: name who stays off." if partial else ""


def off_then_staged_then_everybody(wish: Wish) -> Refusal:
    """A release goes from off to some people to everybody; skipping the middle needs an exemption (R116)."""
    if wish.after.kind is not Kind.RELEASE or wish.is_revert or wish.skip_because.strip():
        return ""
    skips = wish.was in {State.OFF, State.PRERELEASE} and wish.would_be == State.ORG_WIDE
    return (
        "A release goes to some people before it goes to everybody. Name a tenant, a team or a percentage first,"
        " or say as an exemption why this one skips it."
        if skips
        else ""
    )


def a_date_lies_ahead(wish: Wish) -> Refusal:
    """A flag that expires in the past would be stale at birth."""
    expires = wish.after.expires
    changed = wish.before is None or wish.before.spec.expires != expires
    return (
        f"{expires} is over; choose a later day." if expires and changed and expires < wish.now.date() else ""
    )


RULES: tuple[Callable[[Wish], Refusal], ...] = (
    an_archived_flag_stays,
    a_running_rollout_drives_its_flag,
    what_a_flag_is_stays,
    life_only_goes_forward,
    every_name_leads_somewhere,
    prerequisites_end_somewhere,
    others_still_need_it,
    arms_belong_to_experiments,
    a_shadow_belongs_to_a_release,
    a_permission_names_its_people,
    an_exception_is_whole,
    off_then_staged_then_everybody,
    a_date_lies_ahead,
)


def why_not(wish: Wish) -> tuple[str, str]:
    """Return the rule that objects and what it says; two empty texts when the change may be made."""
    for rule in RULES:
        if refusal := rule(wish):
            return rule.__name__, refusal
    return "", ""


def may_edit(actor: str, state: FlagSpec, world: World) -> bool:
    """The owner's team edits its flags, and a flag set's leads edit all of them. Everybody may read."""
    chosen = world.sets.get(state.flag_set)
    return (chosen is not None and actor in chosen.leads) or is_of_team(actor, state.owner, world)


def is_of_team(actor: str, team: str, world: World) -> bool:
    return any(m.person == actor and m.team == team for m in world.directory.members)


def why_not_revert(now: FlagState, then: FlagState) -> str:
    """Return why a flag may not go back to an earlier version; empty when it may."""
    if now.killed and not then.killed:
        return (
            f"The flag was killed by {now.killed.by}: {now.killed.because}. A revert would switch it on again."
            " Un-kill it first, with a reason of its own."
        )
    if now.driven_by:
        return (
            f"The rollout {now.driven_by} moves this flag now; a revert would take it over."
            f" Roll back or finish the rollout at /rollouts/{now.driven_by} first."
        )
    return ""


def _slices(audience: Audience) -> tuple[Slice, ...]:
    return (*audience.slices, *audience.exceptions)


def _said(name: str) -> str:
    return name.replace("_", " ")
