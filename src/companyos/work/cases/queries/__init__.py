"""Cases: frozen rows out."""

from __future__ import annotations

from companyos.work.cases.queries.attainment import fix_times, origins, outcomes
from companyos.work.cases.queries.bugs import (
    every_open_bug,
    every_open_sev1,
    open_bugs,
    severe_bugs_opened,
)
from companyos.work.cases.queries.calendars import calendar_of_squad, calendars
from companyos.work.cases.queries.changes import ChangeRow, changes
from companyos.work.cases.queries.definitions import case_types, definition_of, forget_definitions
from companyos.work.cases.queries.filed import FiledCase, opened_by
from companyos.work.cases.queries.inbox import (
    Asked,
    CaseLine,
    counts,
    inbox,
    notices,
    reported_by,
    saved_filters,
    waiting_for_triage,
)
from companyos.work.cases.queries.one import detail, explained, id_of_label
from companyos.work.cases.queries.people import squad_of
from companyos.work.cases.queries.reports import (
    NoticeText,
    ReportStanding,
    ReportText,
    Summary,
    fixed_at,
    label_of,
    may_be_read,
    notices_of,
    report_text,
    reports_about,
    reports_of,
    summary,
)

__all__ = [
    "Asked",
    "CaseLine",
    "ChangeRow",
    "FiledCase",
    "NoticeText",
    "ReportStanding",
    "ReportText",
    "Summary",
    "calendar_of_squad",
    "calendars",
    "case_types",
    "changes",
    "counts",
    "definition_of",
    "detail",
    "every_open_bug",
    "every_open_sev1",
    "explained",
    "fix_times",
    "fixed_at",
    "forget_definitions",
    "id_of_label",
    "inbox",
    "label_of",
    "may_be_read",
    "notices",
    "notices_of",
    "open_bugs",
    "opened_by",
    "origins",
    "outcomes",
    "report_text",
    "reported_by",
    "reports_about",
    "reports_of",
    "saved_filters",
    "severe_bugs_opened",
    "squad_of",
    "summary",
    "waiting_for_triage",
]
