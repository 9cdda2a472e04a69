"""What is to be told of flags: changes to come and whom they move, how they went, and changes made at once (R112)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime

from companyos.adoption.flags.domain import compile as compiler
from companyos.adoption.flags.domain import diff as diffs
from companyos.adoption.flags.domain import reach
from companyos.adoption.flags.domain.change import Step, who_is_moved, with_flag
from companyos.adoption.flags.domain.documents import flag_from, plain, segment_from
from companyos.adoption.flags.domain.types import FlagState, Killed, World
from companyos.adoption.flags.models import Scheduled, SegmentVersion
from companyos.adoption.flags.queries.standing import loaded, world
from companyos.adoption.flags.queries.versions import version


@dataclass(frozen=True, slots=True)
class ChangeToCome:
    """A change of a flag that is scheduled, or was: `outcome` waiting, applied, cancelled or refused."""

    id: str
    flag: str
    title: str
    feature: str
    owner: str
    at: datetime
    author: str
    because: str
    what: tuple[str, ...]
    outcome: str
    settled_at: datetime | None
    settled_by: str
    told: str


def changes_to_come(until: datetime) -> tuple[ChangeToCome, ...]:
    """Return the changes that wait and are due by a moment, the next first."""
    rows = Scheduled.objects.filter(outcome="waiting", at__lte=until).select_related("flag")
    return tuple(_to_come(row) for row in rows.order_by("at", "id"))


def scheduled_changes(ids: Collection[str]) -> dict[str, ChangeToCome]:
    """Return scheduled changes by id, however they went."""
    rows = Scheduled.objects.filter(pk__in=list(ids)).select_related("flag")
    return {str(row.id): _to_come(row) for row in rows}


def carried_out_at(flag: str, at: datetime) -> str:
    """Return the id of the scheduled change that was carried out at this very moment; empty for none."""
    found = Scheduled.objects.filter(flag_id=flag, outcome="applied", settled_at=at)
    return str(found.values_list("pk", flat=True).first() or "")


def moved_by_scheduled(change: str) -> frozenset[str]:
    """Return whose answer a change to come will alter, as everything stands now."""
    row, here = Scheduled.objects.get(pk=change), world()
    before = here.flags[row.flag_id]
    if "kill" in row.changes:
        after = replace(before, killed=Killed(row.author, row.at, row.because))
    else:
        after = replace(before, spec=flag_from({**plain(before.spec), **row.changes}))
    return who_is_moved(Step(row.author, before, after, "changed", row.because), here)


def moved_by_version(flag: str, number: int) -> frozenset[str]:
    """Return whose answer a version of a flag altered, among the people of today."""
    after = version(flag, number)
    if after is None:
        return frozenset()
    before, here = version(flag, number - 1), world()
    around = with_flag(here, before) if before else _without(here, flag)
    return who_is_moved(Step("", before, after, "changed", ""), around)


def moved_by_segment(slug: str, number: int) -> frozenset[str]:
    """Return whose answer a version of a segment altered, on any flag, among the people of today."""
    documents = dict(
        SegmentVersion.objects.filter(
            segment_id=slug, version__in=(number - 1, number)
        ).values_list("version", "document")
    )  # fmt: skip
    if len(documents) < 2:
        return frozenset()  # a new segment: nothing used it yet
    here = world()
    was, is_now = (
        replace(here, segments={**here.segments, slug: segment_from(documents[each])})
        for each in (number - 1, number)
    )
    used = [key for key, each in here.flags.items() if _uses(each, slug)]
    touched = {key for each in used for key in (each, *compiler.dependents(each, here.flags))}
    return frozenset().union(*(_differs(was, is_now, key) for key in sorted(touched)))


def _differs(was: World, is_now: World, key: str) -> frozenset[str]:
    before, after = (loaded(each, each.flags[key]) for each in (was, is_now))
    seen = reach.preview(before, after, key, is_now.directory)
    return frozenset({*seen.new, *seen.lose, *seen.switch})


def _uses(state: FlagState, slug: str) -> bool:
    audience = state.spec.audience
    return any(slug in part.segments for part in (*audience.slices, *audience.exceptions))


def _without(here: World, flag: str) -> World:
    return replace(here, flags={key: state for key, state in here.flags.items() if key != flag})


def _to_come(row: Scheduled) -> ChangeToCome:
    document = row.flag.document
    changes = diffs.diff(row.before, row.changes)
    what = ("it is switched off for everybody",) if "kill" in row.changes else None
    return ChangeToCome(
        str(row.id), row.flag_id, str(document.get("title") or row.flag_id), str(document.get("feature", "")),
        str(document.get("owner", "")), row.at, row.author, row.because,
        what or tuple(each.sentence for each in changes), row.outcome, row.settled_at, row.settled_by, row.told,
    )  # fmt: skip
