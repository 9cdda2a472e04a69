"""Shadow runs over HTTP: what comparisons come to, and what people say of differences."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from django.http import HttpRequest
from ninja import Field, NinjaAPI, Router, Schema

from companyos.adoption.features import queries as features
from companyos.adoption.shadow import actions, queries
from companyos.adoption.shadow.domain.classes import coverage
from companyos.adoption.shadow.domain.types import MarkKind
from companyos.kernel.stats.binomial import lower_bound, upper_bound
from companyos.platform.instance import now
from companyos.surfaces.api.answering import actor_of, tell_refusals

router = Router(tags=["shadow"])
_STATUS = {actions.NotYours: 403, actions.NoSuchClass: 404, actions.Refused: 409}


class MarkIn(Schema):
    kind: MarkKind
    reason: str = Field(max_length=500)
    until: datetime | None = None


class CaseIn(Schema):
    reason: str = Field(max_length=500)


@router.get("/shadow/{feature}")
def read_standing(request: HttpRequest, feature: str, days: int = 30, workflow: str = "") -> Any:
    """What the comparisons of the last days come to, with the classes of differences; no values of anybody's data."""
    at = now()
    since = at - timedelta(days=max(1, min(days, 90)))
    found = queries.standing_of(feature, since, at, workflow=workflow)
    n = found.compared
    return {
        "feature": feature,
        "since": since.isoformat(),
        **asdict(found),
        "unexplained_low": lower_bound(found.unexplained, n, 0.95) if n else None,
        "unexplained_high": upper_bound(found.unexplained, n, 0.95) if n else None,
        "coverage": coverage(queries.coverage_variants(feature, at)),
        "latency": asdict(queries.latency(feature, since, at, workflow=workflow)),
        "classes": [
            {**asdict(each), "score": each.score}
            for each in queries.classes(feature, since, at, workflow=workflow)
        ],
    }


@router.post("/shadow/{feature}/{workflow}/{signature}/marks")
def say_what_it_is(request: HttpRequest, feature: str, workflow: str, signature: str, body: MarkIn) -> Any:
    """Say what a class of differences is; the reason is kept."""
    actions.mark(
        actor=actor_of(request),
        owners=_owners(feature),
        feature=feature,
        workflow=workflow,
        signature=signature,
        kind=body.kind,
        because=body.reason,
        until=body.until,
        now=now(),
    )
    return {"kind": str(body.kind)}


@router.post("/shadow/{feature}/{workflow}/{signature}/case")
def open_a_case(request: HttpRequest, feature: str, workflow: str, signature: str, body: CaseIn) -> Any:
    """Open a bug for a class of differences."""
    case = actions.open_case(
        actor=actor_of(request),
        owners=_owners(feature),
        feature=feature,
        workflow=workflow,
        signature=signature,
        because=body.reason,
        now=now(),
    )
    return {"case": case.id, "tenant": case.tenant, "number": case.number}


def add_shadow(api: NinjaAPI) -> None:
    api.add_router("", router)
    tell_refusals(api, _STATUS)


def _owners(feature: str) -> frozenset[str]:
    row = features.feature(feature)
    return queries.owners_of(row.owner, row.lead_team) if row else frozenset()
