"""Webhooks of a person's tenants, and how their last messages went."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.platform import outgoing
from companyos.work.mailroom.models import Hook


@dataclass(frozen=True, slots=True)
class HookRow:
    id: str
    tenant: str
    url: str
    events: tuple[str, ...]
    by: str
    at: datetime
    sent: tuple[outgoing.SentRow, ...]


def hooks(viewer: str) -> tuple[HookRow, ...]:
    return tuple(
        HookRow(
            str(each.pk), tenant, each.url, tuple(each.events), each.by, each.at,
            outgoing.latest(outgoing.Channel.WEBHOOK, keys_begin=f"{each.pk} "),
        )
        for tenant in tenants.of_member(viewer)
        for each in Hook.objects.of(tenant).filter(ended_at=None).order_by("at")
    )  # fmt: skip


def may_add(viewer: str) -> bool:
    return any(team.lead == viewer for team in identity.teams())
