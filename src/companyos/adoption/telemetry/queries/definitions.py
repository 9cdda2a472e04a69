"""What the program says is measured, as types."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from companyos.adoption.telemetry.domain.alerts import Route
from companyos.adoption.telemetry.domain.catalogue import (
    CaseEnds,
    Catalogue,
    Criterion,
    EventSpec,
    MetricSpec,
    NorthStar,
)
from companyos.adoption.telemetry.domain.keeping import Keeping
from companyos.adoption.telemetry.domain.openslo import Slo, slos
from companyos.adoption.telemetry.models import Definition

EVENT, CASES, METRIC, CRITERION, NORTH_STAR = "event", "cases", "metric", "criterion", "north star"
OPENSLO, ROUTE, RETENTION = "openslo", "route", "retention"


def catalogue() -> Catalogue:
    rows = _documents()
    cases = rows.get(CASES) or [{"starts": "case_started", "ends": "case_closed", "settled_after_days": 30}]
    return Catalogue(
        tuple(EventSpec.from_document(each) for each in rows.get(EVENT, ())),
        tuple(MetricSpec.from_document(each) for each in rows.get(METRIC, ())),
        tuple(Criterion(**each) for each in rows.get(CRITERION, ())),
        tuple(NorthStar(**each) for each in rows.get(NORTH_STAR, ())),
        CaseEnds(**cases[0]),
    )


def counted_so_since(event: str) -> date:
    """Return since which day an event is counted as it is now; what was counted before says nothing about it."""
    document = Definition.objects.filter(kind=EVENT, name=event).values_list("document", flat=True).first()
    since = (document or {}).get("counted_so_since")
    return date.fromisoformat(since) if since else date.min


def openslo_documents() -> tuple[dict[str, Any], ...]:
    """Return the OpenSLO documents as they were read, for an export."""
    return tuple(Definition.objects.filter(kind=OPENSLO).values_list("document", flat=True))


def objectives(feature: str = "") -> tuple[Slo, ...]:
    return tuple(each for each in slos(openslo_documents()) if feature in {"", each.feature})


def routes() -> dict[str, Route]:
    return {each["slug"]: _route(each) for each in _documents().get(ROUTE, ())}


def route_of(slo: Slo) -> Route | None:
    known = routes()
    return next((known[name] for name in slo.routes if name in known), None)


def retention() -> tuple[Keeping, ...]:
    """Return for how long what is kept; empty where the program says nothing, and then everything is kept."""
    return tuple(Keeping.from_document(each) for each in _documents().get(RETENTION, ()))


def _route(document: Mapping[str, Any]) -> Route:
    return Route(
        document["slug"],
        document["title"],
        document["team"],
        tuple(document["on_call"]),
        date.fromisoformat(document["turns_from"]),
        tuple(document["escalates_to"]),
        timedelta(minutes=document["escalates_after_minutes"]),
    )


def _documents() -> dict[str, list[dict[str, Any]]]:
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, document in Definition.objects.values_list("kind", "document"):
        found.setdefault(kind, []).append(document)
    return found
