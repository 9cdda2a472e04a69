"""The requests views: each gathers one frozen page and shows it, or carries out one act and says how it went."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from companyos.platform.instance import now
from companyos.work.approvals import actions, queries
from companyos.work.approvals.actions.acts import linked
from companyos.work.approvals.actions.attaching import MOST_BYTES
from companyos.work.approvals.domain.chain import Definition
from companyos.work.approvals.domain.types import ActKind
from companyos.work.approvals.web import forms, gather
from companyos.work.approvals.web.pages import FormPage, LinkPage, PreviewPage

ACTS = {
    "approve": ActKind.APPROVED, "decline": ActKind.DECLINED, "return": ActKind.RETURNED,
    "delegate": ActKind.DELEGATED, "withdraw": ActKind.WITHDRAWN, "cancel": ActKind.CANCELLED,
    "comment": ActKind.COMMENTED, "carry-out": ActKind.CARRIED_OUT,
}  # fmt: skip
_GONE = "There is no such request that you may see."


@require_GET
def inbox(request: HttpRequest) -> HttpResponse:
    """What waits for the viewer, longest first."""
    page = gather.inbox_page(_viewer(request), now(), _after(request))
    fragment = request.headers.get("X-Fragment") == "live"
    return render(request, "approvals/_inbox.html" if fragment else "approvals/inbox.html", {"page": page})


@require_GET
def mine(request: HttpRequest) -> HttpResponse:
    return render(request, "approvals/mine.html", {"page": gather.mine_page(_viewer(request), now())})


@require_GET
def kinds(request: HttpRequest) -> HttpResponse:
    return render(request, "approvals/kinds.html", {"kinds": gather.kinds(_viewer(request))})


@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the form of a request type, keep a draft of it, or send it."""
    definition = _known(kind)
    if request.method == "GET":
        return _show_form(request, definition)
    viewer, fields = _viewer(request), forms.fields_from(definition, request.POST)
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
            actor=_viewer(request),
            type_slug=kind,
            tenant=request.POST.get("tenant", ""),
            fields=forms.fields_from(definition, request.POST),
            now=now(),
        )
        page = PreviewPage(told)
    except actions.Refused as refusal:
        page = PreviewPage(None, str(refusal))
    return render(request, "approvals/_preview.html", {"page": page})


@require_GET
def one(request: HttpRequest, request_id: UUID) -> HttpResponse:
    return _show_request(request, str(request_id))


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show a returned request as a form, or send it again as filled in."""
    found = queries.detail(str(request_id))
    if found is None or found.row.requester != _viewer(request):
        raise Http404(_GONE)
    returned = next((a.note for a in reversed(found.acts) if a.kind == ActKind.RETURNED), "")
    page = FormPage(
        now(),
        found.row.type,
        found.definition.title,
        found.definition.summary,
        forms.inputs_of(found.definition, found.fields),
        request=found.row.id,
        asked_for=returned,
    )
    if request.method == "GET":
        return render(request, "approvals/form.html", {"page": page})
    fields = forms.fields_from(found.definition, request.POST)
    try:
        actions.resubmit(
            actor=_viewer(request), request=found.row.id, fields=fields, now=now(), note=_note(request)
        )
    except actions.Refused as refusal:
        page = replace(page, inputs=_inputs(found.definition, fields, refusal), problem=str(refusal))
        return render(request, "approvals/form.html", {"page": page}, status=_status(refusal))
    return HttpResponseRedirect(reverse("request", args=[found.row.id]))


@require_POST
def act(request: HttpRequest, request_id: UUID, act: str) -> HttpResponse:
    """Approve, decline, return, delegate, withdraw, cancel, carry out or comment; a refusal says why."""
    if act not in ACTS:
        raise Http404("There is no such act.")
    try:
        actions.act_on(
            actor=_viewer(request),
            request=str(request_id),
            kind=ACTS[act],
            note=_note(request),
            to=request.POST.get("to", ""),
            now=now(),
        )
    except actions.NoSuchRequest as refusal:
        raise Http404(str(refusal)) from None
    except actions.Refused as refusal:
        return _show_request(request, str(request_id), problem=str(refusal), status=_status(refusal))
    return HttpResponseRedirect(reverse("request", args=[request_id]))


@require_POST
def answer_many(request: HttpRequest) -> HttpResponse:
    """Approve or decline what was ticked; each is judged by itself, and what was refused is said."""
    act = request.POST.get("act", "")
    if act not in {"approve", "decline"}:
        raise Http404("There is no such act.")
    viewer, chosen = _viewer(request), request.POST.getlist("request")
    try:
        told = actions.answer_many(
            actor=viewer, requests=chosen, kind=ACTS[act], note=_note(request), now=now()
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
    viewer, problem = _viewer(request), ""
    if request.method == "POST":
        try:
            _change_stand_ins(request, viewer)
            return HttpResponseRedirect(reverse("requests-away"))
        except actions.Refused as refusal:
            problem = str(refusal)
    page = gather.away_page(viewer, now(), problem)
    return render(request, "approvals/away.html", {"page": page}, status=409 if problem else 200)


@require_POST
def attach(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Attach a file to one's own request."""
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        return _show_request(request, str(request_id), problem="Choose a file first.", status=400)
    try:
        actions.attach(
            actor=_viewer(request),
            request=str(request_id),
            name=sent.name or "file",
            content_type=sent.content_type or "",
            content=sent.read(MOST_BYTES + 1),
            now=now(),
        )
    except actions.NoSuchRequest as refusal:
        raise Http404(str(refusal)) from None
    except actions.Refused as refusal:
        return _show_request(request, str(request_id), problem=str(refusal), status=_status(refusal))
    return HttpResponseRedirect(reverse("request", args=[request_id]))


@require_GET
def file(request: HttpRequest, request_id: UUID, file_id: UUID) -> HttpResponse:
    """Give a file to somebody who may read its request: to be saved, never shown inside a page."""
    try:
        name, kind, content = actions.content_of(
            actor=_viewer(request), request=str(request_id), file=str(file_id)
        )
    except actions.NoSuchRequest as refusal:
        raise Http404(str(refusal)) from None
    answer = HttpResponse(content, content_type=kind)
    plain = name.encode("ascii", "replace").decode().replace('"', "_")
    answer.headers["Content-Disposition"] = f'attachment; filename="{plain}"'
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer


@never_cache
@require_http_methods(["GET", "POST"])
def answer_by_link(request: HttpRequest, token: str) -> HttpResponse:
    """Answer a request from a mail, once. Looking changes nothing: a mail scanner may follow the link."""
    try:
        who = linked(token, now())
        page = _link_page(who.person, who.request)
        if request.method == "POST":
            act = request.POST.get("act", "")
            if act not in {"approve", "decline"}:
                raise Http404("There is no such act.")
            actions.answer_by_link(token=token, kind=ACTS[act], note=_note(request), now=now())
            page = replace(
                page, done="Approved. Thank you." if act == "approve" else "Declined. They are told why."
            )
    except actions.LinkRefused as refusal:
        page = LinkPage("", "This link is closed", (), "", problem=str(refusal))
        return render(request, "approvals/answer.html", {"page": page}, status=410)
    except actions.Refused as refusal:
        page = replace(page, problem=str(refusal))
        return render(request, "approvals/answer.html", {"page": page}, status=_status(refusal))
    return render(request, "approvals/answer.html", {"page": page})


def _link_page(person: str, request_id: str) -> LinkPage:
    found = queries.detail(request_id)
    if found is None:
        raise actions.LinkRefused(_GONE)
    org = queries.organisation(now())
    why = next((a.why for a in found.asked if a.person == person), "")
    asked_by = f"{found.row.title}, asked by {org.name(found.row.requester)}"
    return LinkPage(org.name(person), asked_by, forms.facts_of(found.definition, found.fields), why)


def _show_request(
    request: HttpRequest, request_id: str, *, problem: str = "", status: int = 200
) -> HttpResponse:
    page = gather.request_page(request_id, _viewer(request), now())
    if page is None:
        raise Http404(_GONE)
    page = replace(page, problem=problem, note=_note(request))
    fragment = request.headers.get("X-Fragment") == "live"
    template = "approvals/_request.html" if fragment else "approvals/request.html"
    return render(request, template, {"page": page}, status=status)


def _show_form(request: HttpRequest, definition: Definition) -> HttpResponse:
    viewer = _viewer(request)
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
        _inputs(definition, fields, refusal),
        gather.tenants_for(_viewer(request), definition.data_domain, request.POST.get("tenant", "")),
        draft=request.POST.get("draft", ""),
        problem=str(refusal),
    )
    return render(request, "approvals/form.html", {"page": page}, status=_status(refusal))


def _inputs(definition: Definition, fields: dict[str, Any], refusal: actions.Refused) -> Any:
    return forms.inputs_of(definition, fields, (getattr(refusal, "path", ""), str(refusal)))


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


def _status(refusal: Exception) -> int:
    kinds: tuple[tuple[type[Exception], int], ...] = (
        (actions.NoSuchRequest, 404),
        (actions.NotAllowed, 403),
        (actions.Unclear, 422),
    )
    return next((status for kind, status in kinds if isinstance(refusal, kind)), 409)


def _note(request: HttpRequest) -> str:
    return request.POST.get("note", "")[:2_000]


def _viewer(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))
