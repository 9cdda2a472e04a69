"""A bug that somebody opened as a case is a report: the guardrail's signal of human reports hears of it, once."""

from __future__ import annotations

from companyos.adoption.telemetry.domain.symptoms import REPORTED
from companyos.adoption.telemetry.domain.watch import NEW_PATH, OLD_PATH
from companyos.adoption.telemetry.queries import first_exposure
from companyos.analytics.events import CheckedEvent
from companyos.analytics.inbox.handed_in import HandedIn
from companyos.work.cases import queries as cases
from companyos.work.cases.domain.types import CaseType


def report_bug_to_guardrails(*, case: str, to: HandedIn) -> bool:
    """Hand a bug to the event log, once its feature and severity are known; says whether that is so.

    The event is named after the case, so however often it is handed in, it counts once. It says when the bug was
    reported, not when it was triaged, and on which path its reporter was: those who are still off are compared with.
    """
    bug = cases.report_text(case)
    if bug is None or bug.type != CaseType.BUG or not bug.feature or not bug.severity:
        return False
    met = first_exposure(bug.feature, bug.reporter)
    to.hand_in(
        CheckedEvent(
            id=f"case-{case}",
            event=REPORTED,
            time=bug.opened_at,
            tenant=bug.tenant,
            actor=bug.reporter,
            feature=bug.feature,
            path=NEW_PATH if met is not None and met <= bug.opened_at else OLD_PATH,
            case=bug.label,
        )
    )
    return True
