"""The only writers of requests."""

from __future__ import annotations

from companyos.work.approvals.actions.acts import (
    act_on,
    answer_many,
    approve,
    carried_out_by_itself,
    carry_out,
    comment,
    decline,
    delegate,
    give_back,
    resubmit,
    withdraw,
)
from companyos.work.approvals.actions.asking import ask, ask_about, drop_draft, preview, save_draft
from companyos.work.approvals.actions.attaching import attach, content_of
from companyos.work.approvals.actions.clocks import look_at_clocks
from companyos.work.approvals.actions.definitions import keep_type
from companyos.work.approvals.actions.importing import Imported, import_log
from companyos.work.approvals.actions.links import answer_by_link, link_for, linked
from companyos.work.approvals.actions.outcomes import see_outcome, tell_outcomes
from companyos.work.approvals.actions.paths import Sent, choose_paths_with, compare_paths_with
from companyos.work.approvals.actions.refusals import LinkRefused, NoSuchRequest, NotAllowed, Refused, Unclear
from companyos.work.approvals.actions.standing_in import end_stand_in, stand_in
from companyos.work.approvals.actions.telling import tell_those_asked

__all__ = [
    "Imported",
    "LinkRefused",
    "NoSuchRequest",
    "NotAllowed",
    "Refused",
    "Sent",
    "Unclear",
    "act_on",
    "answer_by_link",
    "answer_many",
    "approve",
    "ask",
    "ask_about",
    "attach",
    "carried_out_by_itself",
    "carry_out",
    "choose_paths_with",
    "comment",
    "compare_paths_with",
    "content_of",
    "decline",
    "delegate",
    "drop_draft",
    "end_stand_in",
    "give_back",
    "import_log",
    "keep_type",
    "link_for",
    "linked",
    "look_at_clocks",
    "preview",
    "resubmit",
    "save_draft",
    "see_outcome",
    "stand_in",
    "tell_outcomes",
    "tell_those_asked",
    "withdraw",
]
