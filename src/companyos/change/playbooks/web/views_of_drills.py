"""A drill: run it step after step, end it, and say what it has shown."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from companyos.change.playbooks import actions
from companyos.change.playbooks.web import forms, gather
from companyos.change.playbooks.web.views import status_of, viewer_of
from companyos.platform.instance import now


@require_GET
def drill(request: HttpRequest, drill: UUID) -> HttpResponse:
    """Show a drill: the step that is next while it runs, what came of it afterwards."""
    return _page(request, drill)


@require_POST
def tick(request: HttpRequest, drill: UUID) -> HttpResponse:
    """Keep that a step is done and whether its check held."""
    said = request.POST

    def act() -> None:
        actions.tick_step(
            actor=viewer_of(request), drill=str(drill), step=forms.whole(said.get("step", "")) or 0,
            holds=said.get("holds") == "yes", evidence=said.get("evidence", ""), link=said.get("link", "").strip(),
            now=now(),
        )  # fmt: skip

    return _done(request, drill, act)


@require_POST
def end(request: HttpRequest, drill: UUID) -> HttpResponse:
    """End a drill, or break it off."""
    said = request.POST

    def act() -> None:
        broken_off = said.get("abandoned", "") if "break-off" in said else ""
        if "break-off" in said and not broken_off.strip():
            raise actions.Refused("Say why it is broken off.")
        actions.end_drill(
            actor=viewer_of(request), drill=str(drill), lost_minutes=forms.minutes(said.get("lost_minutes", "")),
            abandoned=broken_off, now=now(),
        )  # fmt: skip

    return _done(request, drill, act)


@require_POST
def finding(request: HttpRequest, drill: UUID) -> HttpResponse:
    """Keep what a drill has shown, and open a case for it."""
    said = request.POST

    def act() -> None:
        actions.add_finding(
            actor=viewer_of(request), drill=str(drill), says=said.get("says", ""), owner=said.get("owner", ""),
            due_on=forms.day_of(said.get("due_on", "")), now=now(),
        )  # fmt: skip

    return _done(request, drill, act)


def _done(request: HttpRequest, drill: UUID, act: Callable[[], None]) -> HttpResponse:
    try:
        act()
    except actions.Refused as refusal:
        return _page(request, drill, refusal)
    return HttpResponseRedirect(reverse("drill", args=[drill]))


def _page(request: HttpRequest, drill: UUID, refusal: actions.Refused | None = None) -> HttpResponse:
    filled = {name: str(value) for name, value in request.POST.items()}
    problem = str(refusal) if refusal else ""
    page = gather.drill_page(viewer_of(request), str(drill), now(), filled=filled, problem=problem)
    if page is None:
        raise Http404("There is no such drill.")
    status = status_of(refusal) if refusal else 200
    return render(request, "playbooks/drill.html", {"page": page}, status=status)
