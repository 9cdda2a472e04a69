"""How things stand: the directory, every flag and segment, and who is on."""

from __future__ import annotations

from dataclasses import replace

from django.db.models import Q

from companyos.adoption.flags.domain import compile as compiler
from companyos.adoption.flags.domain import reach
from companyos.adoption.flags.domain.documents import flag_from, killed_from, plain, segment_from
from companyos.adoption.flags.domain.types import (
    MAIN_SET,
    SHADOW,
    Cohort,
    Directory,
    FlagState,
    Hashing,
    Member,
    SetSpec,
    World,
    people_of,
)
from companyos.adoption.flags.models import Flag, FlagSetting, Segment
from companyos.adoption.flags.queries.days_back import who_is_back
from companyos.kernel.canonical_json import sha256_of
from companyos.kernel.evidence import Fact
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos_sdk.evaluator import FlagSet


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
    """Return everything that is compiled together, as it was decided: for whom each flag is meant."""
    sets = {
        s.name: SetSpec(s.name, Hashing(s.fractional), tuple(s.prerelease_in), tuple(s.leads))
        for s in FlagSetting.objects.order_by("name")
    }
    return World(
        flags=states(),
        segments={each.slug: segment_from(each.document) for each in Segment.objects.order_by("slug")},
        sets=sets or {MAIN_SET: SetSpec()},
        directory=directory(),
    )


def world_as_served() -> World:
    """Return the same without those who went back to the old path for a day: what rulesets are made of."""
    return replace(world(), back=who_is_back())


def state_from(row: Flag) -> FlagState:
    return FlagState(flag_from(row.document), row.version, killed_from(row.killed), row.driven_by)


def states() -> dict[str, FlagState]:
    return {flag.key: state_from(flag) for flag in Flag.objects.order_by("key")}


def state_of(key: str) -> FlagState | None:
    found = Flag.objects.filter(pk=key).first()
    return state_from(found) if found else None


def cohort_of(flag: str) -> Cohort:
    """Return whom the flag is meant for, tenant by tenant; who went back for a day stays in it (`who_is_back`)."""
    state = state_of(flag)
    if state is None or state.answers_off:
        return {}
    if state.spec.audience.is_explicit and state.spec.lifecycle == "live":
        return {each.tenant: frozenset(each.people) for each in state.spec.audience.slices}
    here = world()
    return reach.who_is_on(loaded(here, state), flag, here.directory)


def both_paths_of(flag: str) -> tuple[str, Cohort]:
    """Return as which variant both paths run, and for whom, tenant by tenant."""
    state = state_of(flag)
    if state is None or state.answers_off or not state.spec.shadow.slices:
        return SHADOW, {}
    here, variant = world(), state.spec.shadow_as
    found = loaded(here, state)
    who: dict[str, set[str]] = {}
    for member in here.directory.members:
        if reach.variant_for(found, flag, member) == variant:
            who.setdefault(member.tenant, set()).add(member.person)
    return variant, {tenant: frozenset(people) for tenant, people in sorted(who.items())}


def loaded(here: World, state: FlagState) -> FlagSet:
    """Return the flag's own set as the edge has it, with as much of the world as decides about the flag."""
    near = compiler.focused(here, state.spec.key)
    return compiler.load(compiler.document_of(near, here.sets[state.spec.flag_set]))


def flag_keys() -> tuple[str, ...]:
    return tuple(Flag.objects.order_by("key").values_list("key", flat=True))


def keys_of(feature: str, flag: str) -> tuple[str, ...]:
    """Return the flags that name a feature as theirs, and `flag` where there is one of that key."""
    wanted = Q(key=flag) | Q(document__feature=feature)
    return tuple(Flag.objects.filter(wanted).order_by("key").values_list("key", flat=True))


def hashing_of(flag: str) -> str:
    """Return how percentages of this flag hash: a decision keeps it with its evidence."""
    state = state_of(flag)
    name = state.spec.flag_set if state else MAIN_SET
    return FlagSetting.objects.filter(pk=name).values_list("fractional", flat=True).first() or str(Hashing.V2)


def killed_because(flag: str) -> str:
    """Return by whom and why a flag is killed; empty when it is not."""
    killed = Flag.objects.filter(pk=flag).values_list("killed", flat=True).first()
    return f"{killed['by']}: {killed['because']}" if killed else ""


def killed_flags() -> dict[str, str]:
    """Return every killed flag, with by whom and why."""
    rows = Flag.objects.exclude(killed=None).values_list("key", "killed")
    return {key: f"{killed['by']}: {killed['because']}" for key, killed in rows if killed}


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
