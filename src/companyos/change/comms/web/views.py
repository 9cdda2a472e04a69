"""The news of a person, and what was announced to whom."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from companyos.change.comms import actions
from companyos.change.comms.domain.types import Size
from companyos.change.comms.web import gather
from companyos.platform.instance import instance, now

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
        made = _announced(viewer, said)
    except actions.Refused as refusal:
        page = gather.announcements_page(
            viewer, now(), filled={name: str(value) for name, value in said.items()},
            chosen=frozenset([*said.getlist("tenants"), *said.getlist("teams")]), problem=str(refusal),
        )  # fmt: skip
        return render(request, "comms/announcements.html", {"page": page}, status=status_of(refusal))
    return HttpResponseRedirect(reverse("announcement", args=[made]))


@require_http_methods(["GET", "POST"])
def announcement(request: HttpRequest, notice: UUID) -> HttpResponse:
    """Show one announcement and how far it reached; a post says how a migration went."""
    viewer, problem, status = viewer_of(request), "", 200
    if request.method == "POST":
        try:
            actions.say_how_it_went(
                actor=viewer, notice=str(notice), went=request.POST.get("went", ""),
                because=request.POST.get("because", ""), calendar=instance().calendar, now=now(),
            )  # fmt: skip
        except actions.Refused as refusal:
            problem, status = str(refusal), status_of(refusal)
        else:
            return HttpResponseRedirect(reverse("announcement", args=[notice]))
    page = gather.announcement_page(viewer, str(notice), now(), problem)
    if page is None:
        raise Http404("There is no such announcement.")
    return render(request, "comms/announcement.html", {"page": page}, status=status)


def viewer_of(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))


def status_of(refusal: actions.Refused) -> int:
    return _STATUS.get(type(refusal), 409)


def _announced(viewer: str, said: QueryDict) -> str:
    """Announce what a form says: with a way back it is a migration. Raises Refused."""
    changes_at = moment_of(said.get("changes_at", ""))
    told: dict[str, Any] = {
        "actor": viewer, "title": said.get("title", ""), "words": said.get("words", ""),
        "tenants": said.getlist("tenants"), "teams": said.getlist("teams"), "feature": said.get("feature", ""),
        "needs_ack": "needs_ack" in said, "size": Size.MAJOR if "major" in said else Size.MINOR, "now": now(),
    }  # fmt: skip
    way_back = said.get("way_back", "").strip()
    if not way_back:
        return actions.announce(**told, changes_at=changes_at)
    if changes_at is None:
        raise actions.Refused("Say when the migration happens.")
    return actions.announce_migration(
        **told, changes_at=changes_at, way_back=way_back, calendar=instance().calendar
    )


def moment_of(text: str) -> datetime | None:
    """Read a moment of a form as UTC; empty is none. Raises Refused."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise actions.Refused("Write the moment as a date and a time, in UTC: 2026-03-09 09:00.") from None
    return found if found.tzinfo else found.replace(tzinfo=UTC)
