"""Signing in: a one-time link in local mode, a session afterwards. Every page but this one needs it."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_POST

from companyos.people.identity import actions, queries
from companyos.platform.instance import now

_OPEN = (
    "/sign-in",
    "/api/",
    "/static/",
    "/metrics",
    "/answer/",
    "/question/",
    "/way-back/link/",
    "/hooks/",
    "/sessions/calendar.ics",
)  # the last six ask for a key or link themselves


def signed_in_person(
    get_response: Callable[[HttpRequest], HttpResponse],
) -> Callable[[HttpRequest], HttpResponse]:
    """Let only signed-in people past; put their slug on the request as `viewer`."""

    def middleware(request: HttpRequest) -> HttpResponse:
        request.viewer = request.session.get("person", "")  # type: ignore[attr-defined]
        if not request.viewer and not request.path.startswith(_OPEN):  # type: ignore[attr-defined]
            return HttpResponseRedirect("/sign-in")
        return get_response(request)

    return middleware


@require_GET
def ask(request: HttpRequest) -> HttpResponse:
    return render(request, "console/sign_in.html", {"refusal": ""})


@require_GET
def follow_link(request: HttpRequest, token: str) -> HttpResponse:
    """Use a one-time link up and start a fresh session."""
    try:
        person = actions.use_sign_in_link(token=token, now=now())
    except actions.LinkRefused as refusal:
        return render(request, "console/sign_in.html", {"refusal": str(refusal)}, status=410)
    request.session.flush()
    request.session["person"] = person.slug
    request.session["name"] = queries.name_of(person.slug)
    return HttpResponseRedirect("/")


@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    request.session.flush()
    return HttpResponseRedirect("/sign-in")
