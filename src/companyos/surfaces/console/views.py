"""The console's views: each gathers one frozen page and shows it."""

from __future__ import annotations

from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from companyos.adoption.rollouts import actions
from companyos.adoption.rollouts import queries as rollouts
from companyos.adoption.rollouts.domain.types import Move
from companyos.adoption.rollouts.jobs import current_controller
from companyos.platform.instance import now
from companyos.surfaces.console import gather
from companyos.surfaces.console.telemetry.gather_alerts import needs

_MOVES = {move.value: move for move in (Move.START, Move.PAUSE, Move.RESUME, Move.ADVANCE, Move.ROLL_BACK)}
_FAST_TRACK = "roll_back_all"
_ASK_AGAIN = "ask-again"
_LIVE = "live"


@require_GET
def home(request: HttpRequest) -> HttpResponse:
    page = gather.home(_viewer(request), now())
    paged = needs(_viewer(request))
    return render(request, "console/home.html", {"page": replace(page, needs_you=(*paged, *page.needs_you))})


@require_GET
def tenant_map(request: HttpRequest) -> HttpResponse:
    return render(request, "console/tenants.html", {"page": gather.tenant_map(now())})


@require_GET
def tenant(request: HttpRequest, slug: str) -> HttpResponse:
    page = gather.tenant(slug, now())
    if page is None:
        raise Http404(f"There is no tenant {slug}.")
    return render(request, "console/tenant.html", {"page": page})


@require_GET
def all_rollouts(request: HttpRequest) -> HttpResponse:
    return render(request, "console/rollouts.html", {"page": gather.rollouts_page(now())})


@require_GET
def rollout(request: HttpRequest, plan: str) -> HttpResponse:
    """Show the board; a live page asks for its changing part alone."""
    board = rollouts.board(plan, viewer=_viewer(request), now=now())
    if board is None:
        raise Http404(f"There is no rollout {plan}.")
    fragment = request.headers.get("X-Fragment") == _LIVE
    return render(request, "rollouts/_live.html" if fragment else "rollouts/board.html", {"board": board})


@require_POST
def act(request: HttpRequest, plan: str, action: str) -> HttpResponse:
    """Carry out a person's move; a refusal says why and changes nothing."""
    if action not in {*_MOVES, _FAST_TRACK, _ASK_AGAIN} or rollouts.version_of(plan) is None:
        raise Http404("There is no such move.")
    version, reason = request.POST.get("version", ""), request.POST.get("reason", "")[:500]
    try:
        if action == _FAST_TRACK:
            current_controller().fast_track(actor=_viewer(request), plan=plan, reason=reason, now=now())
        elif action == _ASK_AGAIN:
            actions.ask_again(actor=_viewer(request), plan=plan, now=now())
        else:
            current_controller().person_moves(
                actor=_viewer(request),
                plan=plan,
                wanted=_MOVES[action],
                reason=reason,
                version=int(version) if version.isdigit() else -1,
                now=now(),
            )
    except actions.Asked as asked:
        return HttpResponseRedirect(reverse("request", args=[asked.request]))
    except actions.NotYours as refusal:
        return _error(request, 403, str(refusal))
    except actions.Refused as refusal:
        return _error(request, 409, str(refusal))
    return HttpResponseRedirect(reverse("rollout", args=[plan]))


@require_GET
def decision(request: HttpRequest, decision_id: str) -> HttpResponse:
    page = gather.decision(decision_id, now())
    if page is None:
        raise Http404("There is no such decision.")
    return render(request, "console/decision.html", {"page": page})


@require_GET
def evidence(request: HttpRequest, evidence_id: str) -> HttpResponse:
    page = gather.evidence(evidence_id, now())
    if page is None:
        raise Http404("There is no such evidence.")
    return render(request, "console/evidence.html", {"page": page})


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    told = str(exception) if exception.args and isinstance(exception.args[0], str) else ""
    return _error(request, 404, told)


def broken(request: HttpRequest) -> HttpResponse:
    return _error(request, 500, "")


def csrf_refused(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _error(request, 403, "The form was too old. Load the page again and send it once more.")


def _error(request: HttpRequest, status: int, problem: str) -> HttpResponse:
    return render(request, f"{status}.html", {"problem": problem}, status=status)


def _viewer(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))
