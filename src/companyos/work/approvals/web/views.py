"""The requests views: each gathers one frozen page and shows it, or carries out one act and says how it went."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from companyos.people.identity import actions as identity
from companyos.people.identity.domain.types import Pace, Way
from companyos.platform.instance import now
from companyos.work.approvals import actions, queries
from companyos.work.approvals.domain.chain import Definition
from companyos.work.approvals.web import forms, gather
from companyos.work.approvals.web.pages import FormPage, PreviewPage
from companyos.work.approvals.web.said import ACTS, inputs, note_of, status_of, viewer_of


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for the viewer, longest first."""
    page = gather.inbox_page(viewer_of(request), now(), _after(request))
    fragment = request.headers.get("X-Fragment") == "live"
    return render(request, "approvals/_inbox.html" if fragment else "approvals/inbox.html", {"page": page})


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    return render(request, "approvals/mine.html", {"page": gather.mine_page(viewer_of(request), now())})


@require_GET
def kinds(request: HttpRequest) -> HttpResponse:
    return render(request, "approvals/kinds.html", {"kinds": gather.kinds(viewer_of(request))})


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the form of a request type, keep a draft of it, or send it."""
    definition = _known(kind)
    if request.method == "GET":
        return _show_form(request, definition)
    viewer, fields = viewer_of(request), forms.fields_from(definition, request.POST)
    where = {"actor": viewer, "type_slug": kind, "tenant": request.POST.get("tenant", "")}
    draft = request.POST.get("draft", "")
    try:
        if "keep" in request.POST:
            actions.save_draft(**where, fields=fields, draft=draft, now=now())
            return HttpResponseRedirect(reverse("requests-mine"))
        if "drop" in request.POST:
            actions.drop_draft(actor=viewer, draft=draft)
            return HttpResponseRedirect(reverse("requests-mine"))
        made = actions.ask(**where, fields=fields, draft=draft, now=now())
    except actions.Refused as refusal:
        return _form_again(request, definition, fields, refusal)
    return HttpResponseRedirect(reverse("request", args=[made]))


@require_POST
def preview(request: HttpRequest, kind: str) -> HttpResponse:
    """Say where the form, as filled in by now, would go; nothing is sent."""
    definition = _known(kind)
    try:
        told = actions.preview(
            actor=viewer_of(request),
            type_slug=kind,
            tenant=request.POST.get("tenant", ""),
            fields=forms.fields_from(definition, request.POST),
            now=now(),
        )
        page = PreviewPage(told)
    except actions.Refused as refusal:
        page = PreviewPage(None, str(refusal))
    return render(request, "approvals/_preview.html", {"page": page})


@require_POST
def answer_many(request: HttpRequest) -> HttpResponse:
    """Approve or decline what was ticked; each is judged by itself, and what was refused is said."""
    act = request.POST.get("act", "")
    if act not in {"approve", "decline"}:
        raise Http404("There is no such act.")
    viewer, chosen = viewer_of(request), request.POST.getlist("request")
    try:
        told = actions.answer_many(
            actor=viewer, requests=chosen, kind=ACTS[act], note=note_of(request), now=now()
        )
        refused = [why for why in told.values() if why]
        word = "approved" if act == "approve" else "declined"
        said = (f"{len(told) - len(refused)} of {len(told)} {word}.", *dict.fromkeys(refused))
    except actions.Refused as refusal:
        said = (str(refusal),)
    page = gather.inbox_page(viewer, now(), None, said)
    return render(request, "approvals/inbox.html", {"page": page})


@require_http_methods(["GET", "POST"])
def away(request: HttpRequest) -> HttpResponse:
    """Show who answers for the viewer and when they are away; add or end one."""
    viewer, problem = viewer_of(request), ""
    if request.method == "POST":
        try:
            _change_stand_ins(request, viewer)
            return HttpResponseRedirect(reverse("requests-away"))
        except actions.Refused as refusal:
            problem = str(refusal)
    page = gather.away_page(viewer, now(), problem)
    return render(request, "approvals/away.html", {"page": page}, status=409 if problem else 200)


@require_http_methods(["GET", "POST"])
def told(request: HttpRequest) -> HttpResponse:
    """Show how the viewer is written to about requests; change it."""
    viewer = viewer_of(request)
    if request.method == "POST":
        try:
            ways, pace = map(Way, request.POST.getlist("way")), Pace(request.POST.get("pace", ""))
            identity.choose_how_told(actor=viewer, ways=tuple(ways), pace=pace, now=now())
        except ValueError:
            raise Http404("There is no such way to be written to.") from None
        return HttpResponseRedirect(f"{reverse('requests-told')}?saved=1")
    page = gather.told_page(viewer, saved="saved" in request.GET)
    if page is None:
        raise Http404("The directory has no address of yours to write to.")
    return render(request, "approvals/told.html", {"page": page})


def _show_form(request: HttpRequest, definition: Definition) -> HttpResponse:
    viewer = viewer_of(request)
    kept = queries.draft(viewer, request.GET.get("draft", "")) if "draft" in request.GET else None
    page = FormPage(
        now(),
        definition.slug,
        definition.title,
        definition.summary,
        forms.inputs_of(definition, kept.fields if kept else {}),
        gather.tenants_for(viewer, definition.data_domain, kept.tenant if kept else ""),
        draft=kept.id if kept else "",
    )
    return render(request, "approvals/form.html", {"page": page})


def _form_again(
    request: HttpRequest, definition: Definition, fields: dict[str, Any], refusal: actions.Refused
) -> HttpResponse:
    page = FormPage(
        now(),
        definition.slug,
        definition.title,
        definition.summary,
        inputs(definition, fields, refusal),
        gather.tenants_for(viewer_of(request), definition.data_domain, request.POST.get("tenant", "")),
        draft=request.POST.get("draft", ""),
        problem=str(refusal),
    )
    return render(request, "approvals/form.html", {"page": page}, status=status_of(refusal))


def _change_stand_ins(request: HttpRequest, viewer: str) -> None:
    said = request.POST
    if said.get("end", "").isdigit():
        return actions.end_stand_in(actor=viewer, number=int(said["end"]), now=now())
    actions.stand_in(
        actor=viewer,
        to=said.get("to", ""),
        since=_day(said.get("since", "")) or now(),
        until=_day(said.get("until", "")) or now(),
        because=said.get("because", ""),
        now=now(),
    )
    return None


def _day(text: str) -> datetime | None:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=UTC)
    except ValueError:
        return None


def _known(kind: str) -> Definition:
    definition = queries.definition_of(kind)
    if definition is None:
        raise Http404(f"There is no request type {kind}.")
    return definition


def _after(request: HttpRequest) -> tuple[datetime, int] | None:
    try:
        since = datetime.fromtimestamp(float(request.GET["after"]), UTC)
        return since, int(request.GET.get("last", "0"))
    except (KeyError, ValueError, OverflowError, OSError):
        return None
