"""The views of surveys: what answers come to, and a question for the person who looks."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from companyos.adoption.surveys import actions, queries
from companyos.adoption.surveys.domain.types import Letters
from companyos.people.identity import queries as identity
from companyos.platform.instance import instance, now
from companyos.surfaces.console.surveys import gather
from companyos.surfaces.console.surveys.pages import LettersPage, QuestionPage

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
    page = gather.question(
        waiting[0] if waiting else None,
        more=max(0, len(waiting) - 1),
        wants_letters=queries.wants_letters(viewer),
    )
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
    """Answer one question by the link of a mail or a message, without signing in; it works for that question alone.

    A GET answers nothing, whoever follows the link: the score in it is only chosen beforehand.
    """
    try:
        person, invitation = actions.linked(token)
    except actions.AnswerRefused as refusal:
        page = QuestionPage(None, problem=str(refusal), signed_in=False)
        return render(request, "surveys/question.html", {"page": page}, status=404)
    found = queries.question_of(person, invitation, now=now())
    via = next((str(each) for each in Letters if each == request.GET.get("from")), "link")
    page, status = gather.question(found, chosen=_score(request.GET.get("score", ""))), 200
    if request.method == "GET" and found is not None:
        actions.note_opened(invitation=invitation, via=via, now=now())
    if request.method == "POST":
        try:
            _do(request, person, invitation, via)
            page = QuestionPage(None, said=_GONE if "dismiss" in request.POST else _THANKS)
        except actions.AnswerRefused as refusal:
            page = gather.question(found, comment=request.POST.get("comment", ""), problem=str(refusal))
            status = 409
    return render(
        request, "surveys/question.html", {"page": replace(page, more=0, signed_in=False)}, status=status
    )


@require_POST
def my_letters(request: HttpRequest) -> HttpResponse:
    """Let the viewer choose whether letters bring questions."""
    viewer = _viewer(request)
    if request.POST.get("letters") == "yes":
        actions.resume_letters(actor=viewer)
    else:
        actions.stop_letters(actor=viewer, via="console", now=now())
    return HttpResponseRedirect(reverse("questions"))


@csrf_exempt  # mail programs post here by themselves (RFC 8058); the link proves whose letters these are
@require_http_methods(["GET", "POST"])
def letters_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """End letters about surveys by the link in one, or take that back; a GET only asks."""
    try:
        person = actions.whose_letters(token)
    except actions.AnswerRefused as refusal:
        return render(
            request, "surveys/letters.html", {"page": LettersPage(problem=str(refusal))}, status=404
        )
    said = ""
    if request.method == "POST" and identity.reached([person]):
        if request.POST.get("letters") == "yes":
            actions.resume_letters(actor=person)
            said = "Questions come by letter again."
        else:
            actions.stop_letters(actor=person, via="link", now=now())
            said = "No more letters with questions. Questions still wait on the page when you look."
    page = LettersPage(queries.wants_letters(person), said)
    return render(request, "surveys/letters.html", {"page": page})


def _do(request: HttpRequest, person: str, invitation: str, via: str) -> None:
    if "dismiss" in request.POST:
        return actions.dismiss(actor=person, invitation=invitation, via=via, now=now())
    return actions.answer(
        actor=person,
        invitation=invitation,
        score=_score(request.POST.get("score", "")),
        comment=request.POST.get("comment", ""),
        via=via,
        now=now(),
    )


def _score(said: str) -> int | None:
    return int(said) if said.isdecimal() and len(said) < 4 else None


def _viewer(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))
