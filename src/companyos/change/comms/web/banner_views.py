"""Banners: those there are, making one, ending one, and a person's answer to theirs."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from companyos.change.comms.actions import Refused
from companyos.change.comms.actions import banners as actions
from companyos.change.comms.domain.banners import Audience, Severity
from companyos.change.comms.domain.drafts import USUAL_PRIORITY, Draft
from companyos.change.comms.web import banner_gather as gather
from companyos.change.comms.web.views import moment_of, status_of, viewer_of
from companyos.platform.instance import now

_GONE = '<p class="banner__gone" tabindex="-1" autofocus>{}</p>'


@require_GET
def banners(request: HttpRequest) -> HttpResponse:
    """Show the banners in force, to come and ended, and which get in each other's way."""
    return render(request, "comms/banners.html", {"page": gather.banners_page(viewer_of(request), now())})


@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Make a banner; it is looked at first, or at once made."""
    viewer, said = viewer_of(request), request.POST
    if request.method == "GET":
        asked = {name: request.GET[name] for name in ("notice", "title") if name in request.GET}
        page = gather.new_banner_page(viewer, now(), filled=asked)
        return render(request, "comms/banner_new.html", {"page": page})
    filled = {name: str(value) for name, value in said.items()}
    whom = Audience(*(tuple(said.getlist(each)) for each in ("tenants", "teams", "departments")))
    try:
        draft = _draft(request, whom)
        if said.get("act") == "make":
            made = actions.make(actor=viewer, draft=draft, now=now())
            return HttpResponseRedirect(reverse("banner", args=[made]))
        draft, people = actions.checked(actor=viewer, draft=draft, now=now())
        preview = gather.preview_of(draft, people, now())
        page = gather.new_banner_page(viewer, now(), filled=filled, audience=whom, preview=preview)
        return render(request, "comms/banner_new.html", {"page": page})
    except Refused as refusal:
        page = gather.new_banner_page(viewer, now(), filled=filled, audience=whom, problem=str(refusal))
        return render(request, "comms/banner_new.html", {"page": page}, status=status_of(refusal))


@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, banner: UUID) -> HttpResponse:
    """Show one banner and what became of it; a post ends it early, with a reason."""
    viewer, problem, because, status = viewer_of(request), "", request.POST.get("because", ""), 200
    if request.method == "POST":
        try:
            actions.end(actor=viewer, banner=str(banner), because=because, now=now())
            return HttpResponseRedirect(reverse("banner", args=[banner]))
        except Refused as refusal:
            problem, status = str(refusal), status_of(refusal)
    page = gather.banner_page(viewer, str(banner), now(), problem=problem, because=because)
    if page is None:
        raise Http404("There is no such banner.")
    return render(request, "comms/banner.html", {"page": page}, status=status)


@require_POST
def dismiss(request: HttpRequest, banner: UUID) -> HttpResponse:
    """Keep that the viewer does not want to see a banner again, and go on where they were."""
    return _answered(request, banner, actions.dismiss, "Dismissed.")


@require_POST
def acknowledge(request: HttpRequest, banner: UUID) -> HttpResponse:
    """Keep the viewer's word that they know, and go on where they were."""
    return _answered(request, banner, actions.acknowledge, "You said that you know.")


class _Answer(Protocol):
    def __call__(self, *, actor: str, banner: str, now: datetime) -> None: ...


def _answered(request: HttpRequest, banner: UUID, answer: _Answer, says: str) -> HttpResponse:
    """Carry an answer out; a page with htmx loses its banner alone, and keeps what is being written on it."""
    in_place = "HX-Request" in request.headers
    try:
        answer(actor=viewer_of(request), banner=str(banner), now=now())
    except Refused as refusal:
        if in_place:
            return HttpResponse(status=status_of(refusal), headers={"HX-Refresh": "true"})
        return render(
            request, f"{status_of(refusal)}.html", {"problem": str(refusal)}, status=status_of(refusal)
        )
    return HttpResponse(format_html(_GONE, says)) if in_place else HttpResponseRedirect(_back(request))


def _back(request: HttpRequest) -> str:
    """Return the page that the banner was on, if it is one of ours."""
    wanted = request.POST.get("next", "")
    ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if ours else reverse("home")


def _draft(request: HttpRequest, whom: Audience) -> Draft:
    """Read a banner from the form. Raises Refused."""
    said = request.POST
    ends_at = moment_of(said.get("ends_at", ""))
    if ends_at is None:
        raise Refused("Say when it ends: at most 60 days after it starts.")
    severity, priority, way = said.get("severity", ""), said.get("priority", ""), said.get("way", "dismiss")
    return Draft(
        title=said.get("title", ""),
        words=said.get("words", ""),
        ends_at=ends_at,
        severity=Severity(severity) if severity in set(Severity) else Severity.INFO,
        audience=whom,
        notice=said.get("notice", ""),
        link=said.get("link", ""),
        link_words=said.get("link_words", ""),
        starts_at=moment_of(said.get("starts_at", "")),
        dismissible=way == "dismiss",
        needs_ack=way == "acknowledge",
        priority=int(priority) if priority.isdecimal() else 0 if priority else USUAL_PRIORITY,
    )
