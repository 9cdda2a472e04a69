"""The rollouts views: what a plan can learn before it starts, and what is to be mended after a rollback."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from companyos.adoption.rollouts import queries
from companyos.adoption.rollouts.web import forms
from companyos.adoption.rollouts.web.pages import PlanPage
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
