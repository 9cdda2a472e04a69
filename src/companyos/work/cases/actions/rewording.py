"""A reporter says it better, while nobody has taken the case on; what stood there stays in the log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from companyos.work.cases.actions.opening import checked_text, checked_title
from companyos.work.cases.actions.refusals import Refused
from companyos.work.cases.actions.triaging import check_reader, refuse_over
from companyos.work.cases.actions.writing import change
from companyos.work.cases.domain.types import Event, EventKind
from companyos.work.cases.models import Case


def reword(*, actor: str, case: str, title: str, body: str, now: datetime) -> None:
    """Change what a report says. Only its reporter may, and only until somebody has taken it on."""
    wanted = {"title": checked_title(title), "body": checked_text(body, "body")}

    def decide(row: Case) -> Sequence[Event]:
        check_reader(row, actor)
        refuse_over(row)
        if actor != row.reporter_id:
            raise Refused("Only the person who reported it changes its words. Write a comment.")
        if row.triaged_at is not None:
            raise Refused("Somebody has taken it on as it stands. Write a comment with what is new.")
        before = {"title": row.title, "body": row.body}
        if before == wanted:
            return ()
        Case.objects.of(row.tenant_id).filter(pk=row.pk).update(**wanted)
        return (Event(EventKind.REWORDED, actor, now, {"before": before}),)

    change(case, decide, now=now)
