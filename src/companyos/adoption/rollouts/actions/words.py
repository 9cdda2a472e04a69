"""A person's word: a task done, a fault mended."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from companyos.adoption.features import actions as features
from companyos.adoption.features import queries as feature_queries
from companyos.adoption.rollouts.actions.plans import may_act
from companyos.adoption.rollouts.actions.refusals import NotYours, Refused
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.stage_plan import TaskSpec
from companyos.adoption.rollouts.models import Fix, Rollout, TaskDone
from companyos.people.identity import queries as identity
from companyos.platform import outbox


def do_task(*, actor: str, plan: str, task: str, note: str, link: str, now: datetime) -> None:
    """Record a person's word that a task is done. Raises Refused for a task that the plan does not have."""
    rollout = Rollout.objects.get(pk=plan)
    document = Plan.from_document(rollout.document)
    known = {each.slug: each for stage in document.stages for each in stage.tasks}
    if task not in known:
        raise Refused(f"The plan has no task {task!r}; its tasks are {', '.join(sorted(known))}.")
    team = next((t for t in identity.teams() if t.slug == known[task].owner), None)
    owns = actor == known[task].owner or (team is not None and actor in team.people)
    if not may_act(actor, document) and not owns:
        raise NotYours(f"This task belongs to {known[task].owner}.")
    with transaction.atomic():
        TaskDone.objects.create(rollout=rollout, task=task, at=now, by=actor, note=note, link=link)
        _vouch(actor, rollout, known[task], note, link, now)
        outbox.publish("rollout.task_done", {"rollout": plan, "task": task}, at=now)


def _vouch(actor: str, rollout: Rollout, task: TaskSpec, note: str, link: str, now: datetime) -> None:
    """The word for a task is also the word for the rows of the scorecards that it serves: nothing is asked twice.

    A row that is measured here takes nobody's word, and needs none.
    """
    for row in task.attests:
        known = feature_queries.row_of(rollout.feature_id, row)
        if known is not None and not known.attest:
            continue
        try:
            features.attest(
                actor=actor, feature=rollout.feature_id, row=row, version=rollout.feature.version, link=link,
                note=note or task.title, now=now,
            )  # fmt: skip
        except features.NotYours as refusal:
            raise NotYours(str(refusal)) from None
        except features.Refused as refusal:
            raise Refused(str(refusal)) from None


def record_fix(*, actor: str, plan: str, summary: str, link: str, now: datetime) -> None:
    if not summary.strip():
        raise Refused("Say what was fixed.")
    rollout = Rollout.objects.get(pk=plan)
    if not may_act(actor, Plan.from_document(rollout.document)):
        raise NotYours("Only the plan's lead and role holders record a fix here.")
    with transaction.atomic():
        Fix.objects.create(rollout=rollout, at=now, by=actor, summary=summary, link=link)
        outbox.publish("rollout.fixed", {"rollout": plan}, at=now)
