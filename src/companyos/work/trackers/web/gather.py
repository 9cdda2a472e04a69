"""Gathers the pages of trackers."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings
from django.urls import reverse

from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.work.cases import queries as cases
from companyos.work.trackers import queries
from companyos.work.trackers.accounts import NoAccount, accounts
from companyos.work.trackers.domain.known import KINDS
from companyos.work.trackers.web.pages import Choice, ListPage, OnePage, Shown

_HOW = {
    "github": "In the repository: Settings, Webhooks. Content type application/json, the secret of the accounts file;"
    " events Issues and Issue comments.",
    "gitlab": "In the project: Settings, Webhooks. The secret of the accounts file as secret token; triggers Issues"
    " events and Comments.",
    "jira": "Jira settings, System, WebHooks. The secret of the accounts file; events Issue created, Issue updated,"
    " Comment created.",
    "linear": "Settings, API, Webhooks. Linear shows a signing secret: put it into the accounts file; resources Issues"
    " and Comments.",
}


def list_page(viewer: str, now: datetime, *, problem: str = "", repository: str = "") -> ListPage:
    try:
        known = tuple(
            Choice(each.name, f"{each.name} ({KINDS[each.kind].title})", KINDS[each.kind].repository_hint)
            for each in accounts().values()
        )
    except NoAccount as wrong:
        known, problem = (), problem or str(wrong)
    titles, production = tenants.titles(), tenants.production_tenants()
    return ListPage(
        now,
        tuple(_shown(each) for each in queries.connections(viewer)),
        known,
        tuple(Choice(t.slug, t.title) for t in identity.teams() if viewer in {t.lead, *t.people}),
        tuple(Choice(t, titles.get(t, t)) for t in tenants.of_member(viewer) if t in production),
        settings.TRACKERS_FILE,
        problem,
        repository,
    )


def one_page(viewer: str, number: str, now: datetime, *, problem: str = "") -> OnePage | None:
    row = queries.connection(viewer, number)
    if row is None:
        return None
    return OnePage(
        now,
        _shown(row),
        f"{settings.PUBLIC_URL}{reverse('tracker-hook', args=[row.id])}",
        _HOW[row.kind],
        queries.deliveries(row),
        queries.issues(row),
        queries.changes_of(row),
        viewer in cases.squad_of(row.squad),
        problem,
    )


def _shown(row: queries.ConnectionRow) -> Shown:
    squads = {team.slug: team.title for team in identity.teams()}
    return Shown(
        row,
        KINDS[row.kind].title,
        squads.get(row.squad, row.squad),
        tenants.titles().get(row.tenant, row.tenant),
        identity.name_of(row.by),
    )
