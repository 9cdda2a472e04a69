"""Keys of programs over the management API; and how far a ruleset has spread to the programs that hold them."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.http import HttpRequest, JsonResponse
from ninja import Field, Router, Schema

from companyos.adoption.flags import actions as flags
from companyos.adoption.flags import queries as flag_queries
from companyos.adoption.flags.jobs import publish_latest
from companyos.people.identity import actions, queries
from companyos.people.identity.domain.types import KeyKind, Scope
from companyos.platform.instance import instance, now
from companyos.surfaces.api.answering import actor_of

router = Router(tags=["keys"])


class KeyIn(Schema):
    label: str
    kind: KeyKind = KeyKind.SERVER
    scopes: list[Scope]
    tenants: list[str]
    origins: list[str] = Field(default_factory=list)


class ReasonIn(Schema):
    because: str


@router.get("/keys")
def list_keys(request: HttpRequest) -> Any:
    return [_as_dict(row) for row in queries.program_keys()]


@router.post("/keys")
def issue(request: HttpRequest, body: KeyIn) -> Any:
    """Issue a key. It is in this answer and nowhere else."""
    actor = actor_of(request)
    if not queries.may_manage_keys(actor):
        return _not_yours()
    try:
        key = issue_and_publish(
            actor=actor,
            label=body.label,
            kind=body.kind,
            scopes=body.scopes,
            tenants=body.tenants,
            origins=body.origins,
            now=now(),
            folder=instance().folder / "edge",
        )
    except actions.KeyRefused as refusal:
        return JsonResponse({"error": str(refusal)}, status=422)
    return JsonResponse({"key": key}, status=201)


@router.post("/keys/{key_id}/revoke")
def revoke(request: HttpRequest, key_id: str, body: ReasonIn) -> Any:
    """Revoke a key: once this is answered the edge refuses it within a second, for ever."""
    actor = actor_of(request)
    if not queries.may_manage_keys(actor):
        return _not_yours()
    try:
        was_live = revoke_and_publish(
            actor=actor, key_id=key_id, because=body.because, now=now(), folder=instance().folder / "edge"
        )
    except actions.NoSuchKey as refusal:
        return JsonResponse({"error": str(refusal)}, status=404)
    except actions.KeyRefused as refusal:
        return JsonResponse({"error": str(refusal)}, status=422)
    return {"revoked": True, "was_live": was_live}


@router.get("/propagation")
def propagation(request: HttpRequest) -> Any:
    """Tell how many of the providers serve the newest ruleset, and who lags since when."""
    spread = flag_queries.propagation(now=now())
    return {
        "version": spread.version,
        "published_at": spread.published_at,
        "confirmed": len(spread.confirmed),
        "providers": spread.providers,
        "lagging": [_as_dict(each) for each in spread.lagging],
        "gone": [_as_dict(each) for each in spread.gone],
    }


def issue_and_publish(
    *,
    actor: str,
    label: str,
    kind: KeyKind,
    scopes: list[Scope],
    tenants: list[str],
    origins: list[str],
    now: datetime,
    folder: Path,
) -> str:
    """Issue a key and publish the ruleset in which the edge finds it. Raises KeyRefused."""
    with transaction.atomic():
        key = actions.issue_key(
            actor=actor, label=label, kind=kind, scopes=scopes, tenants=tenants, origins=origins, now=now
        )
        flags.new_ruleset(actor=actor, because=f"key issued: {label}", now=now)
    publish_latest(folder)
    return key


def revoke_and_publish(*, actor: str, key_id: str, because: str, now: datetime, folder: Path) -> bool:
    """Revoke a key, and publish that at once; says whether it was live. Raises KeyRefused."""
    with transaction.atomic():
        was_live = actions.revoke_key(actor=actor, key_id=key_id, because=because, now=now)
        if was_live:
            flags.new_ruleset(actor=actor, because=f"key revoked: {because}", now=now)
    publish_latest(folder)
    return was_live


def _as_dict(row: Any) -> dict[str, Any]:
    return {name: getattr(row, name) for name in row.__slots__}


def _not_yours() -> JsonResponse:
    return JsonResponse({"error": "Only who leads a team issues and revokes keys of programs."}, status=403)
