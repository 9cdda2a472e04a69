"""The only writers of triage."""

from __future__ import annotations

from companyos.work.feedback.actions.erasing import forget
from companyos.work.feedback.actions.hearing import hear_triaged, read_again, read_new_case
from companyos.work.feedback.actions.learning import (
    ask_training,
    begin_training,
    check_trainer,
    end_training,
    keep_model,
    note_progress,
    put_into_use,
)
from companyos.work.feedback.actions.ownership import keep_ownership
from companyos.work.feedback.actions.refusals import NoSuchReport, NotYours, Overtaken, Refused, Unclear
from companyos.work.feedback.actions.triaging import (
    TYPES,
    accept,
    correct,
    current,
    may_see,
    squads_of,
    suggest,
)

__all__ = [
    "TYPES",
    "NoSuchReport",
    "NotYours",
    "Overtaken",
    "Refused",
    "Unclear",
    "accept",
    "ask_training",
    "begin_training",
    "check_trainer",
    "correct",
    "current",
    "end_training",
    "forget",
    "hear_triaged",
    "keep_model",
    "keep_ownership",
    "may_see",
    "note_progress",
    "put_into_use",
    "read_again",
    "read_new_case",
    "squads_of",
    "suggest",
]
