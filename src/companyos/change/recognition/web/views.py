"""The views of recognition: each gathers one frozen page, or carries out one act and says how it went."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from companyos.change.recognition import actions, queries
from companyos.change.recognition.domain.ledger import hundredths
from companyos.change.recognition.jobs import judge_all
from companyos.change.recognition.signed import signed_badge
from companyos.change.recognition.web import gather
from companyos.platform.instance import instance, now

_STATUS = {actions.NoSuch: 404, actions.NotYours: 403}


@require_http_methods(["GET", "POST"])
def recognition(request: HttpRequest) -> HttpResponse:
    """Show champions, badges, the spotlight, credits and what remains; a post has everything judged anew."""
    viewer = viewer_of(request)
    if request.method == "GET":
        return render(request, "recognition/home.html", {"page": gather.recognition_page(viewer, now())})
    if not actions.may_revoke(viewer):
        page = gather.recognition_page(viewer, now(), problem="Whoever leads a team has it judged anew.")
        return render(request, "recognition/home.html", {"page": page}, status=403)
    judge_all(now())
    return HttpResponseRedirect(reverse("recognition"))


@require_POST
def vote(request: HttpRequest) -> HttpResponse:
    """Vote in the spotlight that is open."""
    viewer, said = viewer_of(request), request.POST
    try:
        actions.vote(
            actor=viewer, quarter=said.get("quarter", ""), suggestion=said.get("suggestion", ""), now=now(),
            zone=queries.company_zone(),
        )  # fmt: skip
    except actions.Refused as refusal:
        page = gather.recognition_page(viewer, now(), problem=str(refusal))
        return render(request, "recognition/home.html", {"page": page}, status=status_of(refusal))
    return HttpResponseRedirect(f"{reverse('recognition')}#spotlight")


@require_http_methods(["GET", "POST"])
def badge(request: HttpRequest, badge_id: UUID) -> HttpResponse:
    """Show a badge with its evidence; a post takes it back."""
    viewer, problem, status = viewer_of(request), "", 200
    if request.method == "POST":
        try:
            actions.revoke(
                actor=viewer, badge=str(badge_id), because=request.POST.get("because", ""), now=now()
            )
            return HttpResponseRedirect(reverse("badge", args=[badge_id]))
        except actions.NoSuch as refusal:
            raise Http404(str(refusal)) from None
        except actions.Refused as refusal:
            problem, status = str(refusal), status_of(refusal)
    page = gather.badge_page(str(badge_id), viewer, now(), problem=problem)
    if page is None:
        raise Http404("There is no such badge.")
    return render(request, "recognition/badge.html", {"page": page}, status=status)


@require_GET
def credential(request: HttpRequest, badge_id: UUID) -> HttpResponse:
    """Give a badge out as a signed credential; one that was taken back is not given out any more."""
    row = queries.find_badge(str(badge_id))
    if row is None:
        raise Http404("There is no such badge.")
    if row.revoked_at is not None:
        told = {"error": "This badge was taken back; the reason stands on its page."}
        return HttpResponse(json.dumps(told), content_type="application/json", status=410)
    body = json.dumps(signed_badge(row, instance().folder, settings.PUBLIC_URL), indent=1, ensure_ascii=False)
    answer = HttpResponse(body + "\n", content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="badge-{row.id}.json"'
    return answer


@require_GET
def spotlight(request: HttpRequest, quarter: str) -> HttpResponse:
    """Show what won the spotlight of a quarter, and what it changed."""
    page = gather.spotlight_page(quarter, now())
    if page is None:
        raise Http404("The spotlight of this quarter is not decided.")
    return render(request, "recognition/spotlight.html", {"page": page})


@require_http_methods(["GET", "POST"])
def ledger(request: HttpRequest) -> HttpResponse:
    """Show the swag budget; a post sets it, claims from it, decides about a claim, or spends."""
    viewer, said = viewer_of(request), request.POST
    if request.method == "GET":
        return render(request, "recognition/ledger.html", {"page": gather.ledger_page(viewer, now())})
    act = _ACTS.get(said.get("do", ""))
    try:
        if act is None:
            raise actions.Refused("Choose what to do.")
        act(request, viewer)
    except actions.Refused as refusal:
        filled = {name: str(value) for name, value in said.items()}
        page = gather.ledger_page(viewer, now(), filled=filled, problem=str(refusal))
        return render(request, "recognition/ledger.html", {"page": page}, status=status_of(refusal))
    return HttpResponseRedirect(reverse("ledger"))


def viewer_of(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))


def status_of(refusal: actions.Refused) -> int:
    return _STATUS.get(type(refusal), 409)


def _amount(request: HttpRequest) -> int:
    try:
        return hundredths(request.POST.get("amount", ""))
    except ValueError:
        raise actions.Refused("Write an amount as 120 or 120.50.") from None


def _set(request: HttpRequest, viewer: str) -> None:
    said = request.POST
    actions.set_budget(
        actor=viewer, quarter=said.get("quarter", ""), amount=_amount(request),
        currency=said.get("currency", "").strip().upper(), because=said.get("because", ""),
        second=said.get("second", ""), now=now(), zone=queries.company_zone(),
    )  # fmt: skip


def _claim(request: HttpRequest, viewer: str) -> None:
    said = request.POST
    actions.claim(
        actor=viewer, team=said.get("team", ""), what=said.get("what", ""), amount=_amount(request), now=now(),
        zone=queries.company_zone(),
    )  # fmt: skip


def _decide(request: HttpRequest, viewer: str) -> None:
    said = request.POST
    actions.decide(
        actor=viewer, claim=said.get("claim", ""), approves=said.get("do") == "approve",
        because=said.get("because", ""), now=now(),
    )  # fmt: skip


def _spend(request: HttpRequest, viewer: str) -> None:
    said = request.POST
    actions.spend(
        actor=viewer, claim=said.get("claim", ""), amount=_amount(request), note=said.get("because", ""), now=now()
    )  # fmt: skip


_ACTS: dict[str, Callable[[HttpRequest, str], None]] = {
    "set": _set, "claim": _claim, "approve": _decide, "decline": _decide, "spend": _spend,
}  # fmt: skip
