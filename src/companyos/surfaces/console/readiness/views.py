"""The views of readiness: each gathers one frozen page and shows it, or carries out one act and says how it went."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from companyos.adoption.features import actions, queries
from companyos.adoption.features.domain.types import FeatureState
from companyos.platform.instance import instance, now
from companyos.platform.signing_key import BrokenKey, signing_seed
from companyos.surfaces.console.readiness import adoption_plan, forms, gather
from companyos.surfaces.console.readiness.programme import programme as programme_page

_LONGEST = 2000


@require_http_methods(["GET", "POST"])
def intake(request: HttpRequest) -> HttpResponse:
    """Show the intake form, or take the feature in that was filled in."""
    if request.method == "GET":
        return render(request, "features/intake.html", {"page": forms.page_of({}, {})})
    proposal = forms.proposal_from(request.POST)
    try:
        actions.take_in(actor=_viewer(request), proposal=proposal, now=now())
    except actions.NotTakenIn as refusal:
        page = forms.page_of(
            request.POST, refusal.problems, "The feature is not taken in yet: see the fields marked below."
        )
        return render(request, "features/intake.html", {"page": page}, status=422)
    except actions.Refused as refusal:
        return render(
            request,
            "features/intake.html",
            {"page": forms.page_of(request.POST, {}, str(refusal))},
            status=403,
        )
    actions.look_at(proposal.slug, now=now())
    return HttpResponseRedirect(reverse("feature", args=[proposal.slug]))


@require_GET
def feature(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a feature as judged last; one never judged, or on which something changed, is judged first."""
    return _feature(request, slug)


@require_POST
def act(request: HttpRequest, slug: str, action: str) -> HttpResponse:
    """Vouch, move, ask for an exemption or grant one, say the version, judge anew; a refusal says why."""
    acts: dict[str, Callable[[HttpRequest, str], None]] = {
        "vouch": _vouch, "document": _document, "drop-document": _drop_document, "move": _move,
        "exempt": _exempt, "grant": _grant, "size": _size, "version": _version, "judge": _judge,
    }  # fmt: skip
    if action not in acts or queries.feature(slug) is None:
        raise Http404("There is no such act.")
    try:
        acts[action](request, slug)
    except actions.Refused as refusal:
        return _feature(request, slug, str(refusal), 403 if isinstance(refusal, actions.NotYours) else 409)
    card, row = (request.POST.get(name, "")[:50] for name in ("card", "row"))
    query = f"?card={card}" if card.replace("-", "").isalnum() else ""
    anchor = f"#{row}" if row.replace("-", "").isalnum() else ""
    return HttpResponseRedirect(f"{reverse('feature', args=[slug])}{query}{anchor}")


@require_GET
def row(request: HttpRequest, slug: str, row: str) -> HttpResponse:
    _judge_if_old(slug)
    page = gather.row_page(slug, row, _viewer(request), now())
    if page is None:
        raise Http404("There is no such row.")
    return render(request, "features/row.html", {"page": page})


@require_http_methods(["GET", "POST"])
def go_no_go(request: HttpRequest, slug: str) -> HttpResponse:
    """Show the meetings of a feature, or freeze a snapshot for another."""
    found = queries.feature(slug)
    if found is None:
        raise Http404(f"There is no feature {slug}.")
    if request.method == "POST":
        try:
            meeting = actions.open_meeting(actor=_viewer(request), feature=slug, now=now())
        except actions.Refused as refusal:
            return _refused(request, refusal)
        return HttpResponseRedirect(reverse("meeting", args=[meeting]))
    told = {"feature": found, "meetings": queries.meetings_of(slug), "now": now()}
    return render(request, "features/go_no_go.html", told)


@require_http_methods(["GET", "POST"])
def meeting(request: HttpRequest, meeting_id: Any) -> HttpResponse:
    """Show a go/no-go; sign off, or have its certificate written."""
    key = str(meeting_id)
    if request.method == "POST":
        said = request.POST
        try:
            if said.get("do") == "certify":
                seed = signing_seed(instance().folder)
                certificate = actions.certify(actor=_viewer(request), meeting=key, seed=seed, now=now())
                return HttpResponseRedirect(reverse("certificate", args=[certificate]))
            actions.sign_off(
                actor=_viewer(request), meeting=key, role=said.get("role", "")[:50], go=said.get("go") == "yes",
                words=said.get("words", "")[:_LONGEST], now=now(),
            )  # fmt: skip
        except (actions.Refused, BrokenKey) as refusal:
            return _refused(request, refusal)
        return HttpResponseRedirect(reverse("meeting", args=[key]))
    page = gather.meeting_page(key, _viewer(request), now())
    if page is None:
        raise Http404("There is no such go/no-go.")
    return render(request, "features/meeting.html", {"page": page})


@require_GET
def certificate(request: HttpRequest, certificate_id: Any) -> HttpResponse:
    """Show a certificate to read and print; `?format=json` is the signed file."""
    page = gather.certificate_page(str(certificate_id))
    if page is None:
        raise Http404("There is no such certificate.")
    if request.GET.get("format") == "json":
        answer = HttpResponse(
            json.dumps(page.body, indent=1, ensure_ascii=False) + "\n", content_type="application/json"
        )
        answer["Content-Disposition"] = f'attachment; filename="certificate-{page.id}.json"'
        return answer
    return render(request, "features/certificate.html", {"page": page})


@require_GET
def programme(request: HttpRequest) -> HttpResponse:
    return render(request, "features/programme.html", {"page": programme_page(now())})


@require_http_methods(["GET", "POST"])
def definitions(request: HttpRequest) -> HttpResponse:
    """Show what soft words mean here, or change one; the version before stays."""
    problem = ""
    if request.method == "POST":
        said = request.POST
        try:
            actions.change_definition(
                actor=_viewer(request), name=said.get("name", "")[:8], means=said.get("means", "")[:_LONGEST],
                because=said.get("because", "")[:500], now=now(),
            )  # fmt: skip
            return HttpResponseRedirect(f"{reverse('definitions')}#{said.get('name', '')[:8]}")
        except actions.Refused as refusal:
            problem = str(refusal)
    rows = [(each, queries.history_of(each.name)[1:]) for each in queries.definitions().values()]
    return render(
        request, "features/definitions.html", {"rows": rows, "problem": problem, "now": now()},
        status=409 if problem else 200,
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest, slug: str = "") -> HttpResponse:
    """Show an adoption plan with what changed since it was approved, or approve it as it stands."""
    if slug and queries.feature(slug) is None:
        raise Http404(f"There is no feature {slug}.")
    sections = adoption_plan.sections_of(slug, now())
    problem = ""
    if request.method == "POST":
        try:
            text = adoption_plan.to_markdown(slug, sections)
            actions.approve_plan(actor=_viewer(request), subject=slug, text=text, now=now())
            return HttpResponseRedirect(request.path)
        except actions.Refused as refusal:
            problem = str(refusal)
    page = adoption_plan.page_of(slug, sections, now(), problem)
    return render(request, "features/plan.html", {"page": page}, status=409 if problem else 200)


def _feature(request: HttpRequest, slug: str, problem: str = "", status: int = 200) -> HttpResponse:
    _judge_if_old(slug)
    page = gather.feature_page(slug, request.GET.get("card", ""), _viewer(request), now(), problem)
    if page is None:
        raise Http404(f"There is no feature {slug}.")
    return render(request, "features/feature.html", {"page": page}, status=status)


def _judge_if_old(slug: str) -> None:
    """A page may be the first that anybody opens of a feature."""
    if queries.feature(slug) is not None:
        actions.look_at(slug, now=now(), not_older_than=gather.FRESH_FOR)


def _vouch(request: HttpRequest, slug: str) -> None:
    said, found = request.POST, queries.feature(slug)
    actions.attest(
        actor=_viewer(request), feature=slug, row=said.get("row", "")[:50], version=said.get("version", "")[:40],
        link=said.get("link", "")[:400], note=said.get("note", "")[:_LONGEST], author=said.get("author", "")[:50],
        now=now(),
    )  # fmt: skip
    if found is not None:
        actions.look_at(slug, now=now())


def _document(request: HttpRequest, slug: str) -> None:
    said = request.POST
    told = {"what": said.get("what", "")[:20], "link": said.get("link", "").strip()[:500],
            "review_by": said.get("review_by", "")[:10]}  # fmt: skip
    actions.name_document(actor=_viewer(request), feature=slug, now=now(), **actions.document_from(told))


def _drop_document(request: HttpRequest, slug: str) -> None:
    said = request.POST
    actions.drop_document(
        actor=_viewer(request),
        feature=slug,
        what=said.get("what", "")[:20],
        link=said.get("link", "")[:400],
        now=now(),
    )


def _move(request: HttpRequest, slug: str) -> None:
    said = request.POST
    wanted = said.get("state", "")
    if wanted not in set(FeatureState):
        raise actions.Refused("Choose where the feature goes.")
    actions.person_moves(
        actor=_viewer(request), feature=slug, wanted=FeatureState(wanted), because=said.get("because", "")[:_LONGEST],
        now=now(),
    )  # fmt: skip


def _exempt(request: HttpRequest, slug: str) -> None:
    said = request.POST
    try:
        day = datetime.combine(datetime.fromisoformat(said.get("until", "")).date(), time(23, 59), UTC)
    except ValueError:
        day = now() + timedelta(days=7)
    actions.ask_exemption(
        actor=_viewer(request), feature=slug, what=said.get("what", "")[:50], because=said.get("because", "")[:500],
        until=day, now=now(),
    )  # fmt: skip


def _grant(request: HttpRequest, slug: str) -> None:
    exemption = request.POST.get("exemption", "")
    if exemption not in {each.id for each in queries.exemptions(slug)}:
        raise actions.NoSuch("There is no such exemption.")
    actions.grant_exemption(actor=_viewer(request), exemption=exemption, now=now())


def _size(request: HttpRequest, slug: str) -> None:
    to, because = (request.POST.get(name, "")[:500] for name in ("to", "because"))
    actions.change_size(actor=_viewer(request), feature=slug, to=to, because=because, now=now())


def _version(request: HttpRequest, slug: str) -> None:
    said = request.POST
    actions.new_version(
        actor=_viewer(request), feature=slug, version=said.get("version", "")[:60],
        because=said.get("because", "")[:500], now=now(),
    )  # fmt: skip


def _judge(request: HttpRequest, slug: str) -> None:
    actions.look_at(slug, now=now())


def _refused(request: HttpRequest, refusal: Exception) -> HttpResponse:
    status = 403 if isinstance(refusal, actions.NotYours) else 409
    told = {
        "code": status, "name": "That was not done", "problem": str(refusal), "works": "Nothing was changed.",
        "next": "Go back and try again.",
    }  # fmt: skip
    return render(request, "telemetry/refused.html", told, status=status)


def _viewer(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))
