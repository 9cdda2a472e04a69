"""The management API (`/api/v1`, OpenAPI at `/api/v1/docs`): thin over actions and queries."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, HttpResponse
from ninja import NinjaAPI, Router, Schema
from ninja.security import HttpBearer

from companyos.adoption.rollouts import actions as rollout_actions
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.domain.types import Move
from companyos.adoption.rollouts.jobs import current_controller
from companyos.adoption.telemetry import queries as telemetry
from companyos.people.identity import queries as identity
from companyos.platform.instance import now
from companyos.surfaces.api import keys
from companyos.surfaces.api.alerts import add_alerts
from companyos.surfaces.api.announcements import add_announcements
from companyos.surfaces.api.answering import actor_of
from companyos.surfaces.api.approvals import add_approvals
from companyos.surfaces.api.banners import add_banners
from companyos.surfaces.api.cases import add_cases
from companyos.surfaces.api.flags import add_to as add_flags
from companyos.surfaces.api.playbooks import add_playbooks
from companyos.surfaces.api.policies import add_policies
from companyos.surfaces.api.readiness import add_readiness
from companyos.surfaces.api.recognition import add_recognition
from companyos.surfaces.api.release_notes import add_release_notes
from companyos.surfaces.api.roadmap import add_roadmap
from companyos.surfaces.api.sessions import add_sessions
from companyos.surfaces.api.shadow import add_shadow
from companyos.surfaces.api.surveys import add_surveys
from companyos.surfaces.api.triage import add_triage
from companyos.surfaces.api.way_back import add_way_back

_MOVES = {
    "start": Move.START,
    "pause": Move.PAUSE,
    "resume": Move.RESUME,
    "advance": Move.ADVANCE,
    "roll-back": Move.ROLL_BACK,
    "kill": Move.KILL,
}


class PersonalKey(HttpBearer):
    """A person's own key: whoever holds it acts as that person."""

    def authenticate(self, request: HttpRequest, token: str) -> Any:
        return identity.person_of_key(token)


api = NinjaAPI(title="CompanyOS", version="1", auth=PersonalKey(), docs_url="/docs")
router = Router()


class MoveIn(Schema):
    reason: str
    version: int


class FixIn(Schema):
    summary: str
    link: str = ""


class DoneIn(Schema):
    note: str = ""
    link: str = ""


class ApprovalIn(Schema):
    role: str
    note: str = ""


@router.get("/rollouts/{plan}")
def read_rollout(request: HttpRequest, plan: str) -> Any:
    return rollouts.current(plan) or _missing("rollout", plan)


@router.get("/rollouts/{plan}/report")
def read_report(request: HttpRequest, plan: str) -> Any:
    if rollouts.version_of(plan) is None:
        return _missing("rollout", plan)
    bugs = (
        telemetry.bugs_counted()
    )  # told the log by our own pages: no client had an acknowledgement for them
    counted = {"events_counted": telemetry.events_counted() - bugs, "bugs_counted": bugs}
    return {**rollouts.report(plan, now=now()), **counted}


@router.get("/rollouts/{plan}/fix-list")
def read_fix_list(request: HttpRequest, plan: str) -> Any:
    """Return the failing cases of the latest rollback, each with what it saw."""
    found = rollouts.fix_list(plan, now=now())
    return asdict(found) if found else _missing("rollback of", plan)


@router.post("/rollouts/{plan}/fixes")
def add_fix(request: HttpRequest, plan: str, body: FixIn) -> Any:
    rollout_actions.record_fix(
        actor=actor_of(request), plan=plan, summary=body.summary, link=body.link, now=now()
    )
    return rollouts.current(plan)


@router.post("/rollouts/{plan}/tasks/{task}")
def task_done(request: HttpRequest, plan: str, task: str, body: DoneIn) -> Any:
    rollout_actions.do_task(
        actor=actor_of(request), plan=plan, task=task, note=body.note, link=body.link, now=now()
    )
    return {"done": True}


@router.post("/rollouts/{plan}/approvals")
def give_approval(request: HttpRequest, plan: str, body: ApprovalIn) -> Any:
    rollout_actions.approve(actor=actor_of(request), plan=plan, role=body.role, note=body.note, now=now())
    return {"approved": True}


@router.post("/rollouts/{plan}/{move}")
def move_rollout(request: HttpRequest, plan: str, move: str, body: MoveIn) -> Any:
    if move not in _MOVES or rollouts.version_of(plan) is None:
        return _missing("rollout or move", f"{plan}/{move}")
    try:
        current_controller().person_moves(
            actor=actor_of(request),
            plan=plan,
            wanted=_MOVES[move],
            reason=body.reason,
            version=body.version,
            now=now(),
        )
    except rollout_actions.Asked as asked:
        told = {"moved": False, "asked": asked.request, "because": str(asked)}
        return api.create_response(request, told, status=202)
    return rollouts.current(plan)


api.add_router("", router)
add_flags(api)
add_shadow(api)
add_surveys(api)
add_roadmap(api)
add_release_notes(api)
add_readiness(api)
add_alerts(api)
add_policies(api)
add_approvals(api)
add_triage(api)
add_cases(api)
add_way_back(api)
add_banners(api)
add_sessions(api)
add_recognition(api)
add_announcements(api)
add_playbooks(api)
api.add_router("", keys.router)


@api.exception_handler(rollout_actions.NoSuch)
def no_such_rollout(request: HttpRequest, refusal: Exception) -> HttpResponse:
    return api.create_response(request, {"error": str(refusal)}, status=404)


@api.exception_handler(rollout_actions.NotYours)
def not_yours(request: HttpRequest, refusal: Exception) -> HttpResponse:
    return api.create_response(request, {"error": str(refusal)}, status=403)


@api.exception_handler(rollout_actions.Refused)
def refused(request: HttpRequest, refusal: Exception) -> HttpResponse:
    status = 422 if "Say" in str(refusal) else 409
    return api.create_response(request, {"error": str(refusal)}, status=status)


class NotFound(Exception):
    """What was asked for does not exist, or not for this person: the answer is the same."""


@api.exception_handler(NotFound)
def not_found(request: HttpRequest, refusal: Exception) -> HttpResponse:
    return api.create_response(request, {"error": str(refusal)}, status=404)


def _missing(what: str, name: str) -> Any:
    raise NotFound(f"There is no {what} {name!r} that you may see.")
