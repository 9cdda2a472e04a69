"""Requests: frozen rows out."""

from __future__ import annotations

from companyos.work.approvals.queries.about import (
    Answered,
    LinkedRequest,
    RequestAbout,
    request_about,
    requests_about,
    requests_linked_to,
)
from companyos.work.approvals.queries.definitions import definition_of, latest_types, type_titles
from companyos.work.approvals.queries.inbox import InboxRow, RequestRow, inbox, mine, news_for, waiting_for
from companyos.work.approvals.queries.one import (
    RequestDetail,
    detail,
    holds_file,
    may_read,
    past_days,
    report_of_trace,
    situation_of,
    who_may_read,
)
from companyos.work.approvals.queries.organisation import forget_organisation, organisation
from companyos.work.approvals.queries.own import DraftRow, StandInRow, draft, drafts, stand_ins

__all__ = [
    "Answered",
    "DraftRow",
    "InboxRow",
    "LinkedRequest",
    "RequestAbout",
    "RequestDetail",
    "RequestRow",
    "StandInRow",
    "definition_of",
    "detail",
    "draft",
    "drafts",
    "forget_organisation",
    "holds_file",
    "inbox",
    "latest_types",
    "may_read",
    "mine",
    "news_for",
    "organisation",
    "past_days",
    "report_of_trace",
    "request_about",
    "requests_about",
    "requests_linked_to",
    "situation_of",
    "stand_ins",
    "type_titles",
    "waiting_for",
    "who_may_read",
]
