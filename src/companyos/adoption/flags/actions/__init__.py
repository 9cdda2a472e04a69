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
from companyos.adoption.flags.actions.kept_killed import keep_killed_while
from companyos.adoption.flags.actions.program import keep_flag, keep_set, keep_spec
from companyos.adoption.flags.actions.rulesets import keep_regions, new_ruleset, record_serving
from companyos.adoption.flags.actions.saving import Saved
from companyos.adoption.flags.actions.schedules import MOST_WAITING, apply_scheduled, cancel, schedule
from companyos.adoption.flags.actions.segments import keep_segment, save_segment
from companyos.adoption.flags.actions.way_back import (
    answer_again,
    come_back,
    end_days_back,
    forget_days_back,
    link_for,
    linked,
    switch_back,
)

__all__ = [
    "MOST_WAITING",
    "Saved",
    "answer_again",
    "apply_scheduled",
    "cancel",
    "change",
    "come_back",
    "create",
    "end_days_back",
    "forget_days_back",
    "keep_flag",
    "keep_killed_while",
    "keep_regions",
    "keep_segment",
    "keep_set",
    "keep_spec",
    "kill",
    "kill_all_of",
    "let_go",
    "link_for",
    "linked",
    "new_ruleset",
    "preview_change",
    "preview_new",
    "put_on",
    "record_serving",
    "revert",
    "save_segment",
    "schedule",
    "switch_back",
    "unkill",
]
