"""What may be done to a case over HTTP. Each answers with where the case stands afterwards."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from companyos.platform.instance import now
from companyos.surfaces.api.answering import actor_of
from companyos.work.cases import actions, queries
from companyos.work.cases.domain.types import LinkKind

router = Router(tags=["cases"])
_NOTE = Field("", max_length=2_000)


class TriageIn(Schema):
    type: str = Field(max_length=32)
    severity: str = Field("", max_length=8)
    squad: str = Field(max_length=64)
    owner: str = Field(max_length=64)


class WordsIn(Schema):
    title: str = Field(max_length=200)
    body: str = Field("", max_length=20_000)


class AssignIn(Schema):
    squad: str = Field(max_length=64)
    owner: str = Field("", max_length=64)


class SeverityIn(Schema):
    severity: str = Field(max_length=8)
    because: str = Field(max_length=500)


class PlanIn(Schema):
    owner: str = Field(max_length=64)
    steps: list[str] = Field(max_length=30)
    due: date


class MoveIn(Schema):
    to: str = Field(max_length=32)
    note: str = _NOTE


class ResolutionIn(Schema):
    resolution: str = Field(max_length=2_000)


class ReleaseIn(Schema):
    release: str = Field(max_length=200)
    link: str = Field("", max_length=300)


class NoteIn(Schema):
    note: str = _NOTE


class AnswerIn(Schema):
    fixed: bool
    note: str = _NOTE


class TextIn(Schema):
    text: str = Field(max_length=10_000)


class MergeIn(Schema):
    into: str = Field(max_length=36)


class LinkIn(Schema):
    kind: LinkKind
    target: str = Field(max_length=300)


@router.post("/cases/{case_id}/reword")
def reword(request: HttpRequest, case_id: str, body: WordsIn) -> Any:
    """Change what my report says, until somebody has taken it on; triage reads it again."""
    actions.reword(actor=actor_of(request), case=case_id, title=body.title, body=body.body, now=now())
    return {"reworded": True}


@router.post("/cases/{case_id}/triage")
def accept_triage(request: HttpRequest, case_id: str, body: TriageIn) -> Any:
    """Take a case on as a person of the owning squad: type, severity and owner. Stops the triage clock."""
    actions.accept_triage(
        actor=actor_of(request),
        case=case_id,
        type_slug=body.type,
        severity=body.severity,
        squad=body.squad,
        owner=body.owner,
        now=now(),
    )
    return _standing(request, case_id)


@router.post("/cases/{case_id}/assign")
def assign(request: HttpRequest, case_id: str, body: AssignIn) -> Any:
    actions.assign(actor=actor_of(request), case=case_id, squad=body.squad, owner=body.owner, now=now())
    return _standing(request, case_id)


@router.post("/cases/{case_id}/severity")
def set_severity(request: HttpRequest, case_id: str, body: SeverityIn) -> Any:
    actions.set_severity(
        actor=actor_of(request), case=case_id, severity=body.severity, because=body.because, now=now()
    )
    return _standing(request, case_id)


@router.post("/cases/{case_id}/plans")
def propose_plan(request: HttpRequest, case_id: str, body: PlanIn) -> Any:
    actions.propose_plan(
        actor=actor_of(request), case=case_id, owner=body.owner, steps=body.steps, due=body.due, now=now()
    )
    return _standing(request, case_id)


@router.post("/cases/{case_id}/plans/{plan}/accept")
def accept_plan(request: HttpRequest, case_id: str, plan: int) -> Any:
    """Accept a plan: the clock of the plan stops, and the reporter is told."""
    actions.accept_plan(actor=actor_of(request), case=case_id, plan=plan, now=now())
    return _standing(request, case_id)


@router.post("/cases/{case_id}/move")
def move(request: HttpRequest, case_id: str, body: MoveIn) -> Any:
    actions.move(actor=actor_of(request), case=case_id, to=body.to, note=body.note, now=now())
    return _standing(request, case_id)


@router.post("/cases/{case_id}/resolve")
def resolve(request: HttpRequest, case_id: str, body: ResolutionIn) -> Any:
    actions.resolve(actor=actor_of(request), case_id=case_id, resolution=body.resolution, now=now())
    return {"resolved": True}


@router.post("/cases/{case_id}/release")
def release(request: HttpRequest, case_id: str, body: ReleaseIn) -> Any:
    actions.release(actor=actor_of(request), case=case_id, release=body.release, link=body.link, now=now())
    return _standing(request, case_id)


@router.post("/cases/{case_id}/reopen")
def reopen(request: HttpRequest, case_id: str, body: NoteIn) -> Any:
    actions.reopen(actor=actor_of(request), case=case_id, because=body.note, now=now())
    return _standing(request, case_id)


@router.post("/cases/{case_id}/answer")
def answer_fix(request: HttpRequest, case_id: str, body: AnswerIn) -> Any:
    """Say whether it is fixed for oneself; a no opens the case again."""
    actions.answer_fix(actor=actor_of(request), case=case_id, fixed=body.fixed, note=body.note, now=now())
    return _standing(request, case_id)


@router.post("/cases/{case_id}/comments")
def comment(request: HttpRequest, case_id: str, body: TextIn) -> Any:
    actions.comment(actor=actor_of(request), case=case_id, text=body.text, now=now())
    return _standing(request, case_id)


@router.post("/cases/{case_id}/ask-reporter")
def ask_reporter(request: HttpRequest, case_id: str, body: TextIn) -> Any:
    """Ask the reporter; clocks that wait for them pause until they comment."""
    actions.ask_reporter(actor=actor_of(request), case=case_id, text=body.text, now=now())
    return _standing(request, case_id)


@router.post("/cases/{case_id}/go-on")
def go_on(request: HttpRequest, case_id: str) -> Any:
    actions.go_on(actor=actor_of(request), case=case_id, now=now())
    return _standing(request, case_id)


@router.post("/cases/{case_id}/vote")
def vote(request: HttpRequest, case_id: str) -> Any:
    actions.vote(actor=actor_of(request), case=case_id, now=now())
    return _standing(request, case_id)


@router.delete("/cases/{case_id}/vote")
def unvote(request: HttpRequest, case_id: str) -> Any:
    actions.unvote(actor=actor_of(request), case=case_id, now=now())
    return _standing(request, case_id)


@router.post("/cases/{case_id}/watch")
def watch(request: HttpRequest, case_id: str) -> Any:
    actions.watch(actor=actor_of(request), case=case_id, now=now())
    return _standing(request, case_id)


@router.delete("/cases/{case_id}/watch")
def unwatch(request: HttpRequest, case_id: str) -> Any:
    actions.unwatch(actor=actor_of(request), case=case_id, now=now())
    return _standing(request, case_id)


@router.post("/cases/{case_id}/merge")
def merge(request: HttpRequest, case_id: str, body: MergeIn) -> Any:
    """Let another case carry this one. Nothing is moved, so that the merge can be taken back."""
    actions.merge(actor=actor_of(request), case=case_id, into=body.into, now=now())
    return _standing(request, case_id)


@router.post("/cases/{case_id}/unmerge")
def unmerge(request: HttpRequest, case_id: str) -> Any:
    actions.unmerge(actor=actor_of(request), case=case_id, now=now())
    return _standing(request, case_id)


@router.post("/cases/{case_id}/links")
def link(request: HttpRequest, case_id: str, body: LinkIn) -> Any:
    actions.link(actor=actor_of(request), case=case_id, kind=body.kind, target=body.target, now=now())
    return _standing(request, case_id)


@router.delete("/cases/{case_id}/links/{number}")
def unlink(request: HttpRequest, case_id: str, number: int) -> Any:
    actions.unlink(actor=actor_of(request), case=case_id, number=number, now=now())
    return _standing(request, case_id)


def _standing(request: HttpRequest, case_id: str) -> dict[str, Any]:
    found = queries.detail(case_id, actor_of(request), now())
    if found is None:
        return {"done": True}  # who triages for another squad may not read it afterwards
    return {
        "status": found.line.status,
        "severity": found.line.severity,
        "squad": found.line.squad,
        "owner": found.line.owner,
        "votes": len(found.voters),
        "merged_into": found.line.merged_into,
        "clocks": [
            {"clock": c.clock, "state": c.state, "because": c.because, "due_at": c.due_at}
            for c in found.clocks
        ],
    }
