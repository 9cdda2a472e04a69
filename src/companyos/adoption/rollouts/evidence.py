"""The facts that rollouts themselves offer: who vouched, who approved, since when a feature is in production."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from companyos.adoption.rollouts import queries
from companyos.adoption.rollouts.models import TaskDone
from companyos.adoption.rollouts.queries.stage_approvals import (
    Attempt,
    approved_roles,
    refused_by,
    stage_request,
    stage_requests,
)
from companyos.kernel.evidence import Fact, Question, offer
from companyos.people.identity import queries as identity
from companyos.work.approvals.queries import RequestAbout


class Words:
    """What people said, read once for all who ask about one moment."""

    def __init__(self) -> None:
        self._at: datetime | None = None
        self._done: dict[tuple[str, str], list[TaskDone]] = {}
        self._asked: dict[Attempt, RequestAbout] = {}

    def prepare(self, questions: Sequence[Question]) -> None:
        self._at, self._done = questions[0].now if questions else None, {}
        plans = {str(question.parameters["plan"]) for question in questions}
        for done in TaskDone.objects.filter(rollout__in=plans).order_by("at"):
            self._done.setdefault((done.rollout_id, done.task), []).append(done)
        self._asked = stage_requests(
            {(str(q.parameters["plan"]), q.stage, q.attempt) for q in questions if "task" not in q.parameters}
        )

    def task_done(self, question: Question) -> Fact:
        """How often, and by whom last, a task was attested; a daily one counts once a day."""
        plan, task = str(question.parameters["plan"]), str(question.parameters["task"])
        if question.now == self._at:
            return task_done(task, self._done.get((plan, task), []))
        return task_done(task, list(TaskDone.objects.filter(rollout_id=plan, task=task).order_by("at")))

    def approvals(self, question: Question) -> Fact:
        """Which roles approved leaving this attempt at the stage."""
        plan = str(question.parameters["plan"])
        if question.now == self._at:
            return approvals(self._asked.get((plan, question.stage, question.attempt)))
        return approvals(stage_request(plan, question.stage, question.attempt))


def task_done(task: str, rows: Sequence[TaskDone]) -> Fact:
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


def approvals(asked: RequestAbout | None) -> Fact:
    by_role = {role: _named(answer.by) for role, answer in sorted(approved_roles(asked).items())}
    refused = refused_by(asked)
    told = {"by_role": by_role, **({"request": asked.id, "trace": asked.trace} if asked else {})}
    if refused:
        told["refused"] = {**_named(refused.by), "because": refused.note}
    return Fact(
        "rollouts.approvals",
        float(len(by_role)),
        n=len(by_role),
        unit="roles",
        window="this stage",
        source="approved",
        details=told,
    )


def production_since(question: Question) -> Fact:
    """Since when a feature is on in a production tenant through a rollout: sprints and weeks count from there (P3)."""
    since = queries.production_since(question.feature)
    problem = "" if since else "the feature is on in no production tenant yet"
    details = {"since": since.isoformat()} if since else {}
    return Fact(
        "rollouts.production_since", unit="moment", source="rollouts", problem=problem, details=details
    )


def _named(person: str) -> dict[str, str]:
    return {"by": person, "by_name": identity.name_of(person)}


def offer_evidence() -> None:
    words = Words()
    offer("rollouts.task_done", words.task_done, prepare=words.prepare)
    offer("rollouts.approvals", words.approvals, prepare=words.prepare)
    offer("rollouts.production_since", production_since)
