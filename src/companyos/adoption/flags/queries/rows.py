"""Flags as lists and pages show them. Who gets a flag is the evaluator's answer, never a second reckoning."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.flags.domain import compile as compiler
from companyos.adoption.flags.domain import reach
from companyos.adoption.flags.domain.rows import FlagDetail, FlagRow
from companyos.adoption.flags.domain.stale import Look, marks
from companyos.adoption.flags.domain.types import Cohort, FlagState, Member, World
from companyos.adoption.flags.models import Flag, FlagVersion, Ruleset
from companyos.adoption.flags.queries.exposures import last_asked
from companyos.adoption.flags.queries.rulesets import latest_document, latest_version
from companyos.adoption.flags.queries.schedules import scheduled, what_is_to_come
from companyos.adoption.flags.queries.standing import loaded, world
from companyos.adoption.flags.queries.versions import versions

_REACHED: dict[tuple[str, tuple[Member, ...]], dict[str, dict[str, frozenset[str]]]] = {}


def flag_rows(now: datetime) -> tuple[FlagRow, ...]:
    """Return every flag, archived ones too, by key."""
    here = world()
    reached = _reached(here)
    asked = last_asked(now)
    rows = {row.key: row for row in Flag.objects.all()}
    newest = _newest_change()
    return tuple(
        _row(here, state, reached.get(key, {}), rows[key], newest.get(key), asked, now)
        for key, state in here.flags.items()
    )


def flag_detail(key: str, now: datetime) -> FlagDetail | None:
    """Return everything about one flag."""
    here = world()
    state = here.flags.get(key)
    if state is None:
        return None
    flags = loaded(here, state)
    row = Flag.objects.get(pk=key)
    seen = reach.preview(flags, flags, key, here.directory)
    on = reach.who_is_on(flags, key, here.directory)
    return FlagDetail(
        _row(here, state, on, row, _newest_change().get(key), last_asked(now), now),
        seen.teams,
        seen.variants,
        versions(key),
        scheduled(key),
        what_is_to_come(here, state),
        tuple(k for k, each in here.flags.items() if key in each.spec.audience.requires),
        reach.unknown_attributes(key, here),
        str(here.sets[state.spec.flag_set].fractional),
        latest_version(),
    )


def _row(
    here: World,
    state: FlagState,
    on: Cohort,
    row: Flag,
    changed: datetime | None,
    asked: dict[str, str] | None,
    now: datetime,
) -> FlagRow:
    word = reach.state_word(state, on, here.directory)
    created = row.created_at or now
    last = (asked or {}).get(state.spec.key)
    look = Look(
        state,
        now,
        word,
        changed or created,
        created,
        state.spec.owner in {m.team for m in here.directory.members},
        datetime.fromisoformat(last) if last else None,
        asked is not None,
    )
    people = len(frozenset().union(*on.values()) if on else ())
    counts = reach.tenants_of(on, here.directory)
    return FlagRow(state, word, people, counts, created, changed or created, marks(look))


def _reached(here: World) -> dict[str, dict[str, frozenset[str]]]:
    """Return who is on for every flag of the newest ruleset; kept until the ruleset or the directory changes."""
    newest = Ruleset.objects.order_by("-version").values_list("sha256", flat=True).first() or ""
    known = (newest, here.directory.members)
    found = _REACHED.get(known)
    if found is None:
        published = latest_document() or {"flag_sets": compiler.documents_of(here)}
        sets = [compiler.load(document) for document in published.get("flag_sets", {}).values()]
        found = {key: reach.who_is_on(flags, key, here.directory) for flags in sets for key in flags.keys()}  # noqa: SIM118
        _REACHED.clear()
        _REACHED[known] = found
    return found


def _newest_change() -> dict[str, datetime]:
    rows = FlagVersion.objects.order_by("version").values_list("flag_id", "at")
    return dict(rows)
