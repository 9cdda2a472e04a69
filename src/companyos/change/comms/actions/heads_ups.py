"""Telling ahead of changes, answering in the thread afterwards, and the daily post of what nobody sees."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.db import transaction

from companyos.adoption.flags.domain.change import PROGRAM
from companyos.change.comms.actions.banners import end_of_notice
from companyos.change.comms.actions.notices import move, note_outcome, tell
from companyos.change.comms.domain.aftermath import Standing
from companyos.change.comms.domain.ahead import Ahead
from companyos.change.comms.domain.telling import Telling
from companyos.change.comms.domain.wording import follow_up
from companyos.change.comms.models import ChangeMade, HeadsUp, TellingRule
from companyos.platform import slack
from companyos.platform.instance import instance
from companyos.platform.outgoing import Channel, public_address, receipts

POSTS = "heads-up/"
DAILY = "heads-ups-of/"
_ONE = 1
_OWN_NOTICES = frozenset({"staged"})  # a rollout moves the flag: its stage is told of


def keep_telling(kept: Telling) -> bool:
    """Set how far ahead people are told, and where it is posted; says whether anything changed."""
    values = {
        "channel": kept.channel,
        "major_days": kept.major_days,
        "minor_days": kept.minor_days,
        "daily_at": kept.daily_at,
    }
    if TellingRule.objects.filter(pk=_ONE).values(*values).first() == values:
        return False
    TellingRule.objects.update_or_create(pk=_ONE, defaults=values)
    return True


def tell_ahead(*, actor: str, ahead: Ahead, channel: str, now: datetime) -> str:
    """Tell those affected in their news, and the channel in one post; returns the notice's id. Once for a key.

    People who are affected only by now are told now; the channel is not told again.
    """
    over = ahead.standing.is_final
    with transaction.atomic():
        HeadsUp.objects.get_or_create(
            key=ahead.key,
            defaults={
                "kind": ahead.kind,
                "title": ahead.title,
                "tenant": ahead.tenant,
                "channel": channel,
                "told_at": now,
                "told_for": ahead.happens_at,
                "standing": ahead.standing,
                "ended_at": now if over else None,
            },
        )
        notice = tell(
            actor=actor, key=ahead.key, kind=ahead.kind, title=ahead.title, words=ahead.words, people=ahead.people,
            size=ahead.size, feature=ahead.feature, link=ahead.link, changes_at=ahead.happens_at,
            needs_ack=ahead.needs_ack, now=now,
        )  # fmt: skip
        text = f"{ahead.post}\n{public_address(f'/announcements/{notice}')}"
        slack.send_slack(
            text=slack.escape(text), channel=channel, key=POSTS + ahead.key, tenant=ahead.tenant, now=now
        )
    return notice


def answer(
    *,
    actor: str,
    key: str,
    answers: int,
    says: str,
    standing: Standing,
    now: datetime,
    happens_at: datetime | None = None,
) -> bool:
    """Say what became of a change: on its notice, and in the thread of its post. Tells whether it was ours to say.

    What nobody has any more needs no banner: those of the notice end with the same words.
    `answers` is how many the caller has seen: of two who say the same thing at once, one does.
    """
    with transaction.atomic():
        row = HeadsUp.objects.filter(pk=key, answers=answers).first()
        if row is None:
            return False
        new = {
            "answers": answers + 1,
            "standing": standing,
            "told_for": happens_at or row.told_for,
            "ended_at": now if standing.is_final else None,
        }
        if not HeadsUp.objects.filter(pk=key, answers=answers).update(**new):
            return False
        if happens_at:
            move(key=key, changes_at=happens_at, now=now)
        note_outcome(key=key, outcome=says, now=now)
        if standing.is_void:
            end_of_notice(actor=actor, key=key, because=says, now=now)
        first = POSTS + key
        slack.send_slack(
            text=slack.escape(follow_up(row.title, says)), channel=row.channel, thread=row.thread, answers=first,
            key=f"{first}#{answers + 1}", tenant=row.tenant, now=now,
        )  # fmt: skip
    return True


def keep_threads() -> int:
    """Keep what the channel called the first posts, before they are forgotten; says how many."""
    waiting = list(HeadsUp.objects.filter(thread="", ended_at=None).values_list("key", flat=True))
    found = receipts(Channel.SLACK, [POSTS + key for key in waiting]) if waiting else {}
    for post, thread in found.items():
        HeadsUp.objects.filter(pk=post.removeprefix(POSTS)).update(thread=thread)
    return len(found)


def hear(topic: str, body: dict[str, Any], *, now: datetime) -> None:
    """Keep what was changed at once, to be told at the next look: whoever changed it does not wait for that."""
    if topic == "flag.changed" and "version" in body and body["change"] not in _OWN_NOTICES:
        is_set_up = body["change"] == "created" and body["author"] == PROGRAM
        _keep(
            "flag", body["flag"], body["version"], at=datetime.fromisoformat(body["at"]),
            by=body["author"], because=body["because"], what="; ".join(body["what"]) or body["change"],
            is_minor=is_set_up or not body["alters_what_people_see"],
        )  # fmt: skip
    elif topic == "segment.changed":
        _keep(
            "segment", body["segment"], body["version"], at=now, by="", because="",
            what="a new segment" if body["version"] == 1 else "its conditions or its words", is_minor=False,
        )  # fmt: skip


def alters_nothing(*, key: str) -> None:
    """Keep that a change altered what nobody sees: it goes into the daily post."""
    ChangeMade.objects.filter(pk=key).update(is_minor=True)


def was_told(*, key: str, now: datetime) -> None:
    """Keep that a change that was made at once has been told."""
    ChangeMade.objects.filter(pk=key, told_at=None).update(told_at=now)


def post_daily(*, day: date, keys: list[str], text: str, channel: str, now: datetime) -> bool:
    """Post what changed and nobody sees, once a day; tells whether it was ours to post."""
    with transaction.atomic():
        is_ours = slack.send_slack(text=slack.escape(text), channel=channel, key=f"{DAILY}{day}", now=now)
        if is_ours or instance().rehearsal:
            ChangeMade.objects.filter(pk__in=keys, told_at=None).update(told_at=now)
    return is_ours


def _keep(
    about: str, name: str, version: int, *, at: datetime, by: str, because: str, what: str, is_minor: bool
) -> None:
    ChangeMade.objects.get_or_create(
        key=f"{about}/{name}/{version}",
        defaults={
            "about": about,
            "name": name,
            "version": version,
            "at": at,
            "by": by,
            "because": because,
            "what": what,
            "is_minor": is_minor,
        },
    )
