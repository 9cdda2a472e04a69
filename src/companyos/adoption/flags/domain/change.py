"""One change of a flag, worked out before anything is written: whether it may be, and what it does to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from companyos.adoption.flags.domain import compile as compiler
from companyos.adoption.flags.domain import growth, reach
from companyos.adoption.flags.domain.diff import diff
from companyos.adoption.flags.domain.documents import Malformed, flag_from, plain
from companyos.adoption.flags.domain.refusals import NotYours, Refused, Unclear
from companyos.adoption.flags.domain.rules import Wish, may_edit, why_not
from companyos.adoption.flags.domain.types import NOBODY, Cohort, FlagSpec, FlagState, World
from companyos_sdk.evaluator import BadRuleset, FlagSet

PROGRAM = "program"  # whoever applies the files: they were reviewed where they are kept
FIXED = frozenset({"key", "kind", "flag_set"})


@dataclass(frozen=True, slots=True)
class Step:
    """One change being made."""

    actor: str
    before: FlagState | None
    after: FlagState
    change: str
    because: str
    exemption: str = ""
    publish: bool = True


@dataclass(frozen=True, slots=True)
class Outlook:
    """What a change would do: to whom, whether it only adds people, and the rule that would refuse it (or none)."""

    after: FlagSpec
    seen: reach.Preview
    proof: growth.Proof
    rule: str
    refusal: str


def previewed(step: Step, world: World, now: datetime) -> Outlook:
    """Work a change out without making it. Raises Unclear for one that cannot be compiled."""
    if step.after.spec.flag_set not in world.sets:
        raise Unclear(f"There is no flag set {step.after.spec.flag_set!r}.", "flag_set")
    changed = with_flag(world, step.after)
    rule, refusal = why_not(_wish(step, world, now))
    may = step.actor == PROGRAM or may_edit(step.actor, step.after.spec, world)
    if not refusal and not may:
        rule, refusal = "may_edit", theirs(step.after.spec)
    steps = [_growth_step("now", world, step.before), _growth_step("then", changed, step.after)]
    return Outlook(
        step.after.spec, seen_by_people(step, world, changed), growth.judge_growth(steps), rule, refusal
    )


def _growth_step(name: str, world: World, state: FlagState | None) -> growth.Step:
    if state is None:
        return growth.Step(name, {}, NOBODY)
    return growth.Step(name, _who(world, state), NOBODY if state.answers_off else state.spec.audience)


def judged(step: Step, world: World, now: datetime, *, is_revert: bool = False) -> Step:
    rule, refusal = why_not(replace(_wish(step, world, now), is_revert=is_revert))
    if refusal:
        raise Refused(refusal, rule)
    return step


def _wish(step: Step, world: World, now: datetime) -> Wish:
    changed = with_flag(world, step.after)
    spec = step.after.spec
    was = would = reach.State.OFF
    if spec.flag_set in world.sets and not compiler.cycle_through(spec.key, changed.flags):
        if step.before:
            was = reach.how_far(_who(world, step.before), world.directory)
        would = reach.how_far(_who(changed, step.after), world.directory)
    return Wish(step.before, spec, changed, now, was, would, step.exemption)


def _who(world: World, state: FlagState) -> Cohort:
    return reach.who_is_on(_near(world, state), state.spec.key, world.directory)


def _near(world: World, state: FlagState) -> FlagSet:
    """The flag's set, with as much of the world as decides about it."""
    return compiled(compiler.focused(world, state.spec.key))[state.spec.flag_set]


def compiled(world: World) -> dict[str, FlagSet]:
    """Load everything as the edge will. Raises Unclear with the path of the node that is wrong."""
    try:
        return compiler.load_all(world)
    except BadRuleset as bad:
        raise Unclear(
            f"The evaluator refuses this: {bad.problem} (at {bad.path}). Nothing was changed.", bad.path
        ) from None


def seen_by_people(step: Step, world: World, changed: World) -> reach.Preview:
    key = step.after.spec.key
    before = _near(world, step.before) if step.before else None
    unknown = reach.unknown_attributes(key, changed)
    return reach.preview(before, _near(changed, step.after), key, world.directory, unknown)


def told(
    step: Step, after: FlagState, seen: reach.Preview, world: World, changed: World, ruleset: int
) -> dict[str, Any]:
    """Say what changed, who is affected, and when it counts (R112): names and counts, nothing of the people."""
    before = plain(step.before.spec) if step.before else {}
    moved = _moved(seen, step.after.spec.key, world, changed)
    return {
        "version": after.version,
        "ruleset": ruleset,
        "author": step.actor,
        "because": step.because.strip(),
        "what": [each.sentence for each in diff(before, plain(after.spec))]
        if step.before
        else ["a new flag"],
        "affected": len(moved),
        "new": len(seen.new),
        "lose": len(seen.lose),
        "on": seen.on,
        "alters_what_people_see": bool(moved),
    }


def who_is_moved(step: Step, world: World) -> frozenset[str]:
    """Return the people whose answer a change alters, on its flag or on one that stands on it."""
    changed = with_flag(world, step.after)
    return frozenset(_moved(seen_by_people(step, world, changed), step.after.spec.key, world, changed))


def _moved(seen: reach.Preview, key: str, world: World, changed: World) -> set[str]:
    return {*seen.new, *seen.lose, *seen.switch} | _moved_behind(key, world, changed)


def _moved_behind(key: str, world: World, changed: World) -> set[str]:
    """Return the people whose answer changes on flags that stand on this one."""
    moved: set[str] = set()
    for other in compiler.dependents(key, changed.flags):
        had, has = _who(world, world.flags[other]), _who(changed, changed.flags[other])
        moved |= frozenset().union(*had.values()) ^ frozenset().union(*has.values())
    return moved


def with_changes(spec: FlagSpec, changes: Mapping[str, Any]) -> FlagSpec:
    fixed = sorted(FIXED & changes.keys())
    if fixed:
        raise Unclear(
            f"The {fixed[0].replace('_', ' ')} of a flag stays what it is. Make a new flag instead.", fixed[0]
        )
    if not changes:
        raise Unclear("Nothing is to be changed: name at least one field.")
    try:
        return flag_from({**plain(spec), **changes})
    except Malformed as wrong:
        raise Unclear(str(wrong), wrong.path) from None


def with_flag(world: World, state: FlagState) -> World:
    return World({**world.flags, state.spec.key: state}, world.segments, world.sets, world.directory)


def need_a_reason(because: str) -> None:
    if len(because.strip()) < 3:
        raise Unclear("Say why: a reason is kept with every change.", "reason")


def allow(actor: str, spec: FlagSpec, world: World) -> None:
    if actor != PROGRAM and not may_edit(actor, spec, world):
        raise NotYours(theirs(spec))


def theirs(spec: FlagSpec) -> str:
    owner = f"the team {spec.owner}" if spec.owner else "nobody yet"
    return f"The flag belongs to {owner}: its people and the program's leads change it. Ask one of them."
