"""Segments, and who is in them today."""

from __future__ import annotations

from companyos.adoption.flags.domain import compile as compiler
from companyos.adoption.flags.domain import diff as diffs
from companyos.adoption.flags.domain import reach
from companyos.adoption.flags.domain.documents import flag_from
from companyos.adoption.flags.domain.rows import SegmentRow, VersionRow
from companyos.adoption.flags.domain.types import FlagState, World
from companyos.adoption.flags.models import Segment, SegmentVersion
from companyos.adoption.flags.queries.standing import world
from companyos.adoption.flags.queries.versions import MOST_VERSIONS


def segment_rows() -> tuple[SegmentRow, ...]:
    """Return every segment with who is in it today."""
    here = world()
    return tuple(_segment_row(here, slug) for slug in here.segments)


def segment_row(slug: str) -> SegmentRow | None:
    here = world()
    return _segment_row(here, slug) if slug in here.segments else None


def segment_versions(slug: str) -> tuple[VersionRow, ...]:
    rows = list(SegmentVersion.objects.filter(segment_id=slug).order_by("-version")[: MOST_VERSIONS + 1])
    earlier = [*rows[1:], None]
    blank = FlagState(flag_from({"key": "x", "title": "x"}))
    return tuple(
        VersionRow(
            row.version, row.at, row.author, row.because, "created" if before is None else "changed",
            diffs.diff(before.document if before else {}, row.document), 0, 0, 0, row.ruleset, "", blank,
        )
        for row, before in zip(rows, earlier, strict=True)
    )[:MOST_VERSIONS]  # fmt: skip


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
