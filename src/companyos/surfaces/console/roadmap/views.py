"""The views of the roadmap: each gathers one frozen page, or carries out one act and says how it went."""

from __future__ import annotations

from collections.abc import Callable

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from companyos.people.identity import queries as identity
from companyos.platform.instance import now
from companyos.surfaces.console.roadmap import gather
from companyos.work.roadmap import actions, queries
from companyos.work.roadmap.domain.types import Place


@require_http_methods(["GET", "POST"])
def roadmap(request: HttpRequest) -> HttpResponse:
    """Show the roadmap, or take a suggestion."""
    viewer = _viewer(request)
    if request.method == "GET":
        page = gather.roadmap(viewer, now())
        actions.read_answers(actor=viewer, now=now())
        return render(request, "roadmap/home.html", {"page": page})
    said = request.POST
    try:
        made = actions.suggest(
            actor=viewer,
            tenant=said.get("tenant", ""),
            title=said.get("title", ""),
            body=said.get("body", ""),
            feature=said.get("feature", "")[:50],
            private="private" in said,
            now=now(),
        )
    except actions.Refused as refusal:
        page = gather.roadmap(
            viewer, now(), problem=str(refusal), title=said.get("title", ""), body=said.get("body", "")
        )
        return render(request, "roadmap/home.html", {"page": page}, status=status_of(refusal))
    return HttpResponseRedirect(reverse("suggestion", args=[made]))


@require_POST
def similar(request: HttpRequest) -> HttpResponse:
    """Show what says nearly the same as what is being typed."""
    text = f"{request.POST.get('title', '')} {request.POST.get('body', '')}"[:400]
    found = queries.similar_to(text, reader=_viewer(request)) if len(text.strip()) > 3 else ()
    return render(request, "roadmap/_similar.html", {"found": found})


@require_GET
def suggestion(request: HttpRequest, key: str) -> HttpResponse:
    return _suggestion(request, str(key))


@require_POST
def vote(request: HttpRequest, key: str) -> HttpResponse:
    """Vote, or take the vote back."""
    viewer = _viewer(request)
    tenant = next((each.tenant for each in identity.everybody() if each.slug == viewer), "")
    try:
        if "back" in request.POST:
            actions.take_back(actor=viewer, suggestion=str(key), now=now())
        else:
            actions.vote(actor=viewer, tenant=tenant, suggestion=str(key), now=now())
    except actions.Refused as refusal:
        return _suggestion(request, str(key), refusal)
    place = reverse("roadmap") if request.POST.get("from") == "roadmap" else reverse("suggestion", args=[key])
    return HttpResponseRedirect(place)


@require_POST
def place(request: HttpRequest, key: str) -> HttpResponse:
    """Place a suggestion and answer its voters."""
    said = request.POST
    try:
        to = Place(said.get("place", ""))
        actions.place(
            actor=_viewer(request), suggestion=str(key), to=to, because=said.get("because", ""),
            fix=said.get("fix", ""), now=now(),
        )  # fmt: skip
    except ValueError:
        return _suggestion(request, str(key), actions.Refused("Choose a place."))
    except actions.Refused as refusal:
        return _suggestion(request, str(key), refusal)
    return HttpResponseRedirect(reverse("suggestion", args=[key]))


@require_POST
def merge(request: HttpRequest, key: str) -> HttpResponse:
    """Let another suggestion carry this one, or take that back."""
    said, viewer = request.POST, _viewer(request)
    into = said.get("into", "").strip().rstrip("/").rpartition("/")[2]
    try:
        if "back" in said:
            actions.unmerge(actor=viewer, suggestion=str(key), now=now())
        elif into:
            because = said.get("because", "")
            actions.merge(actor=viewer, suggestion=str(key), into=into, because=because, now=now())
    except actions.Refused as refusal:
        return _suggestion(request, str(key), refusal)
    return HttpResponseRedirect(reverse("suggestion", args=[key]))


def _suggestion(request: HttpRequest, key: str, refusal: actions.Refused | None = None) -> HttpResponse:
    page = gather.suggestion(key, _viewer(request), now(), problem=str(refusal or ""))
    if page is None:
        raise Http404("There is no such suggestion that you may see.")
    return render(request, "roadmap/suggestion.html", {"page": page}, status=status_of(refusal))


def status_of(refusal: Exception | None) -> int:
    kinds: tuple[tuple[type[Exception], int], ...] = ((actions.NoSuch, 404), (actions.NotYours, 403))
    if refusal is None:
        return 200
    return next((status for kind, status in kinds if isinstance(refusal, kind)), 409)


def carried_out(act: Callable[[], object]) -> actions.Refused | None:
    """Carry an act out; return its refusal, if any."""
    try:
        act()
    except actions.Refused as refusal:
        return refusal
    return None


def _viewer(request: HttpRequest) -> str:
    return str(getattr(request, "viewer", ""))
