"""What people agreed to about a rollout is done: its room acts on the request, the controller makes the move."""

from __future__ import annotations

from datetime import datetime

from companyos.adoption.rollouts import actions, queries
from companyos.adoption.rollouts.domain.agreements import MOVE
from companyos.adoption.rollouts.domain.types import Move
from companyos.adoption.rollouts.jobs import current_controller
from companyos.work.approvals import actions as approvals
from companyos.work.approvals import queries as requests
from companyos.work.approvals.domain.types import Status


def hear_of_request(*, about: str, now: datetime) -> None:
    """Act on a decided request about a rollout. Heard twice, the second time changes nothing."""
    if not about.startswith(MOVE):
        return actions.hear_of_request(about=about, now=now)
    asked = requests.request_about(about)
    if asked is None or asked.status is not Status.APPROVED:  # once moved, it is carried out
        return None
    plan, wanted, stage, attempt = about.removeprefix(MOVE).split("/")
    try:
        _make_the_move(
            plan, Move(wanted), stage, int(attempt), asked.requester, str(asked.fields["because"]), now
        )
    except actions.Refused as refusal:
        return actions.note_not_done(request=asked.id, because=str(refusal), now=now)
    approvals.carried_out_by_itself(request=asked.id, note=f"{plan}: {wanted}", now=now)
    return None


def _make_the_move(
    plan: str, wanted: Move, stage: str, attempt: int, actor: str, reason: str, now: datetime
) -> None:
    """Move as whoever asked, if the rollout is still where it was agreed to."""
    version, where = queries.version_of(plan), queries.where(plan)
    if version is None or where != ("" if stage == "-" else stage, attempt):
        raise actions.Refused("The rollout has moved on since.")
    current_controller().person_moves(
        actor=actor, plan=plan, wanted=wanted, reason=reason, version=version, now=now
    )
