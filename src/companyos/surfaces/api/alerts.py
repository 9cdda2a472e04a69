"""Paging over HTTP: who is paged, a test page, and the answer to it (R158)."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import Field, NinjaAPI, Router, Schema

from companyos.adoption.telemetry import actions
from companyos.adoption.telemetry.queries import alerts, definitions
from companyos.platform.instance import now
from companyos.surfaces.api.answering import actor_of

router = Router(tags=["alerts"])


class NoteIn(Schema):
    note: str = Field("", max_length=500)


class NoSuchAlert(Exception):
    """There is no such alert, or no such route."""


@router.get("/alerts/routes")
def read_routes(request: HttpRequest) -> Any:
    """Return who is paged by which route, and whose week it is."""
    today = now().date()
    return [
        {
            "slug": r.slug,
            "title": r.title,
            "team": r.team,
            "people": sorted(r.people),
            "on_call": r.on_call_at(today),
        }
        for r in definitions.routes().values()
    ]


@router.post("/alerts/routes/{route}/test")
def send_test_page(request: HttpRequest, route: str) -> Any:
    """Page whoever is on call, to see that pages arrive."""
    found = definitions.routes().get(route)
    if found is None:
        raise NoSuchAlert(f"There is no route {route!r}.")
    return {"alert": actions.send_test_page(actor=actor_of(request), route=found, now=now())}


@router.post("/alerts/{alert}/acknowledge")
def acknowledge(request: HttpRequest, alert: UUID, body: NoteIn) -> Any:
    """Say that somebody has it; a test page ends with that."""
    row = alerts.alert(str(alert))
    route = definitions.routes().get(row.route) if row else None
    if route is None:
        raise NoSuchAlert("There is no such alert.")
    actions.acknowledge(actor=actor_of(request), alert=str(alert), route=route, note=body.note, now=now())
    return {"acknowledged": str(alert)}


def add_alerts(api: NinjaAPI) -> None:
    api.add_router("", router)

    @api.exception_handler(NoSuchAlert)
    def unknown(request: HttpRequest, refusal: NoSuchAlert) -> Any:
        return api.create_response(request, {"error": str(refusal)}, status=404)

    @api.exception_handler(actions.Refused)
    def refused(request: HttpRequest, refusal: actions.Refused) -> Any:
        status = 403 if isinstance(refusal, actions.NotYours) else 409
        return api.create_response(request, {"error": str(refusal)}, status=status)
