"""Messages that leave: queued in the caller's transaction, sent afterwards, tried again until they arrive.

`mail` and `slack` queue here and know how to hand a message over; `posting` takes turns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings

from companyos.platform.instance import instance
from companyos.platform.models import Outgoing, Tenant

SANDBOX = "sandbox"
LEASE = timedelta(minutes=5)
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 240, 720, 1440))
KEPT_UNSENT = timedelta(days=7)
KEPT_SENT = timedelta(days=30)
_LONGEST_PROBLEM = 300
_AT_ONCE = 500


class Channel(StrEnum):
    MAIL = "mail"
    SLACK = "slack"
    WEBHOOK = "webhook"


class NotNow(Exception):
    """The message could not be handed over; it is tried again, not before `after` when that is said."""

    def __init__(self, problem: str, after: timedelta = timedelta()) -> None:
        super().__init__(problem)
        self.after = after


class Never(Exception):
    """The message will never arrive as it is: a wrong address, a refused token."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message as a channel hands it over. `number` stays the same however often it is tried."""

    number: int
    to: str
    subject: str
    words: Mapping[str, Any]
    queued_at: datetime
    tried_at: datetime


HandOver = Callable[[Message], str | None]
"""Hands one message over; returns what the channel calls it from now on, where it says so."""


def public_address(path: str) -> str:
    """Return the whole address of a page of this instance, for a link in a message (COMPANYOS_URL)."""
    return f"{settings.PUBLIC_URL}{path}"


def queue(
    channel: Channel,
    *,
    to: str,
    subject: str,
    words: Mapping[str, Any],
    now: datetime,
    key: str,
    tenant: str,
) -> bool:
    """Keep a message to be sent once the caller's transaction is committed; say whether it will be.

    Nothing leaves a rehearsal, nor a sandbox (`tenant` names whose business it is). The same `key` is sent once.
    """
    if instance().rehearsal or (tenant and _is_sandbox(tenant)):
        return False
    if key and Outgoing.objects.filter(channel=channel, key=key).exists():
        return False
    row = Outgoing(
        channel=channel, to=to, subject=subject, words=dict(words), key=key, queued_at=now, try_at=now
    )
    Outgoing.objects.bulk_create([row], ignore_conflicts=True)  # of two who queue one key at once, one does
    return True


@dataclass(frozen=True, slots=True)
class Alike:
    """One of many messages that say the same under the same subject. `key` makes it once."""

    to: str
    words: Mapping[str, Any]
    key: str


def queue_alike(channel: Channel, subject: str, messages: Sequence[Alike], *, now: datetime) -> int:
    """Keep many messages at once, as `queue` keeps one; say how many are new."""
    if instance().rehearsal:
        return 0
    fresh = {each.key: each for each in messages}
    keys = list(fresh)
    for start in range(0, len(keys), _AT_ONCE):
        kept = Outgoing.objects.filter(channel=channel, key__in=keys[start : start + _AT_ONCE])
        for key in kept.values_list("key", flat=True):
            del fresh[key]
    same = {"channel": channel, "subject": subject, "queued_at": now, "try_at": now}
    rows = (Outgoing(to=each.to, words=dict(each.words), key=each.key, **same) for each in fresh.values())
    Outgoing.objects.bulk_create(rows, batch_size=_AT_ONCE, ignore_conflicts=True)
    return len(fresh)


def send_waiting(hand_over: Mapping[Channel, HandOver], *, now: datetime, limit: int = 50) -> int:
    """Hand over what is due on channels that are set up; say how many messages arrived.

    Each is leased before it is tried, so that two processes never try the same one at once. After a crash in between
    it is tried again: its number stays, so that a mail program sees one message.
    """
    due = Outgoing.objects.filter(try_at__lte=now, channel__in=list(hand_over)).order_by("try_at", "id")
    return sum(_try(row, hand_over[Channel(row.channel)], now) for row in due[:limit])


def forget_old(*, now: datetime) -> int:
    """Give up what nobody could send for a week, and delete what is a month old; say how many were given up."""
    stale = Outgoing.objects.filter(try_at__isnull=False, queued_at__lt=now - KEPT_UNSENT)
    given_up = stale.update(try_at=None, words={}, problem="not sent within 7 days, and given up")
    Outgoing.objects.filter(try_at=None, queued_at__lt=now - KEPT_SENT).delete()
    return given_up


def forget(addresses: Iterable[str]) -> int:
    """Delete every message to these addresses, sent or not; say how many."""
    return Outgoing.objects.filter(to__in=list(addresses)).delete()[0]


@dataclass(frozen=True, slots=True)
class Backlog:
    """What waits on a channel, how many of it failed before, how many were given up; with the last problem told."""

    waiting: int
    failing: int
    given_up: int
    problem: str


def backlog(channel: Channel) -> Backlog:
    rows = Outgoing.objects.filter(channel=channel, sent_at=None)
    waiting = rows.filter(try_at__isnull=False)
    told = rows.exclude(problem="")
    return Backlog(
        waiting.count(),
        waiting.exclude(problem="").count(),
        rows.filter(try_at=None).count(),
        told.order_by("-id").values_list("problem", flat=True).first() or "",
    )


@dataclass(frozen=True, slots=True)
class SentRow:
    """One message as its sender sees it: sent, waiting for its next try, or given up."""

    subject: str
    queued_at: datetime
    sent_at: datetime | None
    try_at: datetime | None
    attempts: int
    problem: str


def latest(channel: Channel, *, keys_begin: str, limit: int = 20) -> tuple[SentRow, ...]:
    """Return the newest messages of one sender, by what their keys begin with."""
    rows = Outgoing.objects.filter(channel=channel, key__startswith=keys_begin).order_by("-id")[:limit]
    return tuple(SentRow(r.subject, r.queued_at, r.sent_at, r.try_at, r.attempts, r.problem) for r in rows)


def outcomes(channel: Channel, keys: Iterable[str]) -> dict[str, tuple[datetime | None, bool]]:
    """Say of messages by key when they were handed over, and which were given up; what is forgotten is absent."""
    rows = Outgoing.objects.filter(channel=channel, key__in=list(keys))
    told = rows.values_list("key", "sent_at", "try_at")
    return {key: (sent_at, sent_at is None and try_at is None) for key, sent_at, try_at in told}


def receipts(channel: Channel, keys: Iterable[str]) -> dict[str, str]:
    """Say of messages by key what their channel called them; what was not sent, or got no name, is absent."""
    rows = Outgoing.objects.filter(channel=channel, key__in=list(keys)).exclude(receipt=None)
    return {key: receipt or "" for key, receipt in rows.values_list("key", "receipt")}


def _try(row: Outgoing, hand_over: HandOver, now: datetime) -> bool:
    mine = Outgoing.objects.filter(pk=row.pk, try_at=row.try_at)
    if not mine.update(try_at=now + LEASE, attempts=row.attempts + 1):
        return False  # another process is at it
    leased = Outgoing.objects.filter(pk=row.pk, sent_at=None)
    try:
        receipt = hand_over(Message(row.pk, row.to, row.subject, row.words, row.queued_at, now))
    except Never as problem:
        leased.update(try_at=None, words={}, problem=str(problem)[:_LONGEST_PROBLEM])
        return False
    except NotNow as problem:
        leased.update(**_again(row, problem, now))
        return False
    leased.update(try_at=None, words={}, sent_at=now, problem="", receipt=receipt)
    return True


def _again(row: Outgoing, problem: NotNow, now: datetime) -> dict[str, Any]:
    told = str(problem)[:_LONGEST_PROBLEM]
    if row.attempts >= len(WAITS):
        return {"try_at": None, "words": {}, "problem": f"given up: {told}"[:_LONGEST_PROBLEM]}
    return {"try_at": now + max(WAITS[row.attempts], problem.after), "problem": told}


def _is_sandbox(tenant: str) -> bool:
    return Tenant.objects.filter(pk=tenant, tenant_class=SANDBOX).exists()
