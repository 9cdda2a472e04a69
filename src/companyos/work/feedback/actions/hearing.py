"""What triage hears of cases: a new one is read, and a word given on the case's own page is an answer."""

from __future__ import annotations

from contextlib import suppress
from datetime import datetime

from companyos.work.cases import queries as cases
from companyos.work.feedback import queries
from companyos.work.feedback.actions.refusals import Overtaken
from companyos.work.feedback.actions.triaging import TYPES, keep_answer, suggest, suggest_again
from companyos.work.feedback.domain.types import Axis, Report


def read_new_case(*, case: str, now: datetime) -> None:
    """Say what a new case is and whose. What is no report (an RFC, a review) is left alone."""
    found = cases.report_text(case)
    if found is None or found.type not in TYPES:
        return
    report = Report(found.title, found.body, found.feature, found.type, found.severity)
    suggest(actor=found.reporter, tenant=found.tenant, case=case, report=report, now=now)


def read_again(*, case: str, now: datetime) -> None:
    """Judge a report anew whose words changed, unless a person has said what it is: their word stands."""
    found, said = cases.report_text(case), queries.suggestion_of(case)
    if found is None or said is None or said.answers:
        return
    report = Report(found.title, found.body, found.feature, found.type, found.severity)
    suggest_again(tenant=found.tenant, case=case, report=report, now=now)


def hear_triaged(*, case: str, now: datetime) -> None:
    """Count what a person said on the case's page as their answer, unless they said it here."""
    found, said = cases.report_text(case), queries.suggestion_of(case)
    if found is None or said is None or not found.triaged_by or not said.is_open:
        return
    labels = {Axis.SQUAD: found.squad, Axis.TYPE: found.type, Axis.SEVERITY: found.severity}
    with suppress(Overtaken):  # somebody answered at the same moment, and that stands
        keep_answer(actor=found.triaged_by, said=said, labels=labels, because="", settled=True, now=now)
