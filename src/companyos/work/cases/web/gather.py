"""Gathers the lists of cases from queries, as somebody may see them."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from urllib.parse import urlencode

from django.http import QueryDict

from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.work.cases import queries
from companyos.work.cases.domain.types import Phase, Severity
from companyos.work.cases.queries.inbox import PAGE, Asked, CaseLine
from companyos.work.cases.web.pages import Choice, Filter, InboxPage, Line, MinePage, Tab

_SOON = timedelta(hours=6)
_SCOPES = {
    "open": "Open", "untriaged": "To triage", "unplanned": "To plan", "late": "Late",
    "waiting": "Waits for reporter", "over": "Over", "merged": "Merged",
}  # fmt: skip
_ASKED = ("scope", "type", "severity", "squad", "owner", "feature", "tenant", "words")


def asked_in(said: QueryDict) -> Asked:
    """Read a question to the inbox from an address."""
    texts = {name: said.get(name, "")[:200] for name in _ASKED if said.get(name)}
    before = said.get("before", "0")
    return Asked(
        **{**texts, "scope": texts.get("scope", "open")}, before=int(before) if before.isdecimal() else 0
    )


def inbox_page(viewer: str, asked: Asked, now: datetime, said: tuple[str, ...] = ()) -> InboxPage:
    rows, n = queries.inbox(viewer, asked, now)
    counted, teams = queries.counts(viewer, now), {t.slug: t.title for t in identity.teams()}
    tabs = tuple(
        Tab(
            scope,
            title,
            counted.get(scope),
            query_of(replace(asked, scope=scope, before=0)),
            scope == asked.scope,
        )
        for scope, title in _SCOPES.items()
    )
    shown = asked.before + len(rows)
    may_import, titles = identity.may_manage_keys(viewer), tenants.titles()
    return InboxPage(
        now=now,
        asked=asked,
        lines=lines_of(rows, now),
        n=n,
        tabs=tabs,
        types=choices({t.slug: t.title for t in queries.case_types()}, asked.type),
        severities=choices({s: s.capitalize() for s in Severity}, asked.severity),
        squads=choices(teams, asked.squad),
        filters=tuple(Filter(*each) for each in queries.saved_filters(viewer)),
        query=query_of(replace(asked, before=0)),
        more=query_of(replace(asked, before=asked.before + PAGE)) if shown < n else "",
        may_import=may_import,
        tenants=choices({t: titles.get(t, t) for t in tenants.of_member(viewer)}, "") if may_import else (),
        said=said,
    )


def mine_page(viewer: str, now: datetime) -> MinePage:
    rows = queries.reported_by(viewer)
    return MinePage(
        now,
        lines_of(rows, now),
        queries.notices(viewer),
        tuple(row for row in rows if row.phase in {Phase.DONE, Phase.RELEASED} and not row.confirmed),
    )


def lines_of(rows: tuple[CaseLine, ...], now: datetime) -> tuple[Line, ...]:
    names = {p.slug: p.name for p in identity.everybody()}
    teams = {t.slug: t.title for t in identity.teams()}
    return tuple(
        Line(row, _clock(row, now), names.get(row.owner, row.owner), teams.get(row.squad, row.squad))
        for row in rows
    )


def _clock(row: CaseLine, now: datetime) -> str:
    if row.waiting_since:
        return "waiting"
    if row.due_at is None or row.resolved_at:
        return ""
    return "late" if row.due_at < now else "soon" if row.due_at < now + _SOON else ""


def choices(titles: dict[str, str], chosen: str) -> tuple[Choice, ...]:
    return tuple(Choice(value, title, value == chosen) for value, title in titles.items())


def query_of(asked: Asked) -> str:
    """Return the address of a question: every filter stands in it."""
    told = {name: getattr(asked, name) for name in (*_ASKED, "before")}
    return "?" + urlencode({name: value for name, value in told.items() if value})
