"""Gathers the pages of comms."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from companyos.change.comms import queries
from companyos.change.comms.domain.reach import reach_of
from companyos.change.comms.domain.types import Kind, NoticeRow, Receipt
from companyos.change.comms.web.pages import (
    Announced,
    AnnouncementPage,
    AnnouncementsPage,
    NewsPage,
    OneNewsPage,
)
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.platform.markdown import html_of


def news_page(viewer: str, now: datetime) -> NewsPage:
    return NewsPage(now, queries.news_of(viewer))


def one_news_page(viewer: str, notice: str, now: datetime, problem: str = "") -> OneNewsPage | None:
    row = queries.as_told_to(viewer, notice)
    if row is None:
        return None
    return OneNewsPage(now, row, html_of(row.notice.words), identity.name_of(row.notice.by), problem)


def announcements_page(
    viewer: str,
    now: datetime,
    *,
    filled: Mapping[str, str] | None = None,
    chosen: frozenset[str] = frozenset(),
    problem: str = "",
) -> AnnouncementsPage:
    rows = queries.notices()
    told = queries.receipts(rows)
    teams = identity.teams()
    return AnnouncementsPage(
        now,
        tuple(_announced(row, told.get(row.id, ()), now) for row in rows),
        any(team.lead == viewer for team in teams),
        tuple(sorted(tenants.titles().items())),
        tuple((team.slug, team.title) for team in teams),
        filled or {},
        chosen,
        problem,
    )


def announcement_page(viewer: str, notice: str, now: datetime, problem: str = "") -> AnnouncementPage | None:
    row = queries.find(notice)
    if row is None:
        return None
    told = queries.receipts([row]).get(row.id, ())
    names = {person.slug: person.name for person in identity.everybody()}
    sees_who = identity.leads_a_team(viewer)
    return AnnouncementPage(
        now,
        _announced(row, told, now),
        html_of(row.words),
        tuple((each, names.get(each.person, each.person)) for each in told) if sees_who else (),
        sees_who,
        _waits_for_its_end(row) and (sees_who or viewer == row.by),
        problem,
    )


def _waits_for_its_end(row: NoticeRow) -> bool:
    """Tell whether a migration was announced of which nobody has said how it went."""
    known = queries.heads_up(row.key) if row.kind is Kind.MIGRATION else None
    return known is not None and not known.standing.is_final


def _announced(row: NoticeRow, told: tuple[Receipt, ...], now: datetime) -> Announced:
    reached = reach_of([each.person for each in told], told, changes_at=row.changes_at, now=now)
    return Announced(row, reached, identity.name_of(row.by))
