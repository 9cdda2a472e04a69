"""What a flag was, and what changed it."""

from __future__ import annotations

from typing import Any

from companyos.adoption.flags.domain import diff as diffs
from companyos.adoption.flags.domain.documents import flag_from, killed_from
from companyos.adoption.flags.domain.rows import VersionRow
from companyos.adoption.flags.domain.types import FlagState
from companyos.adoption.flags.models import FlagVersion

MOST_VERSIONS = 50


def versions(key: str, limit: int = MOST_VERSIONS, offset: int = 0) -> tuple[VersionRow, ...]:
    """Return the versions of a flag, newest first, each with what it changed."""
    rows = list(FlagVersion.objects.filter(flag_id=key).order_by("-version")[offset : offset + limit + 1])
    earlier = [*rows[1:], None]
    return tuple(_version_row(row, before) for row, before in zip(rows, earlier, strict=True))[:limit]


def version(key: str, number: int) -> FlagState | None:
    """Return what a flag was at a version."""
    row = FlagVersion.objects.filter(flag_id=key, version=number).first()
    return FlagState(flag_from(row.document), row.version, killed_from(row.killed)) if row else None


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
