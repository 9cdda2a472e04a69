"""The views of councils and RFCs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from companyos.platform.instance import now
from companyos.surfaces.console.roadmap import gather
from companyos.surfaces.console.roadmap.views import carried_out, status_of
from companyos.work.roadmap import actions
from companyos.work.roadmap.domain.types import Outcome, RfcState

Act = Callable[[], object]


@require_http_methods(["GET", "POST"])
def council(request: HttpRequest) -> HttpResponse:
    """Show the councils; convene one, record an absence, or decide a point."""
    viewer, refusal = _viewer(request), None
    if request.method == "POST":
        refusal = carried_out(_act_of_council(viewer, request.POST))
        if refusal is None:
            return HttpResponseRedirect(reverse("council"))
    page = gather.council(viewer, now(), problem=str(refusal or ""))
    return render(request, "roadmap/council.html", {"page": page}, status=status_of(refusal))


@require_http_methods(["GET", "POST"])
def rfcs(request: HttpRequest) -> HttpResponse:
    """Show the RFCs, or begin one."""
    problem, status = "", 200
    if request.method == "POST":
        said = request.POST
        try:
            made = actions.draft(
                actor=_viewer(request), title=said.get("title", ""), body=said.get("body", ""),
                feature=said.get("feature", "")[:50], now=now(),
            )  # fmt: skip
            return HttpResponseRedirect(reverse("rfc", args=[made]))
        except actions.Refused as refusal:
            problem, status = str(refusal), status_of(refusal)
    page = gather.rfcs(request.GET.get("q", "")[:200], now(), problem=problem)
    return render(request, "roadmap/rfcs.html", {"page": page}, status=status)


@require_http_methods(["GET", "POST"])
def rfc(request: HttpRequest, number: int) -> HttpResponse:
    """Show one RFC; comment, resolve, review, move or extend."""
    viewer, refusal = _viewer(request), None
    if request.method == "POST":
        refusal = carried_out(_act_of_rfc(viewer, number, request.POST))
        if refusal is None:
            return HttpResponseRedirect(reverse("rfc", args=[number]))
    page = gather.rfc(number, viewer, now(), problem=str(refusal or ""))
    if page is None:
        raise Http404(f"There is no RFC {number}.")
    return render(request, "roadmap/rfc.html", {"page": page}, status=status_of(refusal))


def _act_of_council(viewer: str, said: QueryDict) -> Act:
    month, because, at = said.get("month", ""), said.get("because", ""), now()
    match said.get("do", ""):
        case "convene":
            return lambda: actions.convene(actor=viewer, now=at)
        case "skip":
            team = said.get("team", "")
            return lambda: actions.skip(actor=viewer, month=month, team=team, because=because, now=at)
        case "decide" if said.get("outcome") in set(Outcome):
            key, outcome = said.get("key", ""), Outcome(said.get("outcome", ""))
            return lambda: actions.decide(
                actor=viewer, month=month, suggestion=key, outcome=outcome, because=because, now=at
            )
    return _nothing


def _act_of_rfc(viewer: str, number: int, said: QueryDict) -> Act:
    because, at = said.get("because", ""), now()
    match said.get("do", ""):
        case "comment":
            return lambda: actions.comment(
                actor=viewer, number=number, text=said.get("text", ""), line=_number(said, "line") or 0,
                blocking="blocking" in said, answers=_number(said, "answers"), now=at,
            )  # fmt: skip
        case "resolve":
            key = _number(said, "comment") or 0
            return lambda: actions.resolve(actor=viewer, comment_id=key, because=because, now=at)
        case "reviewer":
            return lambda: actions.ask_reviewer(
                actor=viewer, number=number, person=said.get("person", ""), now=at
            )
        case "approve":
            return lambda: actions.approve(actor=viewer, number=number, now=at)
        case "move" if said.get("to") in set(RfcState):
            to = RfcState(said.get("to", ""))
            return lambda: actions.move(actor=viewer, number=number, to=to, because=because, now=at)
        case "extend":
            until = _day(said.get("until", ""))
            return lambda: actions.extend(actor=viewer, number=number, until=until, because=because, now=at)
    return _nothing


def _nothing() -> object:
    raise actions.Refused("There is no such act. Nothing was changed.")


def _number(said: QueryDict, name: str) -> int | None:
    text = said.get(name, "")
    return int(text) if text.isdecimal() and len(text) < 10 else None


def _day(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return datetime.min.replace(tzinfo=UTC)  # refused as too early, in words


def _viewer(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))
