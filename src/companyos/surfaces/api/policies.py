"""Stopping and excusing over HTTP: freezes, the emergency stop, exemptions from gates."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from ninja import Field, NinjaAPI, Router, Schema

from companyos.adoption.rollouts import actions, queries
from companyos.adoption.rollouts.jobs import current_controller
from companyos.platform.instance import instance, now
from companyos.surfaces.api.answering import actor_of

router = Router(tags=["policies"])
_REASON = Field(max_length=500)


class ReasonIn(Schema):
    reason: str = _REASON


class FreezeIn(ReasonIn):
    until: datetime
    since: datetime | None = None


class CheckpointIn(Schema):
    status: str = _REASON
    diffs: str = Field("", max_length=2000)
    blockers: str = Field("", max_length=2000)
    go: bool


class ExemptionIn(ReasonIn):
    until: datetime


@router.post("/emergency-stop")
def stop_everything(request: HttpRequest, body: ReasonIn) -> Any:
    """Pause every active rollout. A person resumes each on its own."""
    return {"paused": current_controller().stop_all(actor=actor_of(request), because=body.reason, now=now())}


@router.post("/freezes")
def begin_freeze(request: HttpRequest, body: FreezeIn) -> Any:
    """Switch nothing new on until a moment; taking back stays possible."""
    since = body.since or now()
    freeze = actions.freeze(
        actor=actor_of(request), because=body.reason, since=since, until=body.until, now=now()
    )
    return {"id": freeze, "since": since.isoformat(), "until": body.until.isoformat()}


@router.post("/freezes/{freeze}/lift")
def end_freeze(request: HttpRequest, freeze: str) -> Any:
    actions.lift_freeze(actor=actor_of(request), freeze_id=freeze, now=now())
    return {"lifted": True}


@router.post("/rollouts/{plan}/fast-track-rollback")
def take_everything_back(request: HttpRequest, plan: str, body: ReasonIn) -> Any:
    """Take the feature back from everybody who has it through this rollout, at once; no version is asked for."""
    current_controller().fast_track(actor=actor_of(request), plan=plan, reason=body.reason, now=now())
    return queries.current(plan)


@router.get("/rollouts/{plan}/checkpoints")
def read_checkpoints(request: HttpRequest, plan: str) -> Any:
    """Return the daily checkpoints of a rollout, the newest first, with the working days that have none."""
    found = queries.checkpoints(plan, calendar=instance().calendar, now=now())
    if found is None:
        raise actions.NoSuch(f"There is no rollout {plan!r}.")
    return asdict(found)


@router.post("/rollouts/{plan}/checkpoints")
def hold_checkpoint(request: HttpRequest, plan: str, body: CheckpointIn) -> Any:
    """Note today's checkpoint of the running stage: how it stands, what differs, what blocks, go or no-go."""
    actions.note_checkpoint(
        actor=actor_of(request),
        plan=plan,
        status=body.status,
        diffs=body.diffs,
        blockers=body.blockers,
        go=body.go,
        calendar=instance().calendar,
        now=now(),
    )
    return {"noted": True}


@router.get("/rollouts/{plan}/exemptions")
def read_exemptions(request: HttpRequest, plan: str) -> Any:
    rollout = queries.current(plan)
    if rollout is None:
        raise actions.NoSuch(f"There is no rollout {plan!r}.")
    asked = queries.exemptions_asked(plan, rollout["stage"], rollout["attempt"])
    return [
        {
            "id": each.id,
            "gate": each.gate,
            "because": each.because,
            "asked_by": each.asked_by,
            "until": each.until.isoformat(),
            "granted_by": each.granted_by or None,
        }
        for each in asked
    ]


@router.post("/rollouts/{plan}/gates/{gate}/exemptions")
def ask_exemption(request: HttpRequest, plan: str, gate: str, body: ExemptionIn) -> Any:
    """Ask that the stage goes on without this gate for a while; a second person grants it."""
    exemption = actions.ask_exemption(
        actor=actor_of(request), plan=plan, gate=gate, because=body.reason, until=body.until, now=now()
    )
    return {"id": exemption, "granted": False}


@router.post("/rollouts/{plan}/exemptions/{exemption}/grant")
def grant_exemption(request: HttpRequest, plan: str, exemption: str) -> Any:
    actions.grant_exemption(actor=actor_of(request), plan=plan, exemption_id=exemption, now=now())
    return {"id": exemption, "granted": True}


def add_policies(api: NinjaAPI) -> None:
    api.add_router("", router)
