"""Addresses that hear of a tenant's cases, and telling them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction

from companyos.kernel.ids import id_of
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.platform import webhooks
from companyos.work.cases import queries as cases
from companyos.work.cases.domain.types import EventKind
from companyos.work.mailroom.models import Hook

MOST_HOOKS = 20
_BY_ID = "the actor is judged against the hook's own tenant"


class Refused(Exception):
    """It is not done; the text says why and what to do."""


def add_hook(*, actor: str, tenant: str, url: str, events: Sequence[str], now: datetime) -> str:
    """Let an address hear of a tenant's cases; returns the hook's id. Whoever leads a team in the tenant may."""
    _check(actor, tenant)
    if refusal := webhooks.why_not(url):
        raise Refused(refusal)
    if unknown := sorted(set(events) - set(EventKind)):
        raise Refused(f"There is no event {unknown[0]!r}; there are {', '.join(EventKind)}.")
    if Hook.objects.of(tenant).filter(ended_at=None).count() >= MOST_HOOKS:
        raise Refused(f"A tenant has {MOST_HOOKS} webhooks at most. End one first.")
    key = id_of(now, "hook", tenant, url)
    try:
        with transaction.atomic():
            Hook(id=key, tenant_id=tenant, url=url, events=sorted(events), by=actor, at=now).save(
                force_insert=True
            )
    except IntegrityError:
        raise Refused("This address hears of the tenant's cases already.") from None
    return str(key)


def end_hook(*, actor: str, hook: str, now: datetime) -> None:
    row = Hook.objects.across_tenants(because=_BY_ID).filter(pk=hook, ended_at=None).first()
    if row is None:
        raise Refused("It has ended already.")
    _check(actor, row.tenant_id)
    Hook.objects.of(row.tenant_id).filter(pk=row.pk).update(ended_at=now, ended_by=actor)


def tell_hooks(topic: str, told: Mapping[str, Any], *, now: datetime) -> int:
    """Queue what happened to a case for every address that hears of it; says how many. Twice heard, once sent."""
    kind = topic.removeprefix("case.")
    if kind not in set(EventKind) or "n" not in told:
        return 0
    hooks = Hook.objects.of(told["tenant"]).filter(ended_at=None)
    wanted = [hook for hook in hooks if not hook.events or kind in hook.events]
    body = _body(kind, told) if wanted else {}
    return sum(
        webhooks.send_webhook(
            hook=str(hook.pk), url=hook.url, body=body, key=f"{hook.pk} {told['case']} {told['n']}", now=now,
            tenant=told["tenant"],
        ) for hook in wanted
    )  # fmt: skip


def _body(kind: str, told: Mapping[str, Any]) -> dict[str, Any]:
    case = cases.summary(told["case"])
    return {
        "type": f"case.{kind}",
        "timestamp": case.at_event(int(told["n"])),
        "data": {**case.told, "event": int(told["n"]), "url": f"{settings.PUBLIC_URL}/cases/{told['case']}"},
    }


def _check(actor: str, tenant: str) -> None:
    leads = any(team.lead == actor for team in identity.teams())
    if not leads or not tenants.is_member(tenant=tenant, person=actor):
        raise Refused(
            "Whoever leads a team and is in the tenant adds and ends its webhooks. Ask one of them."
        )
