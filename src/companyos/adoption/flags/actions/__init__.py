"""The only writers of flags."""

from __future__ import annotations

from companyos.adoption.flags.actions.changes import (
    change,
    create,
    kill,
    kill_all_of,
    preview_change,
    preview_new,
    revert,
    unkill,
)
from companyos.adoption.flags.actions.cohorts import let_go, put_on
from companyos.adoption.flags.actions.program import keep_flag, keep_set, keep_spec
from companyos.adoption.flags.actions.rulesets import keep_regions, new_ruleset, record_serving
from companyos.adoption.flags.actions.saving import Saved
from companyos.adoption.flags.actions.schedules import MOST_WAITING, apply_scheduled, cancel, schedule
from companyos.adoption.flags.actions.segments import keep_segment, save_segment

__all__ = [
    "MOST_WAITING",
    "Saved",
    "apply_scheduled",
    "cancel",
    "change",
    "create",
    "keep_flag",
    "keep_regions",
    "keep_segment",
    "keep_set",
    "keep_spec",
    "kill",
    "kill_all_of",
    "let_go",
    "new_ruleset",
    "preview_change",
    "preview_new",
    "put_on",
    "record_serving",
    "revert",
    "save_segment",
    "schedule",
    "unkill",
]
