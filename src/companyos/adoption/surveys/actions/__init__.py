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
from companyos.adoption.surveys.actions.writing import (
    ask_by_letter,
    channels,
    note_opened,
    resume_letters,
    settle_letters,
    stop_letters,
    stop_link_of,
    whose_letters,
    write_letters,
)

__all__ = [
    "AnswerRefused",
    "ImportRefused",
    "Imported",
    "answer",
    "ask_by_letter",
    "ask_what_is_due",
    "channels",
    "dismiss",
    "drop_older",
    "forget",
    "import_answers",
    "keep_budget",
    "keep_survey",
    "link_of",
    "linked",
    "note_opened",
    "resume_letters",
    "settle_letters",
    "show_next",
    "stop_letters",
    "stop_link_of",
    "whose_letters",
    "would_ask",
    "write_letters",
]
