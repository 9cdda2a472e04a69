"""One tap takes a person, or their lead a team, back to the old path for a day, and opens a case about it (R180)."""

from __future__ import annotations

import logging
from collections.abc import Collection, Mapping
from datetime import datetime

from django.core.signing import BadSignature, TimestampSigner
from django.db import transaction

from companyos.adoption.flags import queries
from companyos.adoption.flags.actions.rulesets import new_ruleset
from companyos.adoption.flags.actions.saving import flag_at
from companyos.adoption.flags.domain.change import allow
from companyos.adoption.flags.domain.refusals import NoSuch, NotYours, Refused, Unclear
from companyos.adoption.flags.domain.types import FlagState
from companyos.adoption.flags.domain.way_back import (
    LASTS,
    LONGEST_WORDS,
    REASONS,
    DayBack,
    Reason,
    Tap,
    why_not_back,
)
from companyos.adoption.flags.models import Flag, PathBack
from companyos.adoption.flags.queries.paths import on_of, stopped
from companyos.kernel.ids import id_of
from companyos.people.identity import queries as identity
from companyos.platform import outbox
from companyos.work.cases import actions as cases

_log = logging.getLogger(__name__)
_SALT = "companyos.way-back"
_LINK_LASTS = 30 * 24 * 3600  # seconds
_CLOCK = "the day was over"


def switch_back(
    *,
    actor: str,
    flag: str,
    reason: str,
    now: datetime,
    words: str = "",
    team: str = "",
    context: Mapping[str, str] | None = None,
) -> DayBack:
    """Take the actor, or the team they lead, back to the old path for a day. A second tap changes nothing.

    Work that has begun stays on the path it began on: this decides where new work begins. `context` is what was
    captured (page, version, flags, trace) and goes into the case. Raises Refused with the rule that objects.
    """
    chosen = _reason(reason)
    said = _words(words)
    with transaction.atomic():
        world, state = flag_at(flag, None)
        Flag.objects.select_for_update().get(pk=flag)  # one tap after the other
        meant = _people(actor, team)
        on = on_of(world, state, meant)
        days = _days_of(flag, on | {actor})
        rule, refusal = why_not_back(_tap(actor, state, team, on, days, now))
        if refusal:
            raise Refused(refusal, rule)
        back = {day.person for day in days if day.lasts(now)}
        leaving = sorted(on - back)
        if not leaving:
            return next(day for day in days if day.person in on and day.lasts(now))
        _end([day for day in days if not day.lasts(now) and day.ended_at is None], "", now)
        case = _case_of(actor, state, team, chosen, said, context or {}, now)
        PathBack.objects.bulk_create(
            [
                PathBack(
                    id=id_of(now, "back", flag, person), flag_id=flag, person=person, team=team, by=actor, at=now,
                    until=now + LASTS, reason=str(chosen), case=case,
                ) for person in leaving
            ]
        )  # fmt: skip
        many = f"{len(leaving)} {'person' if len(leaving) == 1 else 'people'}"
        new_ruleset(actor=actor, because=f"{flag}: {many} back on the old path for a day", now=now)
        outbox.publish("path.back", {"flag": flag, "people": len(leaving), "case": case}, at=now)
        mine = PathBack.objects.filter(flag_id=flag, person=actor if actor in leaving else leaving[0], at=now)
        return queries.days_back_of(mine.get().person, flag)[0]


def come_back(*, actor: str, flag: str, now: datetime) -> bool:
    """End the actor's own day back, and those of the team that they took back; says whether there were any.

    It also answers "it is fixed: try the new path?".
    """
    with transaction.atomic():
        answer_again(actor=actor, flag=flag, tries=True, now=now)
        rows = PathBack.objects.filter(flag_id=flag, ended_at=None)
        theirs = rows.filter(person=actor) | rows.filter(by=actor)
        ended = theirs.update(ended_at=now, ended_by=actor)
        if ended:
            new_ruleset(actor=actor, because=f"{flag}: {ended} on the new path again", now=now)
            outbox.publish("path.again", {"flag": flag, "people": ended}, at=now)
    return bool(ended)


def answer_again(*, actor: str, flag: str, tries: bool, now: datetime) -> None:
    """Keep what somebody says to "it is fixed: try the new path?", once for each day back."""
    waiting = PathBack.objects.filter(flag_id=flag, person=actor, answered_at=None)
    waiting.update(answered_at=now, tries=tries)


def end_days_back(*, now: datetime) -> int:
    """End every day back whose time is over, in one ruleset; says how many."""
    if not queries.days_to_end(now):
        return 0
    with transaction.atomic():
        ended = _end(queries.days_to_end(now), "", now)
        if ended:
            new_ruleset(actor="program", because=f"{ended} back on the new path: {_CLOCK}", now=now)
            outbox.publish("path.again", {"people": ended}, at=now)
    return ended


def forget_days_back(names: Collection[str]) -> int:
    """Delete a person's days back that are over, under any of these names; says how many rows."""
    over = PathBack.objects.filter(person__in=list(names)).exclude(ended_at=None)
    return int(over.delete()[0])


def link_for(*, actor: str, flag: str, person: str) -> str:
    """Return the token of a link with which a person goes back without signing in: for a mail, a page, a product.

    Everybody makes their own; who may edit the flag makes them for the product's people. Raises NotYours, NoSuch.
    """
    world, state = flag_at(flag, None)
    if actor != person:
        allow(actor, state.spec, world)
    if person not in {each.slug for each in identity.everybody()}:
        raise NoSuch(f"There is no person {person!r}.")
    return TimestampSigner(salt=_SALT).sign_object([flag, person])


def linked(token: str) -> tuple[str, str]:
    """Return the flag and the person of a link. Raises NotYours for one that is none, or that is too old."""
    try:
        flag, person = TimestampSigner(salt=_SALT).unsign_object(token, max_age=_LINK_LASTS)
    except (BadSignature, ValueError):
        raise NotYours("This link is not valid any more. Sign in, and go back from there.") from None
    return str(flag), str(person)


def _tap(
    actor: str,
    state: FlagState,
    team: str,
    on: frozenset[str],
    days: tuple[DayBack, ...],
    now: datetime,
) -> Tap:
    leads = any(each.slug == team and each.lead == actor for each in identity.teams())
    return Tap(
        state.spec.kind,
        state.spec.title,
        stopped(state),
        len(on),
        sum(day.person in on and day.lasts(now) for day in days),
        len({day.at for day in days if day.by == actor and now - day.at < LASTS}),
        team,
        leads,
    )


def _people(actor: str, team: str) -> frozenset[str]:
    if not team:
        return frozenset({actor})
    found = next((each for each in identity.teams() if each.slug == team), None)
    if found is None:
        raise NoSuch(f"There is no team {team!r}.")
    return frozenset({*found.people, found.lead} - {""})


def _days_of(flag: str, people: frozenset[str]) -> tuple[DayBack, ...]:
    return tuple(day for person in sorted(people) for day in queries.days_back_of(person, flag))


def _end(days: tuple[DayBack, ...] | list[DayBack], by: str, now: datetime) -> int:
    rows = PathBack.objects.filter(pk__in=[day.id for day in days], ended_at=None)
    return rows.update(ended_at=now, ended_by=by)


def _case_of(
    actor: str,
    state: FlagState,
    team: str,
    reason: Reason,
    words: str,
    context: Mapping[str, str],
    now: datetime,
) -> str:
    """Open the case. The old path matters more: where no case can be opened, they go back all the same."""
    me = next(each for each in identity.everybody() if each.slug == actor)
    who = f"the team {team}" if team else me.name
    try:
        return cases.open_case(
            actor=actor,
            type_slug="feedback",
            tenant=me.tenant,
            title=f"{REASONS[reason]}: {who} went back from {state.spec.title}",
            body=words,
            feature=state.spec.feature,
            squad=state.spec.owner,
            context={**context, "flag": state.spec.key, "back until": f"{now + LASTS:%d %b %H:%M} UTC"},
            key=id_of(now, "back-case", state.spec.key, actor).hex,
            now=now,
        )  # fmt: skip
    except cases.Refused:
        _log.exception("%s went back from %s, and no case could be opened", actor, state.spec.key)
        return ""


def _reason(reason: str) -> Reason:
    if reason not in set(Reason):
        raise Unclear(f"Say why, with one of: {', '.join(Reason)}.", "reason")
    return Reason(reason)


def _words(words: str) -> str:
    if len(words) > LONGEST_WORDS or "\x00" in words:
        raise Unclear(f"It takes at most {LONGEST_WORDS} characters; the case takes more.", "words")
    return words.strip()
