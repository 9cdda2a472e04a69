"""Gathers the pages of banners."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from companyos.change.comms import queries as notices
from companyos.change.comms.domain.banners import Audience, BannerRow, Severity
from companyos.change.comms.domain.conflicts import Conflict, Placed, conflicts
from companyos.change.comms.domain.drafts import Draft
from companyos.change.comms.queries import banners as queries
from companyos.change.comms.web.banner_pages import (
    BannerLine,
    BannerPage,
    BannersPage,
    Choice,
    NewBannerPage,
    Preview,
)
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants

WAYS = {
    "dismiss": "Whoever has read it dismisses it",
    "acknowledge": "It stays until they say “I know”",
    "stay": "It stays until it ends",
}
_SEVERITIES: dict[str, str] = {
    Severity.INFO: "Information",
    Severity.WARNING: "Warning",
    Severity.CRITICAL: "Critical",
}
_FIELDS = (
    "title",
    "words",
    "link",
    "link_words",
    "starts_at",
    "ends_at",
    "priority",
    "notice",
    "severity",
    "way",
)
_NOTICES = 50


def banners_page(viewer: str, now: datetime) -> BannersPage:
    rows = queries.banners()
    lines = {row.id: line for row, line in zip(rows, _lines(rows, now), strict=True)}
    first = sorted((row for row in rows if row.is_in_force(now)), key=_rank)
    running = tuple(lines[row.id] for row in first)
    coming = tuple(lines[row.id] for row in rows if row.is_coming(now))
    over = tuple(lines[row.id] for row in rows if not row.is_in_force(now) and not row.is_coming(now))
    return BannersPage(now, running, coming, over, _conflicts(now), identity.leads_a_team(viewer))


def banner_page(
    viewer: str, banner: str, now: datetime, *, problem: str = "", because: str = ""
) -> BannerPage | None:
    row = queries.find_banner(banner)
    if row is None:
        return None
    notice = notices.find(row.notice) if row.notice else None
    is_over = not row.is_in_force(now) and not row.is_coming(now)
    return BannerPage(
        now,
        _lines([row], now)[0],
        notice.title if notice else "",
        tuple(each for each in _conflicts(now) if row.id in {one.id for one in each.banners}),
        not is_over and identity.leads_a_team(viewer),
        problem,
        because,
    )


def new_banner_page(
    viewer: str,
    now: datetime,
    *,
    filled: Mapping[str, str] | None = None,
    audience: Audience | None = None,
    preview: Preview | None = None,
    problem: str = "",
) -> NewBannerPage:
    said, whom = dict.fromkeys(_FIELDS, "") | dict(filled or {}), audience or Audience()
    teams = {team.slug: team.title for team in identity.teams()}
    told = {row.id: row.title for row in notices.notices(limit=_NOTICES)}
    return NewBannerPage(
        now,
        identity.leads_a_team(viewer),
        _choices(dict(sorted(tenants.titles().items())), whom.tenants),
        _choices(teams, whom.teams),
        _choices(identity.departments(), whom.departments),
        _choices(told, [said["notice"]]),
        _choices(_SEVERITIES, [said["severity"] or Severity.INFO]),
        _choices(WAYS, [said["way"] or "dismiss"]),
        said,
        preview,
        problem,
    )


def preview_of(draft: Draft, people: frozenset[str], now: datetime) -> Preview:
    """Return how a banner would look in each severity, whom it would reach and what is in its way."""
    row = BannerRow(
        "",
        draft.title,
        draft.words,
        draft.link,
        draft.link_words,
        draft.severity,
        draft.audience,
        draft.notice,
        draft.begins(now),
        draft.ends_at,
        draft.dismissible,
        draft.needs_ack,
        draft.priority,
        now,
        "",
    )
    home = _homes()
    found = conflicts((*_placed(now), Placed(row, people)), home)
    order = sorted(Severity, key=lambda each: each is not draft.severity)
    return Preview(
        tuple(replace(row, severity=each) for each in order),
        len(people),
        len({home[each] for each in people}),
        tuple(each for each in found if row in each.banners),
    )


def _lines(rows: Iterable[BannerRow], now: datetime) -> tuple[BannerLine, ...]:
    rows = tuple(rows)
    answered, people = queries.answers(rows), queries.audiences(rows)
    home, titles = _homes(), _titles()
    names = {person.slug: person.name for person in identity.everybody()}
    return tuple(
        BannerLine(
            row,
            *_state(row, now),
            answered[row.id],
            len({home[each] for each in people[row.id]}),
            _whom(row, titles),
            names.get(row.by, row.by),
            names.get(row.ended_by, row.ended_by),
        )
        for row in rows
    )


def _rank(row: BannerRow) -> tuple[int, int, datetime, str]:
    """Banners in the order in which somebody who has them all would see them."""
    return -list(Severity).index(row.severity), row.priority, row.starts_at, row.id


def _state(row: BannerRow, now: datetime) -> tuple[str, str]:
    if row.is_in_force(now):
        return "active", "In force"
    if row.is_coming(now):
        return "planned", "Coming"
    return "closed", "Ended early" if row.ended_at else "Ended"


def _whom(row: BannerRow, titles: Mapping[str, Mapping[str, str]]) -> str:
    audience = row.audience
    named = (("tenants", audience.tenants), ("teams", audience.teams), ("departments", audience.departments))
    said = [titles[kind].get(each, each) for kind, slugs in named for each in slugs]
    return ", ".join([*said, *(["the people of its notice"] if row.notice else [])])


def _titles() -> dict[str, dict[str, str]]:
    teams = {team.slug: team.title for team in identity.teams()}
    return {"tenants": tenants.titles(), "teams": teams, "departments": identity.departments()}


def _homes() -> dict[str, str]:
    """Return the title of the tenant where each person works."""
    titles = tenants.titles()
    return {each.slug: titles.get(each.tenant, each.tenant) for each in identity.everybody()}


def _placed(now: datetime) -> tuple[Placed, ...]:
    rows = queries.not_over(now)
    people = queries.audiences(rows)
    return tuple(Placed(row, people[row.id]) for row in rows)


def _conflicts(now: datetime) -> tuple[Conflict, ...]:
    return conflicts(_placed(now), _homes())


def _choices(titles: Mapping[str, str], chosen: Iterable[str]) -> tuple[Choice, ...]:
    taken = frozenset(chosen)
    return tuple(Choice(value, title, value in taken) for value, title in titles.items())
