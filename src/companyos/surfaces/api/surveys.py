"""Surveys over HTTP: the next question for me, my answer, and what the answers come to.

The server decides who is asked; a widget shows what it is given, once.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from django.http import HttpRequest, JsonResponse
from ninja import Field, NinjaAPI, Router, Schema

from companyos.adoption.surveys import actions, queries
from companyos.adoption.surveys.domain.scores import by_tenant, standing
from companyos.adoption.surveys.queries import OpenQuestion
from companyos.people.identity import queries as identity
from companyos.platform.instance import instance, now
from companyos.surfaces.api.answering import actor_of, tell_refusals

router = Router(tags=["surveys"])
_VIA = Field("api", pattern="^(api|widget|email|slack)$")


class AnswerIn(Schema):
    score: int | None = None
    comment: str = Field("", max_length=5_000)
    via: str = _VIA


class DismissIn(Schema):
    via: str = _VIA


class NoSuchSurvey(Exception):
    """There is no such survey."""


@router.get("/me/surveys")
def my_questions(request: HttpRequest) -> Any:
    """Return the questions that wait for me, after asking what is due by now; at most one new one."""
    me = _ask(request)
    return [_question(each) for each in queries.open_questions(me, now=now())]


@router.get("/me/surveys/next")
def my_next_question(request: HttpRequest) -> Any:
    """Return the question a widget shows now, and only once; `question` is null when there is none."""
    me = _ask(request)
    shown = actions.show_next(actor=me, now=now())
    found = queries.question_of(me, shown, now=now()) if shown else None
    return {"question": _question(found) if found else None}


@router.get("/me/surveys/why")
def why_asked(request: HttpRequest) -> Any:
    """Say of every survey whether I would be asked now, by which rule and why."""
    told = actions.would_ask(person=actor_of(request), calendar=instance().calendar, now=now())
    return [{"survey": survey.slug, **asdict(decision)} for survey, decision in told]


@router.post("/surveys/invitations/{invitation}/answer")
def answer_survey(request: HttpRequest, invitation: str, body: AnswerIn) -> Any:
    actions.answer(
        actor=actor_of(request),
        invitation=invitation,
        score=body.score,
        comment=body.comment,
        via=body.via,
        now=now(),
    )
    return JsonResponse({"stored": True}, status=201)


@router.post("/surveys/invitations/{invitation}/dismiss")
def dismiss_survey(request: HttpRequest, invitation: str, body: DismissIn) -> Any:
    """Send a question away; it counts as asked and does not come back."""
    actions.dismiss(actor=actor_of(request), invitation=invitation, via=body.via, now=now())
    return {"dismissed": True}


@router.get("/surveys/{survey}")
def read_survey(request: HttpRequest, survey: str) -> Any:
    """Return the score with its interval, always beside how many were asked; small groups are hidden."""
    found = queries.spec(survey)
    if found is None:
        raise NoSuchSurvey(f"There is no survey {survey!r}.")
    given = queries.given_to(survey)
    told = standing(found, given)
    shown = {
        "asked": told.asked,
        "answered": told.answered,
        "dismissed": told.dismissed,
        "response": told.response,
        "needed": told.needed,
        "score": asdict(told.score) if told.score else None,
    }
    tenants = {
        group.name: asdict(group.standing.score) if group.standing and group.standing.score else None
        for group in by_tenant(found, given)
    }
    return {"survey": survey, "kind": found.kind, "question": found.question, **shown, "by_tenant": tenants}


def add_surveys(api: NinjaAPI) -> None:
    api.add_router("", router)
    tell_refusals(api, {actions.AnswerRefused: 409, NoSuchSurvey: 404})


def _ask(request: HttpRequest) -> str:
    me = actor_of(request)
    mine = next((each for each in identity.everybody() if each.slug == me), None)
    if mine is not None:  # somebody who left is asked nothing
        actions.ask_what_is_due(person=me, tenant=mine.tenant, calendar=instance().calendar, now=now())
    return me


def _question(each: OpenQuestion) -> dict[str, Any]:
    spec = each.spec
    return {
        "invitation": each.invitation,
        "survey": each.survey,
        "kind": spec.kind,
        "question": each.question,
        "scores": list(spec.scores),
        "low_label": spec.low_label,
        "high_label": spec.high_label,
        "choices": list(spec.choices),
        "follow_up": spec.follow_up,
    }
