"""Gathers the page of webhooks."""

from __future__ import annotations

from datetime import datetime

from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.platform.webhooks import secret_of
from companyos.work.cases.domain.types import EventKind
from companyos.work.mailroom import queries
from companyos.work.mailroom.actions.mailbox import FOLDER
from companyos.work.mailroom.web.pages import HooksPage, MailboxPage, Shown

_OFFERED = (
    EventKind.OPENED, EventKind.TRIAGED, EventKind.PLAN_ACCEPTED, EventKind.RESOLVED, EventKind.RELEASED,
    EventKind.REOPENED, EventKind.SEVERITY_SET, EventKind.COMMENTED, EventKind.BREACHED,
)  # fmt: skip


def hooks_page(viewer: str, now: datetime, *, problem: str = "", url: str = "") -> HooksPage:
    titles, may = tenants.titles(), queries.may_add(viewer)
    shown = tuple(
        Shown(
            row,
            titles.get(row.tenant, row.tenant),
            identity.name_of(row.by),
            secret_of(row.id) if may else "",
        )
        for row in queries.hooks(viewer)
    )
    mine = tuple((each, titles.get(each, each)) for each in tenants.of_member(viewer))
    return HooksPage(now, shown, mine, tuple(map(str, _OFFERED)), may, problem, url)


def mailbox_page(viewer: str, now: datetime) -> MailboxPage:
    return MailboxPage(now, queries.mailbox(), FOLDER, queries.may_add(viewer))
