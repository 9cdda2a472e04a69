"""The only writers of suggestions, councils and RFCs."""

from __future__ import annotations

from companyos.work.roadmap.actions.councils import convene, decide, skip
from companyos.work.roadmap.actions.crediting import keep_team_weight
from companyos.work.roadmap.actions.erasing import forget
from companyos.work.roadmap.actions.joining import merge, unmerge
from companyos.work.roadmap.actions.placing import place, read_answers
from companyos.work.roadmap.actions.refusals import NoSuch, NotYours, Refused
from companyos.work.roadmap.actions.rfcs import approve, ask_reviewer, comment, draft, move, resolve, revise
from companyos.work.roadmap.actions.suggesting import keep_rules, suggest, take_back, vote
from companyos.work.roadmap.actions.windows import close_due, extend, open_window

__all__ = [
    "NoSuch",
    "NotYours",
    "Refused",
    "approve",
    "ask_reviewer",
    "close_due",
    "comment",
    "convene",
    "decide",
    "draft",
    "extend",
    "forget",
    "keep_rules",
    "keep_team_weight",
    "merge",
    "move",
    "open_window",
    "place",
    "read_answers",
    "resolve",
    "revise",
    "skip",
    "suggest",
    "take_back",
    "unmerge",
    "vote",
]
