"""A feature's support pack, and a macro filled in to be copied."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from companyos.change.playbooks import actions
from companyos.change.playbooks.domain.types import ItemKind
from companyos.change.playbooks.web import forms, gather_support
from companyos.change.playbooks.web.views import status_of, viewer_of
from companyos.platform.instance import now


@require_http_methods(["GET", "POST"])
def pack(request: HttpRequest, feature: str) -> HttpResponse:
    """Show what support needs for a feature; a post adds a piece, or writes one anew."""
    if request.method == "GET":
        return _page(request, feature, changing=request.GET.get("change", ""))
    said = {name: str(value) for name, value in request.POST.items()}
    try:
        _keep(viewer_of(request), feature, said)
    except actions.Refused as refusal:
        return _page(request, feature, refusal=refusal, filled=said, changing=said.get("slug", ""))
    return HttpResponseRedirect(reverse("support", args=[feature]))


@require_POST
def item(request: HttpRequest, feature: str, item: str) -> HttpResponse:
    """Keep that somebody found a piece right, or take it out."""
    act = actions.take_out_item if "take-out" in request.POST else actions.review_item
    try:
        act(actor=viewer_of(request), feature=feature, slug=item, now=now())
    except actions.Refused as refusal:
        return _page(request, feature, refusal=refusal)
    return HttpResponseRedirect(reverse("support", args=[feature]))


@require_http_methods(["GET", "POST"])
def macro(request: HttpRequest, feature: str, item: str) -> HttpResponse:
    """Show a macro to be copied; a post fills its variables in. Nothing of it is kept."""
    said = {name: str(value) for name, value in request.POST.items()}
    page = gather_support.macro_page(viewer_of(request), feature, item, said, now())
    if page is None:
        raise Http404("There is no such macro in this pack.")
    return render(request, "playbooks/macro.html", {"page": page})


def _keep(viewer: str, feature: str, said: dict[str, str]) -> None:
    try:
        kind = ItemKind(said.get("kind", ""))
    except ValueError:
        raise actions.Refused("Say what kind of piece it is.") from None
    actions.keep_item(
        actor=viewer, feature=feature, slug=said.get("slug", ""), kind=kind, title=said.get("title", ""),
        words=said.get("words", ""), link=said.get("link", ""), owner=said.get("owner", ""),
        place=min(forms.whole(said.get("place", "")) or 0, 1000),
        after_minutes=forms.whole(said.get("after_minutes", "")), now=now(),
    )  # fmt: skip


def _page(
    request: HttpRequest,
    feature: str,
    *,
    refusal: actions.Refused | None = None,
    filled: dict[str, str] | None = None,
    changing: str = "",
) -> HttpResponse:
    problem = str(refusal) if refusal else ""
    page = gather_support.support_page(
        viewer_of(request), feature, now(), filled=filled, changing=changing, problem=problem
    )
    if page is None:
        raise Http404("There is no such feature.")
    status = status_of(refusal) if refusal else 200
    return render(request, "playbooks/support.html", {"page": page}, status=status)
