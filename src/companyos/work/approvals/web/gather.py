"""Gathers each requests page from queries, as somebody may see it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from companyos.people.identity import queries as identity
from companyos.people.identity.domain.types import Pace, Way
from companyos.people.tenants import queries as tenants
from companyos.platform import slack
from companyos.work.approvals import queries
from companyos.work.approvals.actions.paths import path_of
from companyos.work.approvals.domain.judge import judge
from companyos.work.approvals.domain.org import Org
from companyos.work.approvals.domain.permitted import refusal_of
from companyos.work.approvals.domain.types import Act, ActKind, Path
from companyos.work.approvals.queries.one import AskedRow
from companyos.work.approvals.web import forms
from companyos.work.approvals.web.pages import (
    ActLine,
    AskedLine,
    AwayPage,
    Choice,
    FileLine,
    Kind,
    Line,
    ListPage,
    RequestPage,
    StandInLine,
    ToldPage,
)

_SAYS = {
    "asked": "asked", "approved": "approved", "declined": "declined", "returned": "asked for changes",
    "taken_back": "took it back to change it", "resubmitted": "sent it again", "delegated": "handed it on",
    "withdrawn": "withdrew it", "cancelled": "cancelled it", "carried_out": "carried it out",
    "commented": "commented", "reminded": "reminded", "escalated": "escalated it", "timed_out": "let it run out",
}  # fmt: skip
_TRIED = (
    ("approve", ActKind.APPROVED), ("decline", ActKind.DECLINED), ("return", ActKind.RETURNED),
    ("withdraw", ActKind.WITHDRAWN), ("cancel", ActKind.CANCELLED), ("change", ActKind.RESUBMITTED),
    ("carry-out", ActKind.CARRIED_OUT),
)  # fmt: skip


def inbox_page(
    viewer: str, now: datetime, after: tuple[datetime, int] | None, said: tuple[str, ...] = ()
) -> ListPage:
    rows, more = queries.inbox(viewer, after=after)
    org, titles = queries.organisation(now), queries.type_titles()
    lines = tuple(
        Line(
            row.request.id,
            row.request.title,
            titles.get(row.request.type, row.request.type),
            org.name(row.request.requester),
            _money(row.request.amount),
            row.request.status,
            row.request.because,
            row.step,
            row.why,
            row.since,
            row.due_at,
            row.due_at is not None and row.due_at < now,
        )
        for row in rows
    )
    waiting, news = queries.waiting_for(viewer), queries.news_for(viewer)
    return ListPage(now, lines, waiting, _address(more), said, unified=_unified(viewer), news=news)


def mine_page(viewer: str, now: datetime) -> ListPage:
    titles = queries.type_titles()
    lines = tuple(
        Line(
            row.id,
            row.title,
            titles.get(row.type, row.type),
            "",
            _money(row.amount),
            row.status,
            row.because,
            "",
            "",
            row.asked_at,
            None,
            is_news=row.is_news,
        )
        for row in queries.mine(viewer)
    )
    drafts = tuple((d.id, d.type, titles.get(d.type, d.type), d.saved_at) for d in queries.drafts(viewer))
    waiting, news = queries.waiting_for(viewer), queries.news_for(viewer)
    return ListPage(now, lines, waiting, drafts=drafts, unified=_unified(viewer), news=news)


def _unified(viewer: str) -> bool:
    return any(path_of(viewer, home) is Path.UNIFIED for home in tenants.of_member(viewer))


def kinds(viewer: str) -> tuple[Kind, ...]:
    """What a person may ask for in one of their tenants; for the rest, why not."""
    homes = tenants.of_member(viewer)
    return tuple(
        Kind(
            each.slug,
            each.title,
            each.summary,
            ""
            if any(tenants.may_hold(tenant=home, data_domain=each.data_domain) for home in homes)
            else f"None of your tenants may hold {each.data_domain} data.",
        )
        for each in queries.latest_types()
    )


def tenants_for(viewer: str, data_domain: str, chosen: str) -> tuple[Choice, ...]:
    titles = tenants.titles()
    fit = [t for t in tenants.of_member(viewer) if tenants.may_hold(tenant=t, data_domain=data_domain)]
    return tuple(Choice(each, titles.get(each, each), each == chosen) for each in fit)


def request_page(request_id: str, viewer: str, now: datetime) -> RequestPage | None:
    """Return one request as its viewer may see it; None when it is not there, or not for them."""
    found = queries.detail(request_id)
    if found is None:
        return None
    org = queries.organisation(now)
    may = _may(request_id, viewer, now) if found.row.path != Path.IMPORTED else frozenset()
    if not queries.may_read(viewer, request_id) and "carry-out" not in may:
        return None
    asked = tuple(_asked_alike(found.asked, viewer, org))
    acts = tuple(
        ActLine(a.kind, _says(a.kind, a.to, org), org.name(a.by), a.note, a.at) for a in reversed(found.acts)
    )
    return RequestPage(
        now,
        found.row.id,
        f"{found.row.tenant}-{found.row.number}",
        found.row.title,
        found.definition.title,
        found.definition.version,
        found.row.path,
        found.row.status,
        found.row.because,
        org.name(found.row.requester),
        found.row.asked_at,
        found.round,
        found.trace,
        forms.facts_of(found.definition, found.fields),
        asked,
        acts,
        tuple(FileLine(f.id, f.name, _size(f.size)) for f in found.attachments),
        found.record,
        may | ({"attach"} if viewer == found.row.requester and found.row.path != Path.IMPORTED else set()),
        colleagues(org, viewer) if "delegate" in may else (),
        link=found.link,
    )


def away_page(viewer: str, now: datetime, problem: str = "") -> AwayPage:
    org = queries.organisation(now)
    lines = tuple(
        StandInLine(
            s.number,
            f"{org.name(s.to)} answers for you" if s.to else "You are away",
            s.since,
            s.until,
            s.because,
        )
        for s in queries.stand_ins(viewer, now)
    )
    return AwayPage(now, lines, colleagues(org, viewer), problem)


_WAYS = {Way.MAIL: "Mail", Way.SLACK: "Slack, as a direct message"}
_PACES = {
    Pace.AT_ONCE: "Within five minutes; what comes together is told together",
    Pace.WORKING_HOURS: "In working hours; what comes in the evening waits for the morning",
    Pace.DAILY: "Once a working day, in one letter",
}


def told_page(viewer: str, *, saved: bool = False) -> ToldPage | None:
    """Return how a person is written to; None for somebody without an address."""
    whom = identity.reached([viewer]).get(viewer)
    if whom is None:
        return None
    ways = tuple(Choice(way, title, way in whom.ways) for way, title in _WAYS.items())
    paces = tuple(Choice(pace, title, pace is whom.pace) for pace, title in _PACES.items())
    return ToldPage(ways, paces, whom.email, slack.reaches_people(), saved)


def colleagues(org: Org, viewer: str) -> tuple[Choice, ...]:
    others = sorted((one.name, one.slug) for one in org.people.values() if one.slug != viewer)
    return tuple(Choice(slug, name) for name, slug in others)


def _asked_alike(asked: tuple[AskedRow, ...], viewer: str, org: Org) -> Iterator[AskedLine]:
    """Put people together who are asked the same thing for the same reason."""
    alike: dict[tuple[str, str], list[AskedRow]] = {}
    for one in asked:
        alike.setdefault((one.step, one.why), []).append(one)
    for rows in alike.values():
        names = [f"{org.name(one.person)}{' (you)' if one.person == viewer else ''}" for one in rows]
        first, is_you = rows[0], any(one.person == viewer for one in rows)
        yield AskedLine(
            ", ".join(names), len(rows), first.title, first.why, first.since, first.due_at, is_you
        )


def _may(request_id: str, viewer: str, now: datetime) -> frozenset[str]:
    """What the viewer may do now, asked of the same judgement that guards each act."""
    s = queries.situation_of(request_id, now)
    if s is None:
        return frozenset()
    asked = judge(s).ask_of(viewer)
    step, seat = (asked.step, asked.seat) if asked else ("", "")
    may = {
        name
        for name, kind in _TRIED
        if not refusal_of(s, Act(kind, viewer, now, step, seat, s.round, "because"))
    }
    return frozenset(may | ({"delegate"} if "approve" in may else set()))


def _says(kind: str, to: str, org: Org) -> str:
    words = _SAYS.get(kind, kind)
    return f"{words} to {org.name(to)}" if kind == ActKind.DELEGATED else words


def _money(amount: Decimal | None) -> str:
    return f"{amount:,.2f}" if amount is not None else ""


def _size(size: int) -> str:
    return f"{size / 1024:,.0f} KiB" if size >= 1024 else f"{size} bytes"


def _address(more: tuple[datetime, int] | None) -> str:
    return f"?after={more[0].timestamp():.6f}&last={more[1]}" if more else ""
