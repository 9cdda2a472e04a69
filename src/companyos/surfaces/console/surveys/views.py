"""The views of surveys: what answers come to, and a question for the person who looks."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from companyos.adoption.surveys import actions, queries
from companyos.people.identity import queries as identity
from companyos.platform.instance import instance, now
from companyos.surfaces.console.surveys import gather
from companyos.surfaces.console.surveys.pages import QuestionPage

_THANKS = "Thank you. Your answer is stored; it is shown only together with others."
_GONE = "It is gone, and does not come back."


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    return render(request, "surveys/home.html", {"page": gather.home(_viewer(request), now())})


@require_GET
def survey(request: HttpRequest, slug: str) -> HttpResponse:
    said = request.GET.get("days", "")
    days = int(said) if said in {str(each) for each in gather.DAYS} else gather.DAYS[1]
    page = gather.survey(slug, days, now())
    if page is None:
        raise Http404(f"There is no survey {slug}.")
    return render(request, "surveys/survey.html", {"page": page, "choices": gather.DAYS})


@require_GET
def questions(request: HttpRequest) -> HttpResponse:
    """Show the oldest question that waits for the viewer, after asking what is due by now."""
    viewer, at = _viewer(request), now()
    mine = next((each for each in identity.everybody() if each.slug == viewer), None)
    if mine is not None:
        actions.ask_what_is_due(person=viewer, tenant=mine.tenant, calendar=instance().calendar, now=at)
    waiting = queries.open_questions(viewer, now=at)
    page = gather.question(waiting[0] if waiting else None, more=max(0, len(waiting) - 1))
    return render(request, "surveys/question.html", {"page": page})


@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, invitation: str) -> HttpResponse:
    """Show one question of the viewer, keep the answer, or send the question away."""
    viewer = _viewer(request)
    found = queries.question_of(viewer, str(invitation), now=now())
    if found is None:
        raise Http404("There is no such question of yours.")
    if request.method == "GET":
        return render(request, "surveys/question.html", {"page": gather.question(found)})
    try:
        _do(request, viewer, found.invitation, "console")
    except actions.AnswerRefused as refusal:
        page = gather.question(found, comment=request.POST.get("comment", ""), problem=str(refusal))
        return render(request, "surveys/question.html", {"page": page}, status=409)
    return HttpResponseRedirect(reverse("questions"))


@require_http_methods(["GET", "POST"])
def by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Answer one question by the link of a mail or a message, without signing in; it works for that question alone."""
    try:
        person, invitation = actions.linked(token)
    except actions.AnswerRefused as refusal:
        page = QuestionPage(None, problem=str(refusal), signed_in=False)
        return render(request, "surveys/question.html", {"page": page}, status=404)
    found = queries.question_of(person, invitation, now=now())
    page, status = gather.question(found), 200
    if request.method == "POST":
        try:
            _do(request, person, invitation, "link")
            page = QuestionPage(None, said=_GONE if "dismiss" in request.POST else _THANKS)
        except actions.AnswerRefused as refusal:
            page = gather.question(found, comment=request.POST.get("comment", ""), problem=str(refusal))
            status = 409
    shown = QuestionPage(
        page.question, page.choices, 0, page.comment, page.problem, page.said, signed_in=False
    )
    return render(request, "surveys/question.html", {"page": shown}, status=status)


def _do(request: HttpRequest, person: str, invitation: str, via: str) -> None:
    if "dismiss" in request.POST:
        return actions.dismiss(actor=person, invitation=invitation, via=via, now=now())
    score = request.POST.get("score", "")
    return actions.answer(
        actor=person,
        invitation=invitation,
        score=int(score) if score.isdecimal() and len(score) < 4 else None,
        comment=request.POST.get("comment", ""),
        via=via,
        now=now(),
    )


def _viewer(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))
