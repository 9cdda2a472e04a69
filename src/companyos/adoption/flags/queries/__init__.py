"""Flags: frozen answers out."""

from __future__ import annotations

from companyos.adoption.flags.queries.days_back import days_back, days_back_of, days_to_end, who_is_back
from companyos.adoption.flags.queries.exposures import exposures
from companyos.adoption.flags.queries.paths import PathOf, path_of
from companyos.adoption.flags.queries.rows import flag_detail, flag_rows
from companyos.adoption.flags.queries.rulesets import latest_document, latest_version, propagation, serving
from companyos.adoption.flags.queries.schedules import due, scheduled, what_is_to_come
from companyos.adoption.flags.queries.segments import segment_row, segment_rows, segment_versions
from companyos.adoption.flags.queries.standing import (
    both_paths_of,
    cohort_fact,
    cohort_of,
    directory,
    flag_keys,
    hashing_of,
    keys_of,
    killed_because,
    killed_flags,
    loaded,
    names,
    state_from,
    state_of,
    states,
    world,
    world_as_served,
)
from companyos.adoption.flags.queries.to_tell import (
    ChangeToCome,
    carried_out_at,
    changes_to_come,
    moved_by_scheduled,
    moved_by_segment,
    moved_by_version,
    scheduled_changes,
)
from companyos.adoption.flags.queries.versions import version, versions

__all__ = [
    "ChangeToCome",
    "PathOf",
    "both_paths_of",
    "carried_out_at",
    "changes_to_come",
    "cohort_fact",
    "cohort_of",
    "days_back",
    "days_back_of",
    "days_to_end",
    "directory",
    "due",
    "exposures",
    "flag_detail",
    "flag_keys",
    "flag_rows",
    "hashing_of",
    "keys_of",
    "killed_because",
    "killed_flags",
    "latest_document",
    "latest_version",
    "loaded",
    "moved_by_scheduled",
    "moved_by_segment",
    "moved_by_version",
    "names",
    "path_of",
    "propagation",
    "scheduled",
    "scheduled_changes",
    "segment_row",
    "segment_rows",
    "segment_versions",
    "serving",
    "state_from",
    "state_of",
    "states",
    "version",
    "versions",
    "what_is_to_come",
    "who_is_back",
    "world",
    "world_as_served",
]
