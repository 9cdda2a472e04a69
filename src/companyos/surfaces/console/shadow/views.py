"""The views of shadow runs: each gathers one frozen page, or says what a difference is."""

from __future__ import annotations

from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from companyos.adoption.features import queries as features
from companyos.adoption.shadow import actions, queries
from companyos.adoption.shadow.domain.types import MarkKind
from companyos.analytics.limits import EngineError
from companyos.platform.instance import now
from companyos.surfaces.console.shadow import gather

_WORKS = "Paths go on answering and comparing, and events are taken in: nothing of that needs this page."
_LONGEST = 500


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    try:
        return render(request, "shadow/home.html", {"page": gather.home(now())})
    except EngineError as error:
        return _refused(request, 503, str(error), _WORKS)


@require_GET
def explorer(request: HttpRequest, feature: str) -> HttpResponse:
    said = request.GET.get("days", "")
    days = int(said) if said in {str(each) for each in gather.DAYS} else gather.DAYS[1]
    try:
        page = gather.explorer(feature, request.GET.get("workflow", ""), days, _viewer(request), now())
    except EngineError as error:
        return _refused(request, 503, str(error), _WORKS)
    if page is None:
        raise Http404(f"There is no feature {feature}.")
    return render(request, "shadow/feature.html", {"page": page, "choices": gather.DAYS})


@require_POST
def mark(request: HttpRequest, feature: str) -> HttpResponse:
    """Say what a class of differences is, or open a case for it."""
    row = features.feature(feature)
    if row is None:
        raise Http404(f"There is no feature {feature}.")
    said = request.POST
    asked = {
        "actor": _viewer(request),
        "owners": queries.owners_of(row.owner, row.lead_team),
        "feature": feature,
        "workflow": said.get("workflow", "")[:200],
        "signature": said.get("signature", "")[:64],
        "because": said.get("because", "")[:_LONGEST],
        "now": now(),
    }
    try:
        if said.get("kind") == "case":
            actions.open_case(**asked)  # type: ignore[arg-type]
        else:
            days = int(said["days"]) if said.get("days", "").isdigit() else 7
            until = now() + timedelta(days=min(days, 31))
            actions.mark(**asked, kind=MarkKind(said.get("kind", "")), until=until)  # type: ignore[arg-type]
    except actions.Refused as refusal:
        status = 403 if isinstance(refusal, actions.NotYours) else 409
        return _refused(request, status, str(refusal), "Nothing was changed.")
    except (ValueError, EngineError) as problem:
        return _refused(request, 400, f"That cannot be read: {problem}", "Nothing was changed.")
    return HttpResponseRedirect(f"{reverse('shadow-feature', args=[feature])}#{asked['signature']}")


def _refused(request: HttpRequest, status: int, problem: str, works: str) -> HttpResponse:
    name = "That was not done" if status != 503 else "The figures cannot be read now"
    told = {
        "code": status,
        "name": name,
        "problem": problem,
        "works": works,
        "next": "Go back and try again.",
    }
    return render(request, "telemetry/refused.html", told, status=status)


def _viewer(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))
