"""The lists of cases: the inbox and its filters, what the viewer reported, importing, a squad's calendar."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.platform.instance import now
from companyos.work.cases import actions, queries
from companyos.work.cases.actions.importing import MOST_BYTES
from companyos.work.cases.web import gather
from companyos.work.cases.web.pages import CalendarPage, Choice
from companyos.work.cases.web.said import status_of, viewer_of

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """The cases that the viewer may read, soonest due first."""
    page = gather.inbox_page(viewer_of(request), gather.asked_in(request.GET), now())
    fragment = request.headers.get("X-Fragment") == "live"
    return render(request, "cases/_inbox.html" if fragment else "cases/inbox.html", {"page": page})


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    """What the viewer reported and was told; what is shown counts as read."""
    page = gather.mine_page(viewer_of(request), now())
    actions.mark_read(actor=viewer_of(request), now=now())
    return render(request, "cases/mine.html", {"page": page})


@require_POST
def filters(request: HttpRequest) -> HttpResponse:
    """Keep a filter under a title, or drop one."""
    viewer, query = viewer_of(request), request.POST.get("query", "")
    number = request.POST.get("drop", "")
    if number.isdecimal():
        actions.drop_filter(actor=viewer, number=int(number))
        return HttpResponseRedirect(reverse("cases"))
    try:
        actions.save_filter(actor=viewer, title=request.POST.get("title", ""), query=query)
    except actions.Refused as refusal:
        page = gather.inbox_page(viewer, gather.asked_in(request.GET), now(), (str(refusal),))
        return render(request, "cases/inbox.html", {"page": page}, status=status_of(refusal))
    return HttpResponseRedirect(reverse("cases") + (query if query.startswith("?") else ""))


@require_POST
def import_file(request: HttpRequest) -> HttpResponse:
    """Import a CSV file and say how each line went."""
    viewer, sent, tenant = viewer_of(request), request.FILES.get("file"), request.POST.get("tenant", "")
    status = 200
    try:
        if not isinstance(sent, UploadedFile):
            raise actions.Unclear("Choose a file first.", "file")
        if not tenants.is_member(tenant=tenant, person=viewer):
            raise actions.NoSuchCase("There is no such tenant that you may see.")
        told = actions.import_csv(actor=viewer, tenant=tenant, content=sent.read(MOST_BYTES + 1), now=now())
        refused = tuple(f"Line {line}: {why}" for line, why in told.refused[:20])
        said = (f"{told.made} imported, {told.known} known before, {len(told.refused)} refused.", *refused)
    except actions.Refused as refusal:
        said, status = (str(refusal),), status_of(refusal)
    page = gather.inbox_page(viewer, gather.asked_in(request.GET), now(), said)
    return render(request, "cases/inbox.html", {"page": page}, status=status)


@require_http_methods(["GET", "POST"])
def calendar(request: HttpRequest, squad: str) -> HttpResponse:
    """Show when a squad works; say what a change would re-judge, then make it."""
    page = _calendar_page(request, squad)
    if request.method == "GET":
        return render(request, "cases/calendar.html", {"page": page})
    try:
        days = tuple(date.fromisoformat(line.strip()) for line in page.holidays.split() if line.strip())
        weekdays = frozenset(int(each.value) for each in page.weekdays if each.chosen)
        wanted = actions.calendar_said(page.zone, days, weekdays)
        if "save" in request.POST:
            told = actions.change_calendar(
                actor=viewer_of(request), squad=squad, calendar=wanted, because=page.because, now=now()
            )
        else:
            told = actions.what_it_rejudges(squad, wanted, now())
    except actions.Refused as refusal:
        page = replace(page, problem=str(refusal))
        return render(request, "cases/calendar.html", {"page": page}, status=status_of(refusal))
    except ValueError:
        page = replace(page, problem="A holiday is a day as 2026-12-25, one a line.")
        return render(request, "cases/calendar.html", {"page": page}, status=422)
    page = replace(page, rejudged=told, saved="save" in request.POST)
    return render(request, "cases/calendar.html", {"page": page})


def _calendar_page(request: HttpRequest, squad: str) -> CalendarPage:
    team = next((each for each in identity.teams() if each.slug == squad), None)
    if team is None:
        raise Http404(f"There is no squad {squad}.")
    viewer, calendar, said = viewer_of(request), queries.calendar_of_squad(squad), request.POST
    may = viewer in {team.lead, identity.heads().get(team.department)}
    if request.method == "POST" and not may:
        raise Http404("Only the lead of a squad, or the head of its department, changes its calendar.")
    chosen = set(said.getlist("weekday")) if said else {str(day) for day in calendar.weekdays}
    days = "\n".join(sorted(day.isoformat() for day in calendar.holidays))
    return CalendarPage(
        now=now(),
        squad=squad,
        title=team.title,
        zone=said.get("zone", calendar.zone.key)[:64],
        weekdays=tuple(Choice(str(n), title, str(n) in chosen) for n, title in enumerate(_DAYS)),
        holidays=said.get("holidays", days)[:8_000],
        is_own=squad in queries.calendars(),
        may_change=may,
        because=said.get("because", "")[:500],
    )
