"""The register of surfaces: every page, API operation, edge address and screen there is, and whose it is (R3)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import Resolver404, get_resolver, resolve
from django.urls.resolvers import URLPattern, URLResolver
from django.views.decorators.http import require_GET

from companyos.adoption.features import queries
from companyos.adoption.features.domain.surfaces import Entry, Seen, by_owner, finding_of
from companyos.adoption.telemetry.queries import catalogue_seen
from companyos.analytics.limits import EngineError
from companyos.platform.instance import instance, now
from companyos.surfaces.console.readiness.pages import OwnedSurfaces, SurfacesPage

API = "/api/v1"
_SHOWN = 200


@require_GET
def surfaces(request: HttpRequest) -> HttpResponse:
    return render(request, "features/surfaces.html", {"page": surfaces_page(now())})


def surfaces_page(now: datetime) -> SurfacesPage:
    features = {each.slug: each.title for each in queries.features()}
    register = tuple(_register())
    screens, problem = _screens(now)
    seen = (*sorted(set(_pages())), *_operations(), *_edge(), *screens)
    owned = by_owner(seen, register, features)
    nobodys = owned.pop("", [])
    return SurfacesPage(
        now,
        len(seen),
        tuple(finding_of(each, register) for each in nobodys)[:_SHOWN],
        tuple(
            OwnedSurfaces(slug, features.get(slug, ""), tuple(each)) for slug, each in sorted(owned.items())
        ),
        problem,
    )


def _register() -> Iterator[Entry]:
    """A page that somebody sees is told of as a screen of the same address."""
    for each in queries.surfaces():
        yield Entry(each.kind, each.begins, each.feature)
        if each.kind == "route":
            yield Entry("screen", each.begins, each.feature)


def _pages() -> Iterator[Seen]:
    for path in _routes(get_resolver().url_patterns, "/"):
        if not path.startswith(f"{API}/"):
            yield Seen("route", path)


def _routes(patterns: list[URLPattern | URLResolver], before: str) -> Iterator[str]:
    for each in patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _routes(each.url_patterns, path)
        else:
            yield path


def _operations() -> Iterator[Seen]:
    """What the OpenAPI document says, as anybody gets it."""
    address = f"{API}/openapi.json"
    try:
        view = resolve(address).func
    except Resolver404:
        return
    asked = HttpRequest()
    asked.method, asked.path = "GET", address
    document = json.loads(view(asked).content)
    for path in document["paths"]:
        yield Seen("operation", path.removeprefix(API))


def _edge() -> Iterator[Seen]:
    for path in instance().edge_addresses:
        yield Seen("edge", path)


def _screens(now: datetime) -> tuple[list[Seen], str]:
    """The screens that telemetry tells of, and features in events that nobody here knows; or why it cannot say."""
    known = {each.slug for each in queries.features()}
    try:
        events, screens = catalogue_seen.events_seen(now), catalogue_seen.screens_seen(now)
    except EngineError as error:
        return [], f"The event engine does not answer, so screens are not in the list: {str(error)[:120]}"
    found = [Seen("screen", each.screen, each.feature, each.views) for each in screens]
    strange = sorted({each.feature for each in events if each.feature and each.feature not in known})
    return found + [Seen("screen", slug, slug) for slug in strange], ""
