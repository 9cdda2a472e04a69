"""The only writers of cases."""

from __future__ import annotations

from companyos.work.cases.actions.attaching import attach, check_file, content_of
from companyos.work.cases.actions.calendars import Rejudged, calendar_said, change_calendar, what_it_rejudges
from companyos.work.cases.actions.clocks import look_at_clocks
from companyos.work.cases.actions.erasing import forget
from companyos.work.cases.actions.importing import Imported, import_csv
from companyos.work.cases.actions.keeping import drop_filter, keep_type, mark_read, save_filter
from companyos.work.cases.actions.linking import link, unlink
from companyos.work.cases.actions.merging import merge, unmerge
from companyos.work.cases.actions.moving import answer_fix, decline, move, release, reopen, resolve
from companyos.work.cases.actions.opening import open_case, report_bug
from companyos.work.cases.actions.planning import accept_plan, propose_plan
from companyos.work.cases.actions.refusals import NoSuchCase, NotAllowed, Refused, Unclear
from companyos.work.cases.actions.rewording import reword
from companyos.work.cases.actions.shipping import ship
from companyos.work.cases.actions.talking import ask_reporter, comment, go_on, unvote, unwatch, vote, watch
from companyos.work.cases.actions.triaging import accept_triage, assign, hand_on, set_severity

__all__ = [
    "Imported",
    "NoSuchCase",
    "NotAllowed",
    "Refused",
    "Rejudged",
    "Unclear",
    "accept_plan",
    "accept_triage",
    "answer_fix",
    "ask_reporter",
    "assign",
    "attach",
    "calendar_said",
    "change_calendar",
    "check_file",
    "comment",
    "content_of",
    "decline",
    "drop_filter",
    "forget",
    "go_on",
    "hand_on",
    "import_csv",
    "keep_type",
    "link",
    "look_at_clocks",
    "mark_read",
    "merge",
    "move",
    "open_case",
    "propose_plan",
    "release",
    "reopen",
    "report_bug",
    "resolve",
    "reword",
    "save_filter",
    "set_severity",
    "ship",
    "unlink",
    "unmerge",
    "unvote",
    "unwatch",
    "vote",
    "watch",
    "what_it_rejudges",
]
