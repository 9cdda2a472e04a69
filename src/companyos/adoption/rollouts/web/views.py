"""The rollouts views: what a plan can learn before it starts, practice, and what is to be mended after a rollback."""

from __future__ import annotations

import secrets
import time
from dataclasses import replace

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from companyos.adoption.rollouts import queries
from companyos.adoption.rollouts.domain.plan import Plan
from companyos.adoption.rollouts.foretelling import practice as practised
from companyos.adoption.rollouts.foretelling.lessons import Play, why_not
from companyos.adoption.rollouts.queries.practice import played_company, work_lately
from companyos.adoption.rollouts.web import forms
from companyos.adoption.rollouts.web.forms import GameTicket
from companyos.adoption.rollouts.web.pages import PlanPage, PracticePage
from companyos.platform.instance import now


@require_GET
def plan(request: HttpRequest, plan: str) -> HttpResponse:
    """Show the chance of a verdict of every gate; the form asks the same of another company."""
    told, problem = forms.told(request.GET)
    found = queries.plan_check(plan, now=now(), told=told)
    if found is None:
        raise Http404(f"There is no rollout {plan}.")
    page = PlanPage(plan, found[0], found[1], problem, now())
    return render(request, "rollouts/plan.html", {"page": page}, status=422 if problem else 200)


@require_GET
def fix_list(request: HttpRequest, plan: str) -> HttpResponse:
    page = queries.fix_list(plan, now=now())
    if page is None:
        raise Http404(f"The rollout {plan} was never taken back, so there is nothing to mend.")
    return render(request, "rollouts/fix_list.html", {"page": page})


@require_GET
def practice(request: HttpRequest, plan: str) -> HttpResponse:
    """Show the stages that can be played, or a game as it stands (R45). Nothing real is touched or kept."""
    document = _plan_of(plan)
    text = request.GET.get("game", "")
    ticket = forms.ticket(text, plan) if text else None
    problem = "" if ticket or not text else "This game cannot be read; begin another."
    return _practice_page(request, document, ticket, problem, status=422 if problem else 200)


@require_POST
def practise(request: HttpRequest, plan: str) -> HttpResponse:
    """Begin a game, or make a move in it."""
    document = _plan_of(plan)
    text = request.POST.get("game", "")
    if not text:
        return _begun(request, document)
    ticket, wanted = forms.ticket(text, plan), request.POST.get("play", "")
    if ticket is None or wanted not in set(Play):
        return _practice_page(request, document, ticket, "That was no move of this game.", status=422)
    if ticket.ended:
        return _practice_page(request, document, ticket, "This game is over; begin another.", status=409)
    refused = why_not(Play(wanted), len(ticket.plays) + 1)
    if refused:
        return _practice_page(request, document, ticket, f"Not yet: {refused}.", status=409)
    moved = replace(ticket, plays=(*ticket.plays, Play(wanted)))
    over = _game(document, moved).over
    return _to(replace(moved, ended=time.time()) if over else moved)


def _begun(request: HttpRequest, document: Plan) -> HttpResponse:
    tasks_a_day, error_rate = work_lately(document.slug, now=now())
    stages = {document.stages[index].slug: index for index in _playable(document)}
    stage = stages.get(request.POST.get("stage", ""))
    if stage is None:
        return _practice_page(request, document, None, "Choose one of the stages.", status=422)
    seed = secrets.randbelow(1_000_000)
    return _to(GameTicket(document.slug, stage, seed, tasks_a_day, error_rate, time.time()))


def _to(ticket: GameTicket) -> HttpResponse:
    return HttpResponseRedirect(f"{reverse('rollout-practice', args=[ticket.plan])}?game={ticket.signed}")


def _plan_of(plan: str) -> Plan:
    document = queries.plan_of(plan)
    if document is None:
        raise Http404(f"There is no rollout {plan}.")
    return document


def _playable(document: Plan) -> tuple[int, ...]:
    return practised.stages_to_play(document, played_company(document, tasks_a_day=1, error_rate=0.01).teams)


def _game(document: Plan, ticket: GameTicket) -> practised.Game:
    ground = played_company(document, tasks_a_day=ticket.tasks_a_day, error_rate=ticket.error_rate)
    return practised.play(document, ground, ticket.stage, ticket.seed, ticket.plays)


def _practice_page(
    request: HttpRequest, document: Plan, ticket: GameTicket | None, problem: str, *, status: int
) -> HttpResponse:
    stages = tuple((document.stages[i].slug, document.stages[i].title) for i in _playable(document))
    game = _game(document, ticket) if ticket else None
    debrief = None
    if ticket and game and game.over:
        ground = played_company(document, tasks_a_day=ticket.tasks_a_day, error_rate=ticket.error_rate)
        seconds = (ticket.ended or ticket.began) - ticket.began
        debrief = practised.debrief(
            document, ground, ticket.stage, ticket.seed, ticket.plays, seconds=seconds
        )
    page = PracticePage(
        document.slug, document.title, stages, game, ticket.signed if ticket else "", debrief, problem
    )
    return render(request, "rollouts/practice.html", {"page": page}, status=status)
