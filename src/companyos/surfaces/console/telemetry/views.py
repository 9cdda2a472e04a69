"""Telemetry's views: each gathers one frozen page, shows it, or hands out one of its tables."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST
from ruamel.yaml import YAML

from companyos.adoption.features import queries as features
from companyos.adoption.telemetry import actions
from companyos.adoption.telemetry.operating_evidence import take_baseline
from companyos.adoption.telemetry.queries import alerts, definitions
from companyos.analytics.limits import EngineError
from companyos.platform.instance import instance, now
from companyos.surfaces.console.telemetry import (
    funnel_form,
    gather,
    gather_alerts,
    gather_company,
    gather_funnel,
    gather_kept,
)
from companyos.surfaces.console.telemetry.sheets import exported

SILENCES = {"1": "1 hour", "4": "4 hours", "24": "1 day", "72": "3 days", "0": "end the silence now"}


_BACK = {"/alerts": "Go back to Alerts.", "/telemetry/kept": "Go back to what is kept."}
_View = Callable[..., HttpResponse]
_STILL_WORKS = (
    "Events are still taken in, flags answer, and guardrails read the log: nothing of that needs the engine."
)


def _asks_the_engine(view: _View) -> _View:
    """Say it in words when the event engine is away, or a question costs more than a page may."""

    @wraps(view)
    def asked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except EngineError as error:
            follow = "Choose a shorter window, or try again in a minute."
            return _refused(request, 503, "The figures cannot be read now", str(error), _STILL_WORKS, follow)

    return asked


@require_GET
@_asks_the_engine
def home(request: HttpRequest) -> HttpResponse:
    return _shown(request, "telemetry/home.html", gather_company.home(_asked(request), now()))


@require_GET
@_asks_the_engine
def feature(request: HttpRequest, slug: str) -> HttpResponse:
    return _shown(request, "telemetry/feature.html", gather.feature(slug, _asked(request), now()))


@require_GET
@_asks_the_engine
def funnel(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer a funnel that the address asks for; 400 with the form and what is wrong when it cannot be asked."""
    form = funnel_form.read(request.GET.getlist)
    page = gather_funnel.funnel(slug, _asked(request), form, now())
    if form.problems and request.GET.get("table"):
        told = " ".join(each.says for each in form.problems)
        return HttpResponse(
            f"Nothing was asked. {told}\n", status=400, content_type="text/plain; charset=utf-8"
        )
    answer = _shown(request, "telemetry/funnel.html", page)
    answer.status_code = 400 if form.problems else 200
    return answer


@require_GET
@_asks_the_engine
def metric(request: HttpRequest, slug: str) -> HttpResponse:
    return _shown(request, "telemetry/metric.html", gather_company.metric(slug, _asked(request), now()))


@require_GET
@_asks_the_engine
def catalogue(request: HttpRequest) -> HttpResponse:
    return _shown(request, "telemetry/catalogue.html", gather_company.catalogue_page(now()))


@require_GET
def all_alerts(request: HttpRequest) -> HttpResponse:
    page = gather_alerts.page(_viewer(request), now())
    return _shown(request, "telemetry/alerts.html", page, silences=SILENCES)


@require_GET
def kept(request: HttpRequest) -> HttpResponse:
    return _shown(request, "telemetry/kept.html", gather_kept.page(_viewer(request), now()))


@require_POST
def erase(request: HttpRequest) -> HttpResponse:
    """Ask that a person's data be taken out; the upkeep does it."""
    return _done(
        request,
        lambda: actions.ask_for_erasure(
            actor=_viewer(request),
            subject=request.POST.get("subject", "")[:201],
            because=request.POST.get("because", "")[:500],
            owners=gather_kept.owners(),
            now=now(),
        ),
        "/telemetry/kept",
    )


@require_GET
def slos(request: HttpRequest) -> HttpResponse:
    """Hand out the objectives as the OpenSLO documents they were read from."""
    told, yaml = io.StringIO(), YAML()
    yaml.explicit_start = True
    yaml.dump_all(definitions.openslo_documents(), told)
    answer = HttpResponse(told.getvalue(), content_type="application/yaml; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="slos.yaml"'
    return answer


@require_POST
@_asks_the_engine
def measure_baseline(request: HttpRequest, slug: str) -> HttpResponse:
    """Measure the old path now, and keep it."""
    if features.feature(slug) is None:
        raise Http404(f"There is no feature {slug}.")
    here = now()
    take_baseline(
        actor=_viewer(request), feature=slug, stage="", until=here, zone=instance().calendar.zone, now=here
    )
    return HttpResponseRedirect(f"/telemetry/{slug}#baseline")


@require_POST
def acknowledge(request: HttpRequest, alert_id: str) -> HttpResponse:
    row = alerts.alert(alert_id)
    route = definitions.routes().get(row.route) if row else None
    if row is None or route is None:
        raise Http404("There is no such alert.")
    note = request.POST.get("note", "")[:500]
    return _done(
        request,
        lambda: actions.acknowledge(
            actor=_viewer(request), alert=str(alert_id), route=route, note=note, now=now()
        ),
    )


@require_POST
def test_page(request: HttpRequest, slug: str) -> HttpResponse:
    route = definitions.routes().get(slug)
    if route is None:
        raise Http404("There is no such route.")
    return _done(request, lambda: actions.send_test_page(actor=_viewer(request), route=route, now=now()))


@require_POST
def silence(request: HttpRequest, name: str) -> HttpResponse:
    slo = next((each for each in definitions.objectives() if each.name == name), None)
    route = definitions.route_of(slo) if slo else None
    hours = request.POST.get("hours", "")
    if slo is None or route is None or hours not in SILENCES:
        raise Http404("There is no such objective, or no such length of a silence.")
    here = now()
    return _done(
        request,
        lambda: actions.silence(
            actor=_viewer(request),
            slo=slo.name,
            route=route,
            because=request.POST.get("because", "")[:500],
            until=here + timedelta(hours=int(hours)),
            now=here,
        ),
    )


def _done(request: HttpRequest, act: Callable[[], Any], then: str = "/alerts") -> HttpResponse:
    try:
        act()
    except actions.Refused as refusal:
        status = 403 if isinstance(refusal, actions.NotYours) else 409
        return _refused(
            request, status, "That was not done", str(refusal), "Nothing was changed.", _BACK[then]
        )
    return HttpResponseRedirect(then)


def _refused(
    request: HttpRequest, status: int, name: str, problem: str, works: str, following: str
) -> HttpResponse:
    told = {"code": status, "name": name, "problem": problem, "works": works, "next": following}
    return render(request, "telemetry/refused.html", told, status=status)


def _shown(request: HttpRequest, template: str, page: Any, **more: Any) -> HttpResponse:
    if page is None:
        raise Http404("There is nothing of that name.")
    if table := request.GET.get("table"):
        answer = exported(page.sheets, table, request.GET.get("as", "csv"))
        if answer is None:
            names = ", ".join(each.name for each in page.sheets)
            raise Http404(f"This page has no such table. It has {names}, each as csv and json.")
        return answer
    return render(request, template, {"page": page, "address": _address(request), **more})


def _address(request: HttpRequest) -> str:
    """Return the query of the page's filters, to which a table's name is added."""
    kept = request.GET.copy()
    for name in ("table", "as"):
        kept.pop(name, None)
    return f"{kept.urlencode()}&" if kept else ""


def _asked(request: HttpRequest) -> dict[str, str]:
    return {name: str(value) for name, value in request.GET.items()}


def _viewer(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))
