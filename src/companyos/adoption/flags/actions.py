"""The only writers of flags. A change is one transaction: compare-and-swap on the flag's version, the version row,
a new ruleset that the evaluator has accepted, and the message to everybody who listens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from companyos.adoption.flags import queries
from companyos.adoption.flags.domain import compile as compiler
from companyos.adoption.flags.domain import reach
from companyos.adoption.flags.domain.change import (
    PROGRAM,
    Outlook,
    Step,
    allow,
    compiled,
    judged,
    need_a_reason,
    previewed,
    seen_by_people,
    told,
    with_changes,
    with_flag,
)
from companyos.adoption.flags.domain.documents import Malformed, plain
from companyos.adoption.flags.domain.refusals import NoSuch, NotYours, Overtaken, Refused, Unclear
from companyos.adoption.flags.domain.rules import is_of_team, why_not_revert
from companyos.adoption.flags.domain.types import (
    Cohort,
    FlagSpec,
    FlagState,
    Killed,
    SegmentSpec,
    SetSpec,
    World,
    explicit,
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
from companyos.kernel.ids import id_of
from companyos.people.identity import queries as identity
from companyos.platform import outbox

MOST_WAITING = 50


@dataclass(frozen=True, slots=True)
class Saved:
    """What a change came to."""

    version: int
    ruleset: int
    reach: reach.Preview


def create(*, actor: str, spec: FlagSpec, because: str, now: datetime, skip_because: str = "") -> Saved:
    """Make a new flag. Raises Refused with the rule that objects."""
    need_a_reason(because)
    with transaction.atomic():
        world = queries.world()
        if spec.key in world.flags:
            raise Refused(f"There is a flag {spec.key!r} already. Choose another key, or change that one.")
        allow(actor, spec, world)
        step = Step(actor, None, FlagState(spec), "created", because, skip_because)
        return _save(judged(step, world, now), world, now)


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
        world, before = _flag_at(key, version)
        allow(actor, before.spec, world)
        after = replace(before, spec=with_changes(before.spec, changes))
        allow(actor, after.spec, world)
        step = Step(actor, before, after, "changed", because, skip_because)
        return _save(judged(step, world, now), world, now)


def kill(*, actor: str, key: str, because: str, now: datetime) -> Saved:
    """Switch a flag off for everybody, at once, whatever drives it: no version to know, no rule to fit."""
    need_a_reason(because)
    with transaction.atomic():
        world, before = _flag_at(key, None)
        allow(actor, before.spec, world)
        if before.killed:
            raise Refused(f"It is killed already, by {before.killed.by}: {before.killed.because}")
        after = replace(before, killed=Killed(actor, now, because.strip()))
        return _save(Step(actor, before, after, "killed", because), world, now)


def unkill(*, actor: str, key: str, version: int, because: str, now: datetime) -> Saved:
    """Let a killed flag answer by its rule again: a move of its own, with its own reason."""
    need_a_reason(because)
    with transaction.atomic():
        world, before = _flag_at(key, version)
        allow(actor, before.spec, world)
        if before.killed is None:
            raise Refused("The flag is not killed.")
        return _save(Step(actor, before, replace(before, killed=None), "unkilled", because), world, now)


def revert(*, actor: str, key: str, to: int, version: int, because: str, now: datetime) -> Saved:
    """Make a flag what it was at version `to`: a new version, never an undone one."""
    need_a_reason(because)
    with transaction.atomic():
        world, before = _flag_at(key, version)
        allow(actor, before.spec, world)
        then = queries.version(key, to)
        if then is None:
            raise NoSuch(f"The flag has no version {to}.")
        if refusal := why_not_revert(before, then):
            raise Refused(refusal, "why_not_revert")
        after = replace(before, spec=then.spec)
        step = Step(actor, before, after, "reverted", f"back to version {to}: {because.strip()}")
        return _save(judged(step, world, now, is_revert=True), world, now)


def schedule(
    *,
    actor: str,
    key: str,
    at: datetime,
    changes: Mapping[str, Any],
    because: str,
    now: datetime,
    skip_because: str = "",
) -> str:
    """Plan a change for later and return its id. Who may not make it now may not plan it either."""
    need_a_reason(because)
    if at <= now:
        raise Unclear("A change to come lies in the future; make this one now instead.", "at")
    with transaction.atomic():
        world, state = _flag_at(key, None)
        allow(actor, state.spec, world)
        wanted = _scheduled_changes(state.spec, changes)
        if Scheduled.objects.filter(flag_id=key, outcome="waiting").count() >= MOST_WAITING:
            raise Refused(f"{MOST_WAITING} changes are waiting already. Cancel one first.")
        row = Scheduled.objects.create(
            id=id_of(now, "scheduled", key, at.isoformat(), sha256_of(wanted), Scheduled.objects.count()),
            flag_id=key, at=at, asked_at=now, author=actor, because=because.strip(), changes=wanted,
            before=_fields_of(state, wanted), exemption=skip_because.strip(),
        )  # fmt: skip
        _announce(key, "scheduled", {"at": at.isoformat(), "author": actor, "because": because}, now)
    return str(row.id)


def cancel(*, actor: str, key: str, scheduled: str, because: str, now: datetime) -> None:
    """Take back a change to come."""
    need_a_reason(because)
    with transaction.atomic():
        world, state = _flag_at(key, None)
        allow(actor, state.spec, world)
        told = {"outcome": "cancelled", "settled_at": now, "settled_by": actor, "told": because.strip()}
        waiting = Scheduled.objects.filter(pk=scheduled, flag_id=key, outcome="waiting")
        if not waiting.update(**told):
            found = Scheduled.objects.filter(pk=scheduled, flag_id=key).first()
            if found is None:
                raise NoSuch("There is no such change to come.")
            raise Refused(f"It is {found.outcome} already.")
        _announce(key, "cancelled", {"author": actor, "because": because}, now)


def apply_scheduled(*, scheduled: str, now: datetime) -> str:
    """Carry out a change whose time has come, as its author; returns how it went.

    One that no longer applies says why.
    """
    with transaction.atomic():
        row = Scheduled.objects.select_for_update().get(pk=scheduled)
        if row.outcome != "waiting":
            return row.outcome
        try:
            with transaction.atomic():
                _carry_out(row, now)
            outcome, told = "applied", ""
        except (Refused, Malformed) as refusal:
            outcome, told = "refused", str(refusal)
        Scheduled.objects.filter(pk=scheduled).update(
            outcome=outcome, told=told, settled_at=now, settled_by=row.author
        )
        if outcome == "refused":
            _announce(row.flag_id, "schedule_refused", {"author": row.author, "because": told}, now)
    return outcome


def put_on(*, actor: str, flag: str, cohort: Cohort, because: str, now: datetime, driver: str = "") -> int:
    """Make `cohort` exactly who is on and return the new ruleset version. The caller holds the transaction.

    `driver` is the rollout that goes on moving the flag. Raises Refused when the flag is killed and somebody
    would be on: a person's stop is final.
    """
    world, before = _flag_at(flag, None)
    if before.killed and people_of(cohort) - people_of(_named_in(before)):
        raise Refused(
            f"The flag {flag} was killed by {before.killed.by}: {before.killed.because}. Un-kill it first."
        )
    spec = replace(before.spec, audience=explicit(cohort))
    after = replace(before, spec=spec, driven_by=driver)
    return _save(Step(actor, before, after, "staged", because), world, now).ruleset


def _named_in(state: FlagState) -> Cohort:
    return {each.tenant: frozenset(each.people) for each in state.spec.audience.slices}


def let_go(*, flag: str) -> None:
    """Say that no rollout moves the flag any more; who is on stays."""
    Flag.objects.filter(pk=flag).update(driven_by="")


def keep_set(spec: SetSpec) -> bool:
    """Create or correct a flag set; says whether anything changed."""
    row = {
        "fractional": str(spec.fractional),
        "prerelease_in": list(spec.prerelease_in),
        "leads": list(spec.leads),
    }
    if FlagSetting.objects.filter(pk=spec.name).values(*row).first() == row:
        return False
    FlagSetting.objects.update_or_create(name=spec.name, defaults=row)
    return True


def keep_flag(*, key: str, feature: str, owner: str = "", now: datetime) -> bool:
    """Create a flag that is off for everybody; says whether it is new."""
    if Flag.objects.filter(pk=key).exists():
        return False
    spec = FlagSpec(key, key.replace(".", " ").replace("-", " ").capitalize(), owner=owner, feature=feature)
    step = Step(PROGRAM, None, FlagState(spec), "created", f"the flag of {feature}", publish=False)
    _save(step, queries.world(), now)
    return True


def keep_spec(*, spec: FlagSpec, audience_is_told: bool, skip_because: str, now: datetime) -> bool:
    """Make a flag what the program's files say; says whether anything changed. Raises Refused.

    Without an audience in the file, who gets it is decided elsewhere and stays.
    """
    world = queries.world()
    before = world.flags.get(spec.key)
    if before and not audience_is_told:
        spec = replace(spec, audience=before.spec.audience)
    if before and before.spec == spec:
        return False
    after = replace(before, spec=spec) if before else FlagState(spec)
    what = "changed" if before else "created"
    step = Step(PROGRAM, before, after, what, "the program's files say so", skip_because, publish=False)
    _save(judged(step, world, now), world, now)
    return True


def save_segment(
    *, actor: str, spec: SegmentSpec, version: int, because: str, now: datetime, publish: bool = True
) -> int:
    """Create (version 0) or change a segment; every flag that uses it follows. Returns the segment's new version."""
    need_a_reason(because)
    with transaction.atomic():
        world = queries.world()
        known = world.segments.get(spec.slug)
        _allow_segment(actor, known or spec, world)
        _allow_segment(actor, spec, world)
        _swap_segment(spec, version, known is None)
        compiled(World(world.flags, {**world.segments, spec.slug: spec}, world.sets, world.directory))
        ruleset = (
            new_ruleset(actor=actor, because=because, now=now) if publish else queries.latest_version() + 1
        )
        SegmentVersion.objects.create(
            segment_id=spec.slug, version=version + 1, at=now, author=actor, because=because.strip(),
            document=plain(spec), ruleset=ruleset,
        )  # fmt: skip
        outbox.publish(
            "segment.changed", {"segment": spec.slug, "version": version + 1, "ruleset": ruleset}, at=now
        )
    return version + 1


def keep_segment(*, spec: SegmentSpec, now: datetime) -> bool:
    """Make a segment what the program's files say; says whether anything changed."""
    known = Segment.objects.filter(pk=spec.slug).first()
    if known and known.document == plain(spec):
        return False
    version = known.version if known else 0
    save_segment(
        actor=PROGRAM,
        spec=spec,
        version=version,
        because="the program's files say so",
        now=now,
        publish=False,
    )
    return True


def new_ruleset(*, actor: str, because: str, now: datetime) -> int:
    """Write the next ruleset version from the flags and keys as they stand, and announce it."""
    version = (Ruleset.objects.aggregate(top=Max("version"))["top"] or 0) + 1
    document = {
        "version": version,
        "published_at": now.isoformat(),
        "flag_sets": compiler.documents_of(queries.world(), version=version),
        "keys": [asdict(key) for key in identity.keys_to_publish()],
    }
    Ruleset.objects.create(
        version=version, at=now, author=actor, because=because, document=document, sha256=sha256_of(document)
    )
    outbox.publish("ruleset.changed", {"version": version}, at=now)
    return version


def record_serving(*, provider: str, version: int, heard_at: datetime) -> None:
    """Note which version a provider serves; an older report never overwrites a newer one."""
    heard = {"version": version, "heard_at": heard_at}
    known, fresh = Serving.objects.get_or_create(provider=provider, defaults=heard)
    if not fresh and known.version <= version:
        Serving.objects.filter(pk=provider, version__lte=version).update(**heard)


def preview_change(
    *, actor: str, key: str, changes: Mapping[str, Any], now: datetime, skip_because: str = ""
) -> Outlook:
    """Return what a change would do, and the rule that would refuse it."""
    world, before = _flag_at(key, None)
    after = replace(before, spec=with_changes(before.spec, changes))
    return previewed(Step(actor, before, after, "changed", "", skip_because), world, now)


def preview_new(*, actor: str, spec: FlagSpec, now: datetime, skip_because: str = "") -> Outlook:
    """Return what a new flag would do, like `preview_change`."""
    world = queries.world()
    return previewed(Step(actor, None, FlagState(spec), "created", "", skip_because), world, now)


def _save(step: Step, world: World, now: datetime) -> Saved:
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
    _announce(key, step.change, told(step, after, seen, world, changed, ruleset), now)
    return Saved(number, ruleset, seen)


def _announce(key: str, what: str, body: dict[str, Any], now: datetime) -> None:
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
        raise Overtaken(_who_was_first(after.spec.key, before.version))


def _swap_segment(spec: SegmentSpec, version: int, is_new: bool) -> None:
    row = {"version": version + 1, "document": plain(spec)}
    if is_new and version == 0:
        Segment.objects.create(slug=spec.slug, **row)
    elif not Segment.objects.filter(pk=spec.slug, version=version).update(**row):
        newest = SegmentVersion.objects.filter(segment_id=spec.slug).order_by("-version").first()
        who = f"{identity.name_of(newest.author)} changed it: {newest.because}" if newest else "it is new"
        raise Overtaken(f"The segment has changed since version {version}. {who}. Look again.")


def _carry_out(row: Scheduled, now: datetime) -> None:
    _, state = _flag_at(row.flag_id, None)
    if _fields_of(state, row.changes) != row.before:
        raise Refused(
            f"What it would change is no longer what it was. {_who_was_first(row.flag_id, 0, row.asked_at)}"
        )
    because = f"as scheduled: {row.because}"
    if "kill" in row.changes:
        kill(actor=row.author, key=row.flag_id, because=because, now=now)
        return
    change(
        actor=row.author, key=row.flag_id, changes=row.changes, version=state.version, because=because, now=now,
        skip_because=row.exemption,
    )  # fmt: skip


def _scheduled_changes(spec: FlagSpec, changes: Mapping[str, Any]) -> dict[str, Any]:
    if changes == {"kill": True}:
        return dict(changes)
    with_changes(spec, changes)
    return dict(changes)


def _fields_of(state: FlagState, changes: Mapping[str, Any]) -> dict[str, Any]:
    if "kill" in changes:
        return {"kill": state.killed is not None}
    known = plain(state.spec)
    return {name: known.get(name) for name in changes}


def _flag_at(key: str, version: int | None) -> tuple[World, FlagState]:
    world = queries.world()
    if key not in world.flags:
        raise NoSuch(f"There is no flag {key!r}.")
    state = world.flags[key]
    if version is not None and state.version != version:
        raise Overtaken(_who_was_first(key, version))
    return world, state


def _who_was_first(key: str, version: int, since: datetime | None = None) -> str:
    """Say who changed what since a version, or a moment."""
    newer = [v for v in queries.versions(key) if (v.at >= since if since else v.version > version)]
    said = [
        f"{identity.name_of(v.author)} {v.change} it (version {v.version}: {v.because})"
        f"{': ' if v.changes else ''}{'; '.join(c.sentence for c in v.changes[:3])}"
        for v in newer[:3]
    ]
    return f"{'. '.join(said) or f'The flag is not at version {version}'}. Look again, and decide on what is there now."


def _allow_segment(actor: str, spec: SegmentSpec, world: World) -> None:
    leads = {lead for each in world.sets.values() for lead in each.leads}
    if actor != PROGRAM and actor not in leads and not is_of_team(actor, spec.owner, world):
        raise NotYours(
            f"The segment belongs to {spec.owner or 'nobody yet'}; that team and the program's leads edit it."
        )
