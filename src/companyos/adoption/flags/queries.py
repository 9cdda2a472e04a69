"""Flags: frozen answers out. Who gets a flag is always the evaluator's answer, never a second reckoning."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from companyos.adoption.flags.domain import compile as compiler
from companyos.adoption.flags.domain import diff as diffs
from companyos.adoption.flags.domain import reach
from companyos.adoption.flags.domain.documents import flag_from, killed_from, plain, segment_from
from companyos.adoption.flags.domain.growth import Proof, Step, judge_growth
from companyos.adoption.flags.domain.propagation import Heard, Propagation, spread
from companyos.adoption.flags.domain.rows import (
    ExposureRow,
    Exposures,
    FlagDetail,
    FlagRow,
    ScheduledRow,
    SegmentRow,
    VersionRow,
)
from companyos.adoption.flags.domain.stale import Look, marks
from companyos.adoption.flags.domain.types import (
    MAIN_SET,
    Cohort,
    Directory,
    FlagState,
    Hashing,
    Member,
    ServingRow,
    SetSpec,
    World,
    people_of,
)
from companyos.adoption.flags.models import (
    Flag,
    FlagSetting,
    FlagVersion,
    Ruleset,
    Scheduled,
    Segment,
    SegmentVersion,
    Serving,
)
from companyos.kernel.canonical_json import sha256_of
from companyos.kernel.evidence import Fact, Question, ask
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos_sdk.evaluator import FlagSet

EXPOSURE_WINDOW = timedelta(days=28)
_VERSIONS = 50
_REACHED: dict[tuple[str, tuple[Member, ...]], dict[str, dict[str, frozenset[str]]]] = {}


def directory() -> Directory:
    """Return everybody in every tenant they belong to."""
    people = {person.slug: person for person in identity.everybody()}
    teams = identity.teams()
    members = (
        Member(
            person,
            people[person].name,
            tenant,
            people[person].team,
            people[person].department,
            people[person].job_role,
        )
        for tenant, person in tenants.members()
        if person in people
    )
    return Directory(
        tuple(members),
        tenants.production_tenants(),
        frozenset(tenants.titles()),
        {team.slug: team.title for team in teams},
        identity.departments(),
    )


def world() -> World:
    """Return everything that is compiled together, as it stands."""
    sets = {
        s.name: SetSpec(s.name, Hashing(s.fractional), tuple(s.prerelease_in), tuple(s.leads))
        for s in FlagSetting.objects.order_by("name")
    }
    return World(
        flags={flag.key: state_from(flag) for flag in Flag.objects.order_by("key")},
        segments={each.slug: segment_from(each.document) for each in Segment.objects.order_by("slug")},
        sets=sets or {MAIN_SET: SetSpec()},
        directory=directory(),
    )


def state_from(row: Flag) -> FlagState:
    return FlagState(flag_from(row.document), row.version, killed_from(row.killed), row.driven_by)


def state_of(key: str) -> FlagState | None:
    found = Flag.objects.filter(pk=key).first()
    return state_from(found) if found else None


def cohort_of(flag: str) -> Cohort:
    """Return who is on, tenant by tenant."""
    state = state_of(flag)
    if state is None or state.answers_off:
        return {}
    if state.spec.audience.is_explicit and state.spec.lifecycle == "live":
        return {each.tenant: frozenset(each.people) for each in state.spec.audience.slices}
    here = world()
    return reach.who_is_on(loaded(here, state), flag, here.directory)


def loaded(here: World, state: FlagState) -> FlagSet:
    """Return the flag's own set as the edge has it, with as much of the world as decides about the flag."""
    near = compiler.focused(here, state.spec.key)
    return compiler.load(compiler.document_of(near, here.sets[state.spec.flag_set]))


def flag_keys() -> tuple[str, ...]:
    return tuple(Flag.objects.order_by("key").values_list("key", flat=True))


def latest_version() -> int:
    return Ruleset.objects.order_by("-version").values_list("version", flat=True).first() or 0


def latest_document() -> dict[str, Any] | None:
    return Ruleset.objects.order_by("-version").values_list("document", flat=True).first()


def serving() -> tuple[ServingRow, ...]:
    return tuple(ServingRow(s.provider, s.version) for s in Serving.objects.order_by("provider"))


def hashing_of(flag: str) -> str:
    """Return how percentages of this flag hash: a decision keeps it with its evidence."""
    state = state_of(flag)
    name = state.spec.flag_set if state else MAIN_SET
    return FlagSetting.objects.filter(pk=name).values_list("fractional", flat=True).first() or str(Hashing.V2)


def killed_because(flag: str) -> str:
    """Return by whom and why a flag is killed; empty when it is not."""
    killed = Flag.objects.filter(pk=flag).values_list("killed", flat=True).first()
    return f"{killed['by']}: {killed['because']}" if killed else ""


def cohort_fact(flag: str, ruleset: int) -> Fact:
    """Return what a decision about a flag freezes: how many are on, in which ruleset, hashed how, by which rule."""
    state = state_of(flag)
    on = people_of(cohort_of(flag))
    rule = plain(state.spec.audience) if state else {}
    details = {
        "flag": flag,
        "ruleset": ruleset,
        "hashing": hashing_of(flag),
        "audience_sha256": sha256_of(rule),
    }
    source = f"ruleset {ruleset}, hashing {details['hashing']}"
    return Fact("flags.cohort", float(len(on)), n=len(on), unit="people", source=source, details=details)


def flag_rows(now: datetime) -> tuple[FlagRow, ...]:
    """Return every flag, archived ones too, by key."""
    here = world()
    reached = _reached(here)
    asked = _last_asked(now)
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
        _row(here, state, on, row, _newest_change().get(key), _last_asked(now), now),
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


def versions(key: str, limit: int = _VERSIONS, offset: int = 0) -> tuple[VersionRow, ...]:
    """Return the versions of a flag, newest first, each with what it changed."""
    rows = list(FlagVersion.objects.filter(flag_id=key).order_by("-version")[offset : offset + limit + 1])
    earlier = [*rows[1:], None]
    return tuple(_version_row(row, before) for row, before in zip(rows, earlier, strict=True))[:limit]


def version(key: str, number: int) -> FlagState | None:
    """Return what a flag was at a version."""
    row = FlagVersion.objects.filter(flag_id=key, version=number).first()
    return FlagState(flag_from(row.document), row.version, killed_from(row.killed)) if row else None


def scheduled(key: str) -> tuple[ScheduledRow, ...]:
    """Return what is to come and what became of it: what waits first, in order, then the newest settled."""
    rows = Scheduled.objects.filter(flag_id=key)
    waiting = list(rows.filter(outcome="waiting").order_by("at"))
    settled = list(rows.exclude(outcome="waiting").order_by("-settled_at")[:20])
    return tuple(_scheduled_row(row) for row in (*waiting, *settled))


def due(now: datetime) -> tuple[str, ...]:
    rows = Scheduled.objects.filter(outcome="waiting", at__lte=now).order_by("at", "id")
    return tuple(str(each) for each in rows.values_list("id", flat=True))


def what_is_to_come(here: World, state: FlagState) -> Proof | None:
    """Prove that the changes to come only add people, or show who would lose it; None when nothing is to come."""
    key = state.spec.key
    steps = [_step("now", here, state)]
    for row in Scheduled.objects.filter(flag_id=key, outcome="waiting").order_by("at"):
        if "audience" in row.changes:
            spec = flag_from({**plain(state.spec), **row.changes})
            state = FlagState(spec, state.version, state.killed)
            steps.append(_step(f"{row.at:%d %b %Y %H:%M}", here, state))
    return judge_growth(steps) if len(steps) > 1 else None


def exposures(key: str, now: datetime, since: datetime | None = None) -> Exposures:
    """Return who met which variant of a flag (R95), from the event engine; no data is an answer."""
    fact = ask("telemetry.flag_exposures", _question(key, since or now - EXPOSURE_WINDOW, now))
    rows = tuple(ExposureRow(*each) for each in fact.details.get("rows", ()))
    by_variant = tuple((str(variant), int(people)) for variant, people in fact.details.get("variants", ()))
    people, window = int(fact.value or 0), fact.window or "the last 28 days"
    return Exposures(rows, by_variant, people, fact.n or 0, window, fact.source, fact.problem)


def segment_rows() -> tuple[SegmentRow, ...]:
    """Return every segment with who is in it today."""
    here = world()
    return tuple(_segment_row(here, slug) for slug in here.segments)


def segment_row(slug: str) -> SegmentRow | None:
    here = world()
    return _segment_row(here, slug) if slug in here.segments else None


def segment_versions(slug: str) -> tuple[VersionRow, ...]:
    rows = list(SegmentVersion.objects.filter(segment_id=slug).order_by("-version")[: _VERSIONS + 1])
    earlier = [*rows[1:], None]
    blank = FlagState(flag_from({"key": "x", "title": "x"}))
    return tuple(
        VersionRow(
            row.version, row.at, row.author, row.because, "created" if before is None else "changed",
            diffs.diff(before.document if before else {}, row.document), 0, 0, 0, row.ruleset, "", blank,
        )
        for row, before in zip(rows, earlier, strict=True)
    )[:_VERSIONS]  # fmt: skip


def names() -> dict[str, str]:
    """Return titles for sentences: people by slug, everything else by its kind and slug (`team sales`)."""
    told = {
        "segment": {each.slug: each.document.get("title", each.slug) for each in Segment.objects.all()},
        "team": {team.slug: team.title for team in identity.teams()},
        "department": identity.departments(),
        "tenant": tenants.titles(),
    }
    titles = {f"{kind} {slug}": title for kind, named in told.items() for slug, title in named.items()}
    people = {person.slug: person.name for person in identity.everybody()}
    return {"program": "the program's files", "controller": "the controller", **people, **titles}


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


def _version_row(row: FlagVersion, before: FlagVersion | None) -> VersionRow:
    earlier = {**before.document, **_killed_field(before)} if before else {}
    changes = diffs.diff(earlier, {**row.document, **_killed_field(row)}) if before else ()
    state = FlagState(flag_from(row.document), row.version, killed_from(row.killed))
    return VersionRow(
        row.version, row.at, row.author, row.because, row.change, changes,
        row.on, row.new, row.lose, row.ruleset, row.exemption, state,
    )  # fmt: skip


def _killed_field(row: FlagVersion) -> dict[str, Any]:
    return {"killed": row.killed["because"]} if row.killed else {}


def _scheduled_row(row: Scheduled) -> ScheduledRow:
    return ScheduledRow(
        str(row.id), row.at, row.asked_at, row.author, row.because, diffs.diff(row.before, row.changes),
        row.outcome, row.settled_at, row.settled_by, row.told,
    )  # fmt: skip


def _step(name: str, here: World, state: FlagState) -> Step:
    changed = World({**here.flags, state.spec.key: state}, here.segments, here.sets, here.directory)
    on = reach.who_is_on(loaded(changed, state), state.spec.key, here.directory)
    return Step(name, on, state.spec.audience)


def _segment_row(here: World, slug: str) -> SegmentRow:
    spec = here.segments[slug]
    probe = compiler.PROBE + slug
    on = reach.who_is_on(compiler.probe(here, slug), probe, here.directory)
    asked = {c.attribute for c in spec.conditions}
    used = [
        key
        for key, each in here.flags.items()
        if any(slug in part.segments for part in (*each.spec.audience.slices, *each.spec.audience.exceptions))
    ]
    version = Segment.objects.values_list("version", flat=True).get(pk=slug)
    people = len(frozenset().union(*on.values()) if on else ())
    unknown = tuple(sorted(asked - reach.KNOWN_ATTRIBUTES))
    return SegmentRow(spec, version, people, reach.tenants_of(on, here.directory), tuple(used), unknown)


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


def _last_asked(now: datetime) -> dict[str, str] | None:
    """Return when each flag was last asked for; None where nobody counts evaluations."""
    fact = ask("telemetry.flags_asked", _question("", now - timedelta(days=400), now))
    return None if fact.problem else dict(fact.details)


def _question(flag: str, since: datetime, now: datetime) -> Question:
    return Question("", since, now, frozenset(), frozenset(), parameters={"flag": flag})


def propagation(*, now: datetime) -> Propagation:
    """Return how far the newest ruleset has spread: N of N, who lags since when, who is gone."""
    heard = [Heard(s.provider, s.version, s.heard_at) for s in Serving.objects.order_by("provider")]
    newest = Ruleset.objects.defer("document").order_by("-version").first()
    published = {} if newest is None else {newest.version: newest.at}
    for version in {each.version for each in heard}:
        follower = Ruleset.objects.defer("document").filter(version__gt=version).order_by("version").first()
        if follower is not None:
            published[follower.version] = follower.at
    return spread(newest=newest.version if newest else 0, published=published, heard=heard, now=now)
