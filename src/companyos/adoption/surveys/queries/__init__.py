"""Surveys: frozen rows out."""

from __future__ import annotations

from companyos.adoption.surveys.queries.answers import (
    OpenQuestion,
    Tally,
    given_to,
    given_to_all,
    imports,
    open_questions,
    question_of,
    tally,
    tally_by_tenant,
    verbatims,
)
from companyos.adoption.surveys.queries.definitions import budget, spec, surveys, surveys_of
from companyos.adoption.surveys.queries.letters import LettersSent, letters_of, wants_letters

__all__ = [
    "LettersSent",
    "OpenQuestion",
    "Tally",
    "budget",
    "given_to",
    "given_to_all",
    "imports",
    "letters_of",
    "open_questions",
    "question_of",
    "spec",
    "surveys",
    "surveys_of",
    "tally",
    "tally_by_tenant",
    "verbatims",
    "wants_letters",
]
