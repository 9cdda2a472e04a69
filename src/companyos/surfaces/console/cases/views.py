"""Reporting something, with what was captured before the reporter's eyes; and how promises were kept."""

from __future__ import annotations

from dataclasses import replace

from django.core.files.uploadedfile import UploadedFile
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from companyos.adoption.features import queries as features
from companyos.platform.instance import now
from companyos.surfaces.console.cases import gather
from companyos.surfaces.console.cases.pages import ReportPage
from companyos.work.cases import actions, queries
from companyos.work.cases.actions.attaching import MOST_BYTES
from companyos.work.cases.domain.definition import Definition
from companyos.work.cases.web.said import status_of, viewer_of

DAYS = (28, 7, 90)


@require_GET
def kinds(request: HttpRequest) -> HttpResponse:
    """What can be reported. What was captured goes on to the form."""
    return render(
        request, "cases/kinds.html", {"kinds": queries.case_types(), "query": request.GET.urlencode()}
    )


@require_GET
def link(request: HttpRequest) -> HttpResponse:
    """A link and a QR code that lead to the form, for a product, a screen or a room without the script."""
    return render(request, "cases/link.html", {"page": gather.link_page(request.GET)})


@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, kind: str) -> HttpResponse:
    """Show the form of a case type, or send it as filled in."""
    definition = next((each for each in queries.case_types() if each.slug == kind), None)
    if definition is None:
        raise Http404(f"There is no case type {kind}.")
    page = gather.report_page(request, definition, viewer_of(request), now())
    if request.method == "GET":
        return render(request, "cases/report.html", {"page": page})
    try:
        case = _send(request, definition, page)
    except actions.Refused as refusal:
        wrong = getattr(refusal, "path", "")
        inputs = tuple(
            replace(each, wrong=str(refusal)) if each.name == gather.PREFIX + wrong else each
            for each in page.inputs
        )
        page = replace(page, problem=str(refusal), wrong=wrong, inputs=inputs)
        return render(request, "cases/report.html", {"page": page}, status=status_of(refusal))
    return HttpResponseRedirect(reverse("case", args=[case]))


@require_GET
def promises(request: HttpRequest) -> HttpResponse:
    """How SLAs were kept, how long a report waited for its fix, and where changes came from."""
    said = request.GET.get("days", "")
    days = int(said) if said in {str(each) for each in DAYS} else DAYS[0]
    page = gather.promises_page(days, now())
    return render(request, "cases/promises.html", {"page": page, "choices": DAYS})


def _send(request: HttpRequest, definition: Definition, page: ReportPage) -> str:
    said, viewer = request.POST, viewer_of(request)
    feature = features.feature(said.get("feature", ""))
    sent = request.FILES.get("file")
    content = sent.read(MOST_BYTES + 1) if isinstance(sent, UploadedFile) else b""
    name = str(sent.name) if isinstance(sent, UploadedFile) else ""
    if content:
        actions.check_file(name, content)  # before the case is opened: a refusal must not leave half of it
    case = actions.open_case(
        actor=viewer,
        type_slug=definition.slug,
        tenant=said.get("tenant", ""),
        title=said.get("title", ""),
        body=said.get("body", "").replace("\r\n", "\n"),
        feature=feature.slug if feature else "",
        severity=said.get("severity", ""),
        squad=feature.owner if feature else "",
        fields=gather.fields_from(definition, said),
        context={each.name.removeprefix(gather.CONTEXT): each.value for each in page.captured},
        key=page.key,
        now=now(),
    )
    if content:
        actions.attach(actor=viewer, case=case, name=name, content=content, now=now())
    return case
