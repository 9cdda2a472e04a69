"""The views of the search: a page of its own, and the same list for the palette."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from companyos.platform.instance import now
from companyos.surfaces.console.search import gather
from companyos.surfaces.console.search.matching import LONGEST_QUESTION
from companyos.surfaces.console.search.pages import SearchPage


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """Show what fits `q`, on a page that needs no script."""
    return render(request, "search/home.html", {"page": _page(request)})


@require_GET
def palette(request: HttpRequest) -> HttpResponse:
    """Show what fits `q` as the options of the palette."""
    return render(request, "search/_options.html", {"page": _page(request)})


def _page(request: HttpRequest) -> SearchPage:
    words = request.GET.get("q", "")[:LONGEST_QUESTION]
    viewer: str = request.viewer  # type: ignore[attr-defined]
    return SearchPage(words, gather.found(viewer, words, now()))
