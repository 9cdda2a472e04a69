"""The daily checkpoint of a stage (R137): status, what differs from the plan, blockers, go or no-go."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from companyos.adoption.rollouts.actions.plans import may_act
from companyos.adoption.rollouts.actions.refusals import NoSuch, NotYours, Refused
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.domain.types import Status
from companyos.adoption.rollouts.models import Checkpoint, Rollout
from companyos.kernel.business_time import WorkingCalendar
from companyos.people.identity import queries as identity
from companyos.platform import outbox


def note_checkpoint(
    *,
    actor: str,
    plan: str,
    status: str,
    diffs: str,
    blockers: str,
    go: bool,
    calendar: WorkingCalendar,
    now: datetime,
) -> None:
    """Note today's checkpoint of the running stage. A second one of the day corrects the first; both are kept.

    Raises Refused without a status, on a day nobody works, and for a no-go that names no blocker.
    """
    row = Rollout.objects.filter(pk=plan).first()
    if row is None:
        raise NoSuch(f"There is no rollout {plan!r}.")
    if not (may_act(actor, Plan.from_document(row.document)) or _owns_a_task(actor, row)):
        raise NotYours(
            "Only the plan's lead, its role holders and owners of tasks of this stage note checkpoints."
        )
    if row.status not in {Status.ACTIVE, Status.PAUSED}:
        raise Refused("No stage is running, so there is no checkpoint to hold.")
    if not status.strip():
        raise Refused("Say how it stands: a checkpoint has a status.")
    if not go and not blockers.strip():
        raise Refused("Say what is in the way: a no-go names its blocker.")
    day = now.astimezone(calendar.zone).date()
    if not calendar.is_working_day(day):
        raise Refused("Nobody works today; checkpoints are held on working days.")
    with transaction.atomic():
        Checkpoint.objects.create(
            rollout=row,
            stage=row.stage,
            attempt=row.attempt,
            day=day,
            at=now,
            by=actor,
            status=status.strip(),
            diffs=diffs.strip(),
            blockers=blockers.strip(),
            go=go,
        )
        outbox.publish("rollout.checkpoint", {"rollout": plan, "day": day.isoformat(), "go": go}, at=now)


def _owns_a_task(actor: str, row: Rollout) -> bool:
    stage = Plan.from_document(row.document).stage(row.stage) if row.stage else None
    owners = {task.owner for task in stage.tasks} if stage else set()
    return actor in owners or any(team.slug in owners and actor in team.people for team in identity.teams())
