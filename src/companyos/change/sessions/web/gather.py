"""Gathers the pages of sessions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from companyos.adoption.features import queries as features
from companyos.adoption.rollouts import queries as rollouts
from companyos.change.sessions import actions, queries
from companyos.change.sessions.actions.holding import OPENS_BEFORE
from companyos.change.sessions.domain.rhythm import week_of
from companyos.change.sessions.domain.standing import State, standing
from companyos.change.sessions.domain.types import Change, Kind, SessionRow
from companyos.change.sessions.web.pages import Can, CaseLine, Group, Line, Point, SessionPage, SessionsPage
from companyos.kernel.business_time import WorkingCalendar
from companyos.people.identity import queries as identity
from companyos.platform.instance import instance
from companyos.platform.outgoing import public_address
from companyos.work.cases import queries as cases

SHOWS = ("coming", "mine", "past")
_SETTLED_LOOKS = {State.HELD: "session_held", State.WAIVED: "waived", State.CANCELLED: "cancelled"}
_CHANGED = {"moved": "Moved", "handed_over": "Given to another host", "called_off": "Called off"}


def sessions_page(viewer: str, show: str, now: datetime, problem: str = "") -> SessionsPage:
    calendar = instance().calendar
    begin, end = week_of(now, calendar)
    feed = f"/sessions/calendar.ics?key={actions.feed_key(viewer)}"
    groups = _past(now) if show == "past" else _coming(viewer if show == "mine" else "", begin, end, now)
    return SessionsPage(now, show, calendar.zone.key, groups, public_address(feed), problem)


def _coming(viewer: str, begin: datetime, end: datetime, now: datetime) -> tuple[Group, ...]:
    rows = queries.sessions_of(viewer, since=begin) if viewer else queries.sessions(since=begin)
    whose = "you are invited to " if viewer else ""
    return (
        Group("week", "This week", _lines([row for row in rows if row.begins_at < end], now),
              f"No session {whose}is planned for this week."),
        Group("later", "Later", _lines([row for row in rows if row.begins_at >= end], now),
              f"No session {whose}is planned for later yet."),
    )  # fmt: skip


def _past(now: datetime) -> tuple[Group, ...]:
    return (Group("past", "Past sessions", _lines(queries.past(now), now), "There has been no session yet."),)


def session_page(
    viewer: str, session: str, now: datetime, *, problem: str = "", filled: Mapping[str, str] | None = None
) -> SessionPage | None:
    row = queries.find(session)
    if row is None:
        return None
    calendar, names = instance().calendar, _names()
    line = _lines([row], now)[0]
    attended = queries.attended(row.id)
    hosts = queries.may_host(row, viewer)
    is_hour = row.kind is Kind.DOGFOOD_HOUR
    can = _can(row, viewer, {each.person for each in attended}, now)
    return SessionPage(
        now,
        line,
        calendar.zone.key,
        _clock(row.ends_at, calendar),
        tuple(_points(row, calendar)),
        _stage_title(row),
        _team_titles(row),
        len(queries.invited(row.id)),
        tuple((each, names.get(each.person, each.person), names.get(each.noted_by, "")) for each in attended),
        tuple(
            (each, names.get(each.by, each.by), names.get(each.answered_by, each.answered_by))
            for each in queries.asked(row.id)
        ),
        tuple((each, names.get(each.by, each.by)) for each in queries.material(row.id)),
        tuple(_changed(each, names, calendar) for each in queries.changes(row.id)),
        queries.yield_of_hour(row) if is_hour and now >= row.begins_at else None,
        _cases(row, viewer, names),
        names.get(row.held_by or row.waived_by, row.held_by or row.waived_by),
        can,
        tuple((slug, name) for slug, name in names.items()) if hosts else (),
        _why_no_sign_in(row, can, now),
        filled or {},
        problem,
    )


def _lines(rows: Iterable[SessionRow], now: datetime) -> tuple[Line, ...]:
    found = list(rows)
    calendar, names = instance().calendar, _names()
    titles = {each.slug: each.title for each in features.features()}
    came = queries.how_many_attended([row.id for row in found])
    lines = []
    for row in found:
        stands = standing(row, calendar=calendar, now=now)
        look = _SETTLED_LOOKS.get(stands.state, str(stands.state))
        if stands.state is State.PLANNED:
            look = "on_now" if stands.on_now else "outcome_due" if now >= row.ends_at else look
        lines.append(
            Line(row, stands, look, _moment(row.begins_at, calendar), names.get(row.host, row.host),
                 titles.get(row.feature, row.feature), came.get(row.id, 0))
        )  # fmt: skip
    return tuple(lines)


def _points(row: SessionRow, calendar: WorkingCalendar) -> Iterable[Point]:
    at = row.begins_at
    for item in row.agenda:
        yield Point(_clock(at, calendar), item.minutes, item.says, item.link)
        at += timedelta(minutes=item.minutes)


def _can(row: SessionRow, viewer: str, came: set[str], now: datetime) -> Can:
    hosts = queries.may_host(row, viewer)
    takes_place = not (row.cancelled_at or row.waived_at)
    has_begun = now >= row.begins_at
    return Can(
        sign_in=takes_place and viewer not in came and row.begins_at - OPENS_BEFORE <= now <= row.ends_at,
        signed_in=viewer in came,
        ask=not row.cancelled_at,
        answer=hosts,
        host=hosts and takes_place,
        note=hosts and takes_place and has_begun,
        hold=hosts and has_begun and not row.is_settled,
        move=hosts and not row.is_settled,
        waive=queries.may_waive(row, viewer) and not (row.held_at or row.waived_at),
    )


def _why_no_sign_in(row: SessionRow, can: Can, now: datetime) -> str:
    if can.sign_in or can.signed_in or row.is_settled:
        return ""
    if now < row.begins_at:
        return "You sign in from a quarter of an hour before it begins."
    return "It is over; its host can note that you were there."


def _cases(row: SessionRow, viewer: str, names: Mapping[str, str]) -> tuple[CaseLine, ...]:
    return tuple(
        CaseLine(
            each.id, each.label, each.title, names.get(each.reporter, each.reporter),
            each.is_taken_up and each.can_be_repeated,
        )
        for each in queries.filed_in(row)
        if cases.may_be_read(each.id, viewer)
    )  # fmt: skip


def _changed(change: Change, names: Mapping[str, str], calendar: WorkingCalendar) -> tuple[Change, str, str]:
    """A change with what it did in words, and by whom."""
    words = _CHANGED.get(change.what, change.what)
    if at := change.before.get("begins_at"):
        words = f"{words}; it was to begin {_moment(datetime.fromisoformat(at), calendar)}"
    if host := change.before.get("host"):
        words = f"{words}; it was {names.get(host, host)}'s"
    return change, words, names.get(change.by, "nobody: it happened by itself")


def _stage_title(row: SessionRow) -> str:
    plan = rollouts.plan_of(row.rollout) if row.rollout else None
    return next((stage.title for stage in plan.stages if stage.slug == row.stage), "") if plan else ""


def _team_titles(row: SessionRow) -> tuple[str, ...]:
    return tuple(team.title for team in identity.teams() if team.slug in row.teams)


def _names() -> dict[str, str]:
    return {person.slug: person.name for person in identity.everybody()}


def _moment(at: datetime, calendar: WorkingCalendar) -> str:
    local = at.astimezone(calendar.zone)
    return f"{local:%a} {local.day} {local:%b}, {local:%H:%M}"


def _clock(at: datetime, calendar: WorkingCalendar) -> str:
    return f"{at.astimezone(calendar.zone):%H:%M}"
