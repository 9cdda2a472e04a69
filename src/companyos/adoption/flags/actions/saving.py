"""Saving a flag is one transaction: compare-and-swap on its version, the version row, a new ruleset that the evaluator
has accepted, and the message to everybody who listens."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from companyos.adoption.flags import queries
from companyos.adoption.flags.actions.rulesets import new_ruleset
from companyos.adoption.flags.domain import reach
from companyos.adoption.flags.domain.change import Step, compiled, seen_by_people, told, with_flag
from companyos.adoption.flags.domain.documents import plain
from companyos.adoption.flags.domain.refusals import NoSuch, Overtaken
from companyos.adoption.flags.domain.types import FlagState, World
from companyos.adoption.flags.models import Flag, FlagVersion
from companyos.people.identity import queries as identity
from companyos.platform import outbox


@dataclass(frozen=True, slots=True)
class Saved:
    """What a change came to."""

    version: int
    ruleset: int
    reach: reach.Preview


def save(step: Step, world: World, now: datetime) -> Saved:
    """Write a step that nothing objects to. Raises Refused where all flags together break a rule, and Overtaken."""
    key, number = step.after.spec.key, (step.before.version if step.before else 0) + 1
    after = replace(step.after, version=number)
    changed = with_flag(world, after)
    compiled(changed)  # all of it, as the edge will
    seen = seen_by_people(replace(step, after=after), world, changed)
    _swap(step.before, after, now)
    ruleset = queries.latest_version() + 1
    if step.publish:
        ruleset = new_ruleset(actor=step.actor, because=step.because, now=now)
    FlagVersion.objects.create(
        flag_id=key, version=number, at=now, author=step.actor, because=step.because.strip(), change=step.change,
        document=plain(after.spec), killed=plain(after.killed) if after.killed else None,
        on=seen.on, new=len(seen.new), lose=len(seen.lose), ruleset=ruleset, exemption=step.exemption.strip(),
    )  # fmt: skip
    announce(key, step.change, told(step, after, seen, world, changed, ruleset), now)
    return Saved(number, ruleset, seen)


def flag_at(key: str, version: int | None) -> tuple[World, FlagState]:
    """Return a flag and what is around it. Raises NoSuch; Overtaken where it is no longer at `version`."""
    world = queries.world()
    if key not in world.flags:
        raise NoSuch(f"There is no flag {key!r}.")
    state = world.flags[key]
    if version is not None and state.version != version:
        raise Overtaken(who_was_first(key, version))
    return world, state


def who_was_first(key: str, version: int, since: datetime | None = None) -> str:
    """Say who changed what since a version, or a moment."""
    newer = [v for v in queries.versions(key) if (v.at >= since if since else v.version > version)]
    said = [
        f"{identity.name_of(v.author)} {v.change} it (version {v.version}: {v.because})"
        f"{': ' if v.changes else ''}{'; '.join(c.sentence for c in v.changes[:3])}"
        for v in newer[:3]
    ]
    return f"{'. '.join(said) or f'The flag is not at version {version}'}. Look again, and decide on what is there now."


def announce(key: str, what: str, body: dict[str, Any], now: datetime) -> None:
    outbox.publish("flag.changed", {"flag": key, "change": what, "at": now.isoformat(), **body}, at=now)


def _swap(before: FlagState | None, after: FlagState, now: datetime) -> None:
    row = {
        "version": after.version,
        "document": plain(after.spec),
        "killed": plain(after.killed) if after.killed else None,
        "driven_by": after.driven_by,
    }
    if before is None:
        Flag.objects.create(key=after.spec.key, created_at=now, **row)
    elif not Flag.objects.filter(pk=after.spec.key, version=before.version).update(**row):
        raise Overtaken(who_was_first(after.spec.key, before.version))
