"""The only writers of surveys: who is asked is decided here, never by a client (R98)."""

from __future__ import annotations

from companyos.adoption.surveys.actions.answering import (
    AnswerRefused,
    answer,
    dismiss,
    link_of,
    linked,
    show_next,
)
from companyos.adoption.surveys.actions.asking import ask_what_is_due, would_ask
from companyos.adoption.surveys.actions.definitions import keep_budget, keep_survey
from companyos.adoption.surveys.actions.erasing import drop_older, forget
from companyos.adoption.surveys.actions.importing import Imported, ImportRefused, import_answers

__all__ = [
    "AnswerRefused",
    "ImportRefused",
    "Imported",
    "answer",
    "ask_what_is_due",
    "dismiss",
    "drop_older",
    "forget",
    "import_answers",
    "keep_budget",
    "keep_survey",
    "link_of",
    "linked",
    "show_next",
    "would_ask",
]
