"""What a person does to a flag: make, change, kill, revert; and what each would do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction

from companyos.adoption.flags import queries
from companyos.adoption.flags.actions.kept_killed import why_kept_killed
from companyos.adoption.flags.actions.saving import Saved, flag_at, save
from companyos.adoption.flags.domain.change import (
    Outlook,
    Step,
    allow,
    judged,
    need_a_reason,
    previewed,
    with_changes,
)
from companyos.adoption.flags.domain.refusals import NoSuch, Refused
from companyos.adoption.flags.domain.rules import why_not_revert
from companyos.adoption.flags.domain.types import FlagSpec, FlagState, Killed


def create(*, actor: str, spec: FlagSpec, because: str, now: datetime, skip_because: str = "") -> Saved:
    """Make a new flag. Raises Refused with the rule that objects."""
    need_a_reason(because)
    with transaction.atomic():
        world = queries.world()
        if spec.key in world.flags:
            raise Refused(f"There is a flag {spec.key!r} already. Choose another key, or change that one.")
        allow(actor, spec, world)
        step = Step(actor, None, FlagState(spec), "created", because, skip_because)
        return save(judged(step, world, now), world, now)


def change(
    *,
    actor: str,
    key: str,
    changes: Mapping[str, Any],
    version: int,
    because: str,
    now: datetime,
    skip_because: str = "",
) -> Saved:
    """Change some fields of a flag. Raises Refused; Overtaken when it has changed since `version`."""
    need_a_reason(because)
    with transaction.atomic():
        world, before = flag_at(key, version)
        allow(actor, before.spec, world)
        after = replace(before, spec=with_changes(before.spec, changes))
        allow(actor, after.spec, world)
        step = Step(actor, before, after, "changed", because, skip_because)
        return save(judged(step, world, now), world, now)


def kill(*, actor: str, key: str, because: str, now: datetime) -> Saved:
    """Switch a flag off for everybody, at once, whatever drives it: no version to know, no rule to fit."""
    need_a_reason(because)
    with transaction.atomic():
        world, before = flag_at(key, None)
        allow(actor, before.spec, world)
        if before.killed:
            raise Refused(f"It is killed already, by {before.killed.by}: {before.killed.because}")
        after = replace(before, killed=Killed(actor, now, because.strip()))
        return save(Step(actor, before, after, "killed", because), world, now)


def kill_all_of(*, actor: str, feature: str, flag: str, because: str, now: datetime) -> tuple[str, ...]:
    """Kill `flag` and every other flag of a feature that was stopped; returns which. The caller allows it.

    A flag that is killed already stays as it is: who was first is remembered.
    """
    stopped = []
    with transaction.atomic():
        for key in queries.keys_of(feature, flag):
            world, before = flag_at(key, None)
            if before.killed is None:
                after = replace(before, killed=Killed(actor, now, because))
                save(Step(actor, before, after, "killed", because), world, now)
                stopped.append(key)
    return tuple(stopped)


def unkill(*, actor: str, key: str, version: int, because: str, now: datetime) -> Saved:
    """Let a killed flag answer by its rule again: a move of its own, with its own reason.

    Raises Refused while its feature is over: whoever killed that has the last word.
    """
    need_a_reason(because)
    world, before = flag_at(key, version)
    allow(actor, before.spec, world)
    if before.killed and (
        why_not := why_kept_killed(actor, before.spec, now)
    ):  # it is written down, so outside
        raise Refused(why_not, "kept_killed")
    with transaction.atomic():
        world, before = flag_at(key, version)
        allow(actor, before.spec, world)
        if before.killed is None:
            raise Refused("The flag is not killed.")
        return save(Step(actor, before, replace(before, killed=None), "unkilled", because), world, now)


def revert(*, actor: str, key: str, to: int, version: int, because: str, now: datetime) -> Saved:
    """Make a flag what it was at version `to`: a new version, never an undone one."""
    need_a_reason(because)
    with transaction.atomic():
        world, before = flag_at(key, version)
        allow(actor, before.spec, world)
        then = queries.version(key, to)
        if then is None:
            raise NoSuch(f"The flag has no version {to}.")
        if refusal := why_not_revert(before, then):
            raise Refused(refusal, "why_not_revert")
        after = replace(before, spec=then.spec)
        step = Step(actor, before, after, "reverted", f"back to version {to}: {because.strip()}")
        return save(judged(step, world, now, is_revert=True), world, now)


def preview_change(
    *, actor: str, key: str, changes: Mapping[str, Any], now: datetime, skip_because: str = ""
) -> Outlook:
    """Return what a change would do, and the rule that would refuse it."""
    world, before = flag_at(key, None)
    after = replace(before, spec=with_changes(before.spec, changes))
    return previewed(Step(actor, before, after, "changed", "", skip_because), world, now)


def preview_new(*, actor: str, spec: FlagSpec, now: datetime, skip_because: str = "") -> Outlook:
    """Return what a new flag would do, like `preview_change`."""
    world = queries.world()
    return previewed(Step(actor, None, FlagState(spec), "created", "", skip_because), world, now)
