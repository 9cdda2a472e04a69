"""One request: its page, what may be done to it, its files, and the answer by a link of a mail."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from companyos.platform.instance import now
from companyos.work.approvals import actions, queries
from companyos.work.approvals.actions.attaching import MOST_BYTES
from companyos.work.approvals.domain.types import ActKind
from companyos.work.approvals.web import forms, gather
from companyos.work.approvals.web.pages import FormPage, LinkPage
from companyos.work.approvals.web.said import ACTS, inputs, note_of, status_of, viewer_of

_GONE = "There is no such request that you may see."


@require_GET
def one(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show a request; who asked has then seen what came of it."""
    actions.see_outcome(actor=viewer_of(request), request=str(request_id))
    return _show_request(request, str(request_id))


@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Show a returned request as a form, or send it again as filled in."""
    found = queries.detail(str(request_id))
    if found is None or found.row.requester != viewer_of(request):
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
            actor=viewer_of(request), request=found.row.id, fields=fields, now=now(), note=note_of(request)
        )
    except actions.Refused as refusal:
        page = replace(page, inputs=inputs(found.definition, fields, refusal), problem=str(refusal))
        return render(request, "approvals/form.html", {"page": page}, status=status_of(refusal))
    return HttpResponseRedirect(reverse("request", args=[found.row.id]))


@require_POST
def act(request: HttpRequest, request_id: UUID, act: str) -> HttpResponse:
    """Approve, decline, return, delegate, withdraw, cancel, carry out or comment; a refusal says why."""
    if act not in ACTS:
        raise Http404("There is no such act.")
    try:
        actions.act_on(
            actor=viewer_of(request),
            request=str(request_id),
            kind=ACTS[act],
            note=note_of(request),
            to=request.POST.get("to", ""),
            now=now(),
        )
    except actions.NoSuchRequest as refusal:
        raise Http404(str(refusal)) from None
    except actions.Refused as refusal:
        return _show_request(request, str(request_id), problem=str(refusal), status=status_of(refusal))
    return HttpResponseRedirect(reverse("request", args=[request_id]))


@require_POST
def attach(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """Attach a file to one's own request."""
    sent = request.FILES.get("file")
    if not isinstance(sent, UploadedFile):
        return _show_request(request, str(request_id), problem="Choose a file first.", status=400)
    try:
        actions.attach(
            actor=viewer_of(request),
            request=str(request_id),
            name=sent.name or "file",
            content_type=sent.content_type or "",
            content=sent.read(MOST_BYTES + 1),
            now=now(),
        )
    except actions.NoSuchRequest as refusal:
        raise Http404(str(refusal)) from None
    except actions.Refused as refusal:
        return _show_request(request, str(request_id), problem=str(refusal), status=status_of(refusal))
    return HttpResponseRedirect(reverse("request", args=[request_id]))


@require_GET
def file(request: HttpRequest, request_id: UUID, file_id: UUID) -> HttpResponse:
    """Give a file to somebody who may read its request: to be saved, never shown inside a page."""
    try:
        name, kind, content = actions.content_of(
            actor=viewer_of(request), request=str(request_id), file=str(file_id)
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
        who = actions.linked(token, now())
        page = replace(_link_page(who.person, who.request), say=request.GET.get("say", ""))
        if request.method == "POST":
            act = request.POST.get("act", "")
            if act not in {"approve", "decline"}:
                raise Http404("There is no such act.")
            actions.answer_by_link(token=token, kind=ACTS[act], note=note_of(request), now=now())
            page = replace(
                page, done="Approved. Thank you." if act == "approve" else "Declined. They are told why."
            )
    except actions.LinkRefused as refusal:
        page = LinkPage("", "This link is closed", (), "", problem=str(refusal))
        return render(request, "approvals/answer.html", {"page": page}, status=410)
    except actions.Refused as refusal:
        page = replace(page, problem=str(refusal), note=note_of(request))
        return render(request, "approvals/answer.html", {"page": page}, status=status_of(refusal))
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
    page = gather.request_page(request_id, viewer_of(request), now())
    if page is None:
        raise Http404(_GONE)
    page = replace(page, problem=problem, note=note_of(request))
    fragment = request.headers.get("X-Fragment") == "live"
    template = "approvals/_request.html" if fragment else "approvals/request.html"
    return render(request, template, {"page": page}, status=status)
