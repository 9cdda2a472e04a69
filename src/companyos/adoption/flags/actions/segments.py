"""Segments, by people and by the program."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from companyos.adoption.flags import queries
from companyos.adoption.flags.actions.rulesets import new_ruleset
from companyos.adoption.flags.domain.change import PROGRAM, compiled, need_a_reason
from companyos.adoption.flags.domain.documents import plain
from companyos.adoption.flags.domain.refusals import NotYours, Overtaken
from companyos.adoption.flags.domain.rules import is_of_team
from companyos.adoption.flags.domain.types import SegmentSpec, World
from companyos.adoption.flags.models import Segment, SegmentVersion
from companyos.people.identity import queries as identity
from companyos.platform import outbox


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


def _swap_segment(spec: SegmentSpec, version: int, is_new: bool) -> None:
    row = {"version": version + 1, "document": plain(spec)}
    if is_new and version == 0:
        Segment.objects.create(slug=spec.slug, **row)
    elif not Segment.objects.filter(pk=spec.slug, version=version).update(**row):
        newest = SegmentVersion.objects.filter(segment_id=spec.slug).order_by("-version").first()
        who = f"{identity.name_of(newest.author)} changed it: {newest.because}" if newest else "it is new"
        raise Overtaken(f"The segment has changed since version {version}. {who}. Look again.")


def _allow_segment(actor: str, spec: SegmentSpec, world: World) -> None:
    leads = {lead for each in world.sets.values() for lead in each.leads}
    if actor != PROGRAM and actor not in leads and not is_of_team(actor, spec.owner, world):
        raise NotYours(
            f"The segment belongs to {spec.owner or 'nobody yet'}; that team and the program's leads edit it."
        )
