"""The news of a person, and what was announced to whom."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from companyos.change.comms import actions
from companyos.change.comms.domain.types import Size
from companyos.change.comms.web import gather
from companyos.platform.instance import now

_STATUS = {actions.NoSuch: 404, actions.NotYours: 403}


@require_http_methods(["GET", "POST"])
def news(request: HttpRequest) -> HttpResponse:
    """Show what the viewer was told; a post keeps that all of it was seen, but for what waits for a word."""
    if request.method == "POST":
        actions.open_all(actor=viewer_of(request), now=now())
        return HttpResponseRedirect(reverse("news"))
    page = gather.news_page(viewer_of(request), now())
    fragment = request.headers.get("X-Fragment") == "live"
    return render(request, "comms/_news.html" if fragment else "comms/news.html", {"page": page})


@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, notice: UUID) -> HttpResponse:
    """Show one notice whole, which keeps that its reader has opened it; a post is their word that they know."""
    viewer = viewer_of(request)
    if request.method == "POST":
        try:
            actions.acknowledge(actor=viewer, notice=str(notice), now=now())
        except actions.NoSuch as refusal:
            raise Http404(str(refusal)) from None
        return HttpResponseRedirect(reverse("news-one", args=[notice]))
    actions.open_one(actor=viewer, notice=str(notice), now=now())
    page = gather.one_news_page(viewer, str(notice), now())
    if page is None:
        return HttpResponseRedirect(reverse("announcement", args=[notice]))
    return render(request, "comms/one.html", {"page": page})


@require_http_methods(["GET", "POST"])
def announcements(request: HttpRequest) -> HttpResponse:
    """Show everything announced and how far it reached; a post announces something by hand."""
    viewer, said = viewer_of(request), request.POST
    if request.method == "GET":
        return render(request, "comms/announcements.html", {"page": gather.announcements_page(viewer, now())})
    try:
        made = actions.announce(
            actor=viewer, title=said.get("title", ""), words=said.get("words", ""),
            tenants=said.getlist("tenants"), teams=said.getlist("teams"), feature=said.get("feature", ""),
            changes_at=moment_of(said.get("changes_at", "")), needs_ack="needs_ack" in said,
            size=Size.MAJOR if "major" in said else Size.MINOR, now=now(),
        )  # fmt: skip
    except actions.Refused as refusal:
        page = gather.announcements_page(
            viewer, now(), filled={name: str(value) for name, value in said.items()},
            chosen=frozenset([*said.getlist("tenants"), *said.getlist("teams")]), problem=str(refusal),
        )  # fmt: skip
        return render(request, "comms/announcements.html", {"page": page}, status=status_of(refusal))
    return HttpResponseRedirect(reverse("announcement", args=[made]))


@require_GET
def announcement(request: HttpRequest, notice: UUID) -> HttpResponse:
    """Show one announcement and how far it reached."""
    page = gather.announcement_page(viewer_of(request), str(notice), now())
    if page is None:
        raise Http404("There is no such announcement.")
    return render(request, "comms/announcement.html", {"page": page})


def viewer_of(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))


def status_of(refusal: actions.Refused) -> int:
    return _STATUS.get(type(refusal), 409)


def moment_of(text: str) -> datetime | None:
    """Read a moment of a form as UTC; empty is none. Raises Refused."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise actions.Refused("Write the moment as a date and a time, in UTC: 2026-03-09 09:00.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
