"""Gathers the page of what is kept: for how long, what went, and who was taken out."""

from __future__ import annotations

import os
from datetime import datetime

from companyos.adoption.telemetry.queries import definitions, erasures
from companyos.analytics.intake.privacy import Privacy
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.surfaces.console.telemetry.gather import team_title
from companyos.surfaces.console.telemetry.pages import KeptPage
from companyos.surfaces.console.telemetry.sheets import Column, Sheet, State
from companyos.surfaces.console.telemetry.tables import N

_COVERS = {
    "events": "all other events",
    "quarantine": "what was refused",
    "inbox": "closed files of the log",
    "answers": "what people were asked and said",
}


def page(viewer: str, now: datetime) -> KeptPage:
    return KeptPage(now, _kept(now), _erasures(), viewer in owners(), _pseudonyms())


def owners() -> frozenset[str]:
    """Return who may have a person erased: the owners of the tenants."""
    return frozenset(owner for tenant in tenants.tenant_map() for owner in tenant.owners)


def _kept(now: datetime) -> Sheet:
    columns = (
        Column("domain", "Data domain"),
        Column("covers", "Covers"),
        Column("days", "Kept for", "days"),
        Column("before", "Nothing from before"),
        Column("removed", "Last taken out", N),
        Column("at", "When"),
        Column("owner", "Owner"),
        Column("because", "Why so long"),
    )
    last, titles = erasures.last_removals(), tenants.titles()
    rows = []
    for each in definitions.retention():
        named = (*each.events, *(titles.get(tenant, tenant) for tenant in each.tenants))
        gone = last.get(each.domain)
        rows.append(
            (
                each.title,
                ", ".join(named) or _COVERS[each.holds],
                each.days,
                each.before(now).date(),
                gone.rows if gone else None,
                gone.at if gone else None,
                team_title(each.owner),
                each.because,
            )
        )
    return Sheet(
        "kept",
        "For how long",
        columns,
        tuple(rows),
        "Nothing is taken out: program/retention.yaml is not written.",
        empty_title="Everything is kept",
    )


def _erasures() -> Sheet:
    columns = (
        Column("digest", "Whose, as a digest"),
        Column("state", "State"),
        Column("at", "Asked"),
        Column("by", "By"),
        Column("because", "Why"),
        Column("done", "Done"),
        Column("rows", "Taken out", N),
        Column("places", "Where"),
    )
    rows = tuple(
        (
            each.digest[:12],
            State("passed", "Done") if each.done_at else State("pending", "Under way"),
            each.at,
            identity.name_of(each.by),
            each.because,
            each.done_at,
            sum(n for _, n in each.removed),
            ", ".join(f"{n} of {place}" for place, n in each.removed if n) or "nothing was held",
        )
        for each in erasures.erasures()
    )
    return Sheet("erasures", "Erasures", columns, rows, "Nobody has asked to be erased.", empty_title="None")


def _pseudonyms() -> str:
    privacy = Privacy.told_by(os.environ)
    if not privacy.secret:
        return "Actors are stored by the names their senders give."
    whose = "Actors of browsers" if privacy.only_for_browsers else "All actors"
    return f"{whose} are stored as pseudonyms."
