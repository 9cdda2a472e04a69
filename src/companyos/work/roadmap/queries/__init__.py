"""Suggestions, councils and RFCs: frozen rows out."""

from __future__ import annotations

from companyos.work.roadmap.queries.councils import CouncilRow, TurnRow, council, councils, turns_so_far
from companyos.work.roadmap.queries.rfcs import (
    CommentRow,
    MoveRow,
    Thread,
    find_rfc,
    history,
    reviewers,
    rfcs,
    threads,
)
from companyos.work.roadmap.queries.stewards import is_steward
from companyos.work.roadmap.queries.suggestions import (
    AnswerRow,
    VoteRow,
    answers_for,
    find,
    placed,
    rules,
    shipped,
    similar_to,
    spent_by,
    suggestions,
    vote_of,
)

__all__ = [
    "AnswerRow",
    "CommentRow",
    "CouncilRow",
    "MoveRow",
    "Thread",
    "TurnRow",
    "VoteRow",
    "answers_for",
    "council",
    "councils",
    "find",
    "find_rfc",
    "history",
    "is_steward",
    "placed",
    "reviewers",
    "rfcs",
    "rules",
    "shipped",
    "similar_to",
    "spent_by",
    "suggestions",
    "threads",
    "turns_so_far",
    "vote_of",
]
