"""What nothing in the product sees coming is announced by hand: a migration, the start of a rollout."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from companyos.adoption.rollouts import queries as rollouts
from companyos.change.comms import queries
from companyos.change.comms.actions.heads_ups import answer, tell_ahead
from companyos.change.comms.actions.notices import audience
from companyos.change.comms.actions.refusals import NoSuch, NotYours, Refused
from companyos.change.comms.domain.aftermath import Became, Standing, what_to_say
from companyos.change.comms.domain.ahead import Ahead
from companyos.change.comms.domain.types import Kind, NoticeRow, Size
from companyos.change.comms.domain.wording import Story, moved_words, notice_words, post_words, titled
from companyos.change.comms.queries.stories import Stories
from companyos.kernel.business_time import WorkingCalendar
from companyos.kernel.ids import id_of
from companyos.people.identity import queries as identity

_HOW_IT_WENT = {"done": Standing.DONE, "taken_back": Standing.TAKEN_BACK, "called_off": Standing.CALLED_OFF}


def announce_migration(
    *,
    actor: str,
    title: str,
    words: str,
    way_back: str,
    changes_at: datetime,
    tenants: Collection[str],
    teams: Collection[str],
    calendar: WorkingCalendar,
    now: datetime,
    feature: str = "",
    size: Size = Size.MINOR,
    needs_ack: bool = False,
) -> str:
    """Tell of a migration ahead of it, people and channel; returns the notice's id. Whoever leads a team may."""
    if not identity.leads_a_team(actor):
        raise NotYours("Whoever leads a team announces; ask yours.")
    if not title.strip() or not words.strip():
        raise Refused("A migration has a title and says what changes, and what people do.")
    if not way_back.strip():
        raise Refused("Say how the migration is taken back, or that it cannot be.")
    if changes_at <= now:
        raise Refused("A migration is announced before it happens; choose a moment to come.")
    people = audience(tenants, teams)
    if not people:
        raise Refused("Nobody is in this audience. Name a tenant or a team with people in it.")
    titles = {team.slug: team.title for team in identity.teams()}
    named = tuple(titles[each.team] for each in identity.everybody() if each.slug in people)
    story = Story(
        titled(title), words, len(people), tuple(dict.fromkeys(named)), changes_at, way_back,
        identity.name_of(actor),
    )  # fmt: skip
    ahead = Ahead(
        key=f"migration/{id_of(now, actor, title)}",
        kind=Kind.MIGRATION,
        size=size,
        feature=feature,
        title=story.title,
        words=notice_words(story, calendar.zone),
        post=post_words(story, calendar.zone),
        link="",
        people=people,
        happens_at=changes_at,
        tenant=next(iter(tenants)) if len(tenants) == 1 and not teams else "",
        needs_ack=needs_ack,
    )
    return tell_ahead(actor=actor, ahead=ahead, channel=queries.telling().channel, now=now)


def announce_start(
    *, actor: str, plan: str, begins: datetime, calendar: WorkingCalendar, now: datetime
) -> str:
    """Tell those of a plan's first stage when a person means to start it; returns the notice's id.

    Every later stage is told of by itself: the rollout knows when it is expected.
    """
    coming = rollouts.first_stage(plan, begins)
    if coming is None:
        raise NoSuch(f"There is no rollout {plan!r} that has yet to start.")
    if actor not in {coming.plan.lead, *dict(coming.plan.roles).values()}:
        raise NotYours("The plan's lead and the role holders named in the plan announce its start.")
    if begins <= now:
        raise Refused("A start is announced before it happens; choose a moment to come.")
    if not coming.people:
        raise Refused("Nobody joins at the first stage of this plan.")
    ahead = Stories(calendar.zone).of_start(coming)
    if known := queries.heads_up(ahead.key):
        return _put_off(actor, known, begins, calendar, now)
    return tell_ahead(actor=actor, ahead=ahead, channel=queries.telling().channel, now=now)


def say_how_it_went(
    *, actor: str, notice: str, went: str, because: str, calendar: WorkingCalendar, now: datetime
) -> None:
    """Say what became of a migration: done, taken back or called off. Its author says so, or whoever leads a team."""
    row, known = _of_mine(actor, notice)
    if went not in _HOW_IT_WENT:
        raise Refused(f"Say one of {', '.join(_HOW_IT_WENT)}.")
    if went != "done" and len(because.strip()) < 3:
        raise Refused("Say why: those who were told read the reason.")
    people = len(queries.readers_of([row.key])[row.key])
    became = Became(_HOW_IT_WENT[went], now, because, people)
    says = what_to_say(known.standing, became, calendar.zone)
    answer(actor=actor, key=row.key, answers=known.answers, says=says, standing=became.standing, now=now)


def put_off(
    *, actor: str, notice: str, changes_at: datetime, calendar: WorkingCalendar, now: datetime
) -> None:
    """Say that a migration comes at another time. Its author says so, or whoever leads a team."""
    _, known = _of_mine(actor, notice)
    if changes_at <= now:
        raise Refused("Choose a moment to come.")
    _put_off(actor, known, changes_at, calendar, now)


def _put_off(
    actor: str, known: queries.HeadsUpRow, changes_at: datetime, calendar: WorkingCalendar, now: datetime
) -> str:
    if changes_at != known.told_for:
        says = moved_words(changes_at, known.told_for, calendar.zone, was_open=False)
        answer(
            actor=actor, key=known.key, answers=known.answers, says=says, standing=known.standing,
            happens_at=changes_at, now=now,
        )  # fmt: skip
    found = queries.find_by_key(known.key)
    return found.id if found else ""


def _of_mine(actor: str, notice: str) -> tuple[NoticeRow, queries.HeadsUpRow]:
    row = queries.find(notice)
    known = queries.heads_up(row.key) if row else None
    if row is None or known is None or row.kind is not Kind.MIGRATION:
        raise NoSuch("There is no migration that was announced under this id.")
    if actor != row.by and not identity.leads_a_team(actor):
        raise NotYours("Whoever announced it says how it went, or whoever leads a team.")
    if known.standing.is_final:
        raise Refused(f"It is said already that it was {known.standing.replace('_', ' ')}.")
    return row, known
