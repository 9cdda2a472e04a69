"""Connecting a repository, looking at how it goes, and the address that a tracker sends its messages to."""

from __future__ import annotations

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST

from companyos.platform.instance import now
from companyos.work.trackers import actions
from companyos.work.trackers.web import gather

_MOST_BYTES = 1024 * 1024
_GONE = "There is no such connection that you may see."


@require_http_methods(["GET", "POST"])
def trackers(request: HttpRequest) -> HttpResponse:
    """Show what is connected, or connect another repository."""
    viewer, said = _viewer(request), request.POST
    if request.method == "GET":
        return render(request, "trackers/list.html", {"page": gather.list_page(viewer, now())})
    try:
        made = actions.connect(
            actor=viewer,
            account_name=said.get("account", ""),
            repository=said.get("repository", "").strip()[:200],
            tenant=said.get("tenant", ""),
            squad=said.get("squad", ""),
            takes_issues="takes" in said,
            now=now(),
        )
    except actions.Refused as refusal:
        page = gather.list_page(
            viewer, now(), problem=str(refusal), repository=said.get("repository", "")[:200]
        )
        return render(request, "trackers/list.html", {"page": page}, status=_status(refusal))
    return HttpResponseRedirect(reverse("tracker", args=[made]))


@require_http_methods(["GET", "POST"])
def tracker(request: HttpRequest, connection: UUID) -> HttpResponse:
    """Show one connection; try an issue again, or disconnect."""
    viewer, number, problem, status = _viewer(request), str(connection), "", 200
    if request.method == "POST":
        try:
            return _act(request, viewer, number)
        except actions.Refused as refusal:
            problem, status = str(refusal), _status(refusal)
    page = gather.one_page(viewer, number, now(), problem=problem)
    if page is None:
        raise Http404(_GONE)
    return render(request, "trackers/one.html", {"page": page}, status=status)


@csrf_exempt  # the tracker's signature proves who speaks; no cookie is read
@require_POST
def hook(request: HttpRequest, connection: UUID) -> HttpResponse:
    """Take a message from a tracker."""
    if int(request.headers.get("Content-Length") or 0) > _MOST_BYTES:
        return JsonResponse({"error": "A message has 1 MiB at most."}, status=413)
    try:
        outcome = actions.receive(
            connection=str(connection), headers=dict(request.headers), body=request.body, now=now()
        )
    except actions.NoSuchConnection as refusal:
        return JsonResponse({"error": str(refusal)}, status=404)
    except actions.NotSigned as refusal:
        return JsonResponse({"error": str(refusal)}, status=401)
    except actions.Unreadable as refusal:
        return JsonResponse({"error": str(refusal)}, status=400)
    return JsonResponse({"outcome": outcome})


def _act(request: HttpRequest, viewer: str, number: str) -> HttpResponse:
    if "disconnect" in request.POST:
        actions.disconnect(actor=viewer, connection=number, now=now())
        return HttpResponseRedirect(reverse("trackers"))
    issue = request.POST.get("again", "")
    actions.try_again(
        actor=viewer, issue=int(issue) if issue.isdecimal() and len(issue) < 18 else 0, now=now()
    )
    return HttpResponseRedirect(reverse("tracker", args=[number]))


def _status(refusal: actions.Refused) -> int:
    return 403 if isinstance(refusal, actions.NotYours) else 409


def _viewer(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))
