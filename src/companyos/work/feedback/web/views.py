"""The triage views: each gathers one frozen page, or carries out one act and says how it went."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from companyos.platform.instance import now
from companyos.work.feedback import actions
from companyos.work.feedback.web import gather, gather_model

_STATUS = {actions.NotYours: 403, actions.Unclear: 422}
_LONGEST_TITLE, _LONGEST_BODY = 200, 20_000


@require_GET
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for somebody's word; `?case=` chooses a report, `?show=` a part of the queue."""
    page = gather.queue_page(_viewer(request), _show(request), request.GET.get("case", ""), now())
    return render(request, "feedback/queue.html", {"page": page})


@require_GET
def similar(request: HttpRequest) -> HttpResponse:
    """Cases that read like what is being written, as a fragment for a form: top five of the viewer's tenants."""
    title = request.GET.get("title", "")[:_LONGEST_TITLE]
    body = request.GET.get("body", "")[:_LONGEST_BODY]
    found = gather.found_for(_viewer(request), title, body)
    return render(request, "feedback/_similar.html", {"found": found})


@require_POST
def accept(request: HttpRequest, case: UUID) -> HttpResponse:
    try:
        actions.accept(actor=_viewer(request), case=str(case), now=now())
    except actions.Refused as refusal:
        return _queue_again(request, str(case), refusal)
    return _on(request)


@require_POST
def correct(request: HttpRequest, case: UUID) -> HttpResponse:
    said = request.POST
    try:
        actions.correct(
            actor=_viewer(request),
            case=str(case),
            squad=said.get("squad", ""),
            case_type=said.get("type", ""),
            severity=said.get("severity", ""),
            because=said.get("because", ""),
            now=now(),
        )
    except actions.Refused as refusal:
        return _queue_again(request, str(case), refusal)
    return _on(request)


@require_GET
def model(request: HttpRequest) -> HttpResponse:
    """How triage does in use, its versions, and the training under way."""
    said = request.GET.get("days", "")
    days = int(said) if said in {str(each) for each in gather_model.DAYS} else gather_model.DAYS[1]
    page = gather_model.model_page(_viewer(request), days, now())
    return render(request, "feedback/model.html", {"page": page, "choices": gather_model.DAYS})


@require_POST
def train(request: HttpRequest) -> HttpResponse:
    because = request.POST.get("because", "").strip() or "asked for on the page"
    try:
        actions.ask_training(actor=_viewer(request), because=because, now=now())
    except actions.Refused as refusal:
        return _model_again(request, refusal)
    return HttpResponseRedirect(reverse("triage-model"))


@require_POST
def put_into_use(request: HttpRequest) -> HttpResponse:
    """Let another version answer, or the ownership rules (`version=rules`)."""
    version = request.POST.get("version", "")
    if not (version == "rules" or version.isdigit()):
        raise Http404("There is no such version.")
    try:
        actions.put_into_use(
            actor=_viewer(request),
            version=None if version == "rules" else int(version),
            because=request.POST.get("because", ""),
            now=now(),
        )
    except actions.Refused as refusal:
        return _model_again(request, refusal)
    return HttpResponseRedirect(reverse("triage-model"))


def _on(request: HttpRequest) -> HttpResponse:
    """On to the next report of the same part of the queue."""
    return HttpResponseRedirect(f"{reverse('triage')}?show={_show(request)}")


def _queue_again(request: HttpRequest, case: str, refusal: actions.Refused) -> HttpResponse:
    if isinstance(refusal, actions.NoSuchReport):
        raise Http404(str(refusal)) from None
    page = gather.queue_page(_viewer(request), _show(request), case, now(), problem=str(refusal))
    return render(request, "feedback/queue.html", {"page": page}, status=_STATUS.get(type(refusal), 409))


def _model_again(request: HttpRequest, refusal: actions.Refused) -> HttpResponse:
    days = gather_model.DAYS[1]
    page = gather_model.model_page(_viewer(request), days, now(), problem=str(refusal))
    context = {"page": page, "choices": gather_model.DAYS}
    return render(request, "feedback/model.html", context, status=_STATUS.get(type(refusal), 409))


def _show(request: HttpRequest) -> str:
    said = request.POST.get("show", "") or request.GET.get("show", "")
    return said if said in gather.SHOWS else ""


def _viewer(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))
