"""The facts that rollouts themselves offer: who vouched, who approved."""

from __future__ import annotations

from companyos.adoption.rollouts.models import ApprovalGiven, TaskDone
from companyos.kernel.evidence import Fact, Question, offer
from companyos.people.identity import queries as identity


def task_done(question: Question) -> Fact:
    """How often, and by whom last, a task was attested; a daily one counts once a day."""
    plan, task = question.parameters["plan"], question.parameters["task"]
    rows = list(TaskDone.objects.filter(rollout_id=plan, task=task).order_by("at"))
    days = len({row.at.date() for row in rows})
    last = rows[-1] if rows else None
    details = (
        {"at": last.at.isoformat(), "note": last.note, "link": last.link, **_named(last.by)} if last else {}
    )
    return Fact(
        "rollouts.task_done",
        float(days),
        n=days,
        unit="times",
        window="this rollout",
        source="attested",
        details={"task": task, **details},
    )


def approvals(question: Question) -> Fact:
    """Which roles approved leaving this attempt at the stage."""
    rows = ApprovalGiven.objects.filter(
        rollout_id=question.parameters["plan"], stage=question.stage, attempt=question.attempt
    ).order_by("role")
    by_role = {row.role: _named(row.by) for row in rows}
    return Fact(
        "rollouts.approvals",
        float(len(by_role)),
        n=len(by_role),
        unit="roles",
        window="this stage",
        source="approved",
        details={"by_role": by_role},
    )


def _named(person: str) -> dict[str, str]:
    return {"by": person, "by_name": identity.name_of(person)}


def offer_evidence() -> None:
    offer("rollouts.task_done", task_done)
    offer("rollouts.approvals", approvals)
