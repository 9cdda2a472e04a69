"""Taking the mails of a mailbox, each once.

1. Lease the mailbox, so that of two processes one reads it.
2. Read the next mails by number. Each is taken in the transaction that moves the number on: after a crash it is either
   taken and behind us, or neither.
3. What cannot be taken is moved to a folder of its own, and its reason kept here. What failed on our side waits.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.db import OperationalError, transaction
from django.db.models import F, QuerySet

from companyos.platform.mailbox import Mailbox, NotReached, Waiting, name_of, open_mailbox
from companyos.work.mailroom.actions.letters import Ignored, NotTaken, take_letter
from companyos.work.mailroom.domain.letters import MOST_BYTES, read_letter
from companyos.work.mailroom.models import MailboxRead, SetAside

EVERY = timedelta(minutes=1)
LEASE = timedelta(minutes=10)
WAITS = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60))
KEPT_SET_ASIDE = timedelta(days=30)
MOST_A_TURN = 50
FOLDER = "CompanyOS not taken"
_log = logging.getLogger(__name__)


class _Overtaken(Exception):
    """Another process read the mailbox meanwhile."""


class _NotNow(Exception):
    """Something of ours failed: the mail waits where it is."""


def read_mailbox(*, now: datetime) -> int:
    """Take what has come to COMPANYOS_IMAP_URL since; says how many mails became cases or words in one.

    Safe to call at any time: before its next turn, and while another process is at it, nothing happens.
    """
    url = settings.IMAP_URL
    box = _leased(name_of(url), now) if url else None
    if box is None:
        return 0
    before, wait, problem = box.taken, EVERY, ""
    try:
        with open_mailbox(url) as mailbox:
            if _take_next(box, mailbox, now) == MOST_A_TURN:
                wait = timedelta()
    except (NotReached, _NotNow) as refusal:
        problem, wait = str(refusal), WAITS[min(box.failures, len(WAITS) - 1)]
    except _Overtaken:
        return box.taken - before
    told = {"failures": box.failures + 1} if problem else {"failures": 0, "read_at": now}
    _mine(box).update(problem=problem[:300], try_at=now + wait, **told)
    return box.taken - before


def forget_set_aside(*, senders: list[str]) -> int:
    """Forget what these addresses wrote that was set aside; says how many. The mails lie in their folder."""
    return int(SetAside.objects.filter(sender__in=senders).delete()[0])


def _leased(name: str, now: datetime) -> MailboxRead | None:
    box, _ = MailboxRead.objects.get_or_create(name=name, defaults={"try_at": now})
    if box.try_at > now or not _mine(box).filter(try_at=box.try_at).update(try_at=now + LEASE):
        return None
    return box


def _take_next(box: MailboxRead, mailbox: Mailbox, now: datetime) -> int:
    """Take the next mails, and say how many there were."""
    if mailbox.validity != box.validity:  # the server numbers anew: what was taken is known by its id
        _mine(box).update(validity=mailbox.validity, last_uid=0)
        box.validity, box.last_uid = mailbox.validity, 0
    SetAside.objects.filter(at__lt=now - KEPT_SET_ASIDE).delete()
    found = mailbox.after(box.last_uid, most=MOST_A_TURN)
    for each in found:
        _take(box, mailbox, each, now)
        box.refresh_from_db()
    return len(found)


def _take(box: MailboxRead, mailbox: Mailbox, waiting: Waiting, now: datetime) -> None:
    if waiting.size > MOST_BYTES:
        reason = f"A mail has {MOST_BYTES // 2**20} MiB at most; this one has {waiting.size / 2**20:.0f}."
        return _set_aside(box, mailbox, waiting, b"", reason, now)
    content = mailbox.content(waiting.uid, most=MOST_BYTES + 1)
    if not content:  # somebody took it out of the folder meanwhile
        return _move_on(box, waiting.uid)
    try:
        with transaction.atomic():
            _move_on(box, waiting.uid, taken=1)
            take_letter(content=content, now=now)
    except Ignored:
        return _move_on(box, waiting.uid)
    except NotTaken as refusal:
        return _set_aside(box, mailbox, waiting, content, str(refusal), now)
    except _Overtaken:
        raise
    except (OperationalError, OSError) as problem:
        raise _NotNow(f"a mail could not be kept here, and waits: {problem}") from None
    except Exception as problem:  # one mail that nobody foresaw holds no other up
        _log.exception("the mail %s could not be read; it is set aside", waiting.uid)
        return _set_aside(
            box, mailbox, waiting, content, f"It cannot be read ({type(problem).__name__}).", now
        )
    return mailbox.mark_read(waiting.uid)


def _set_aside(
    box: MailboxRead, mailbox: Mailbox, waiting: Waiting, content: bytes, reason: str, now: datetime
) -> None:
    """Keep why a mail was not taken, then move it: after a crash in between it lies in the folder still."""
    with transaction.atomic():
        _move_on(box, waiting.uid)
        SetAside.objects.create(
            mailbox=box,
            uid=waiting.uid,
            sender=_sender(content),
            size=waiting.size,
            reason=reason[:300],
            at=now,
        )
    mailbox.move(waiting.uid, FOLDER)


def _move_on(box: MailboxRead, uid: int, *, taken: int = 0) -> None:
    """Move the number on from where it was read. Raises _Overtaken when it is there no more."""
    where = _mine(box).filter(validity=box.validity, last_uid=box.last_uid)
    if not where.update(last_uid=uid, taken=F("taken") + taken):
        raise _Overtaken


def _mine(box: MailboxRead) -> QuerySet[MailboxRead]:
    return MailboxRead.objects.filter(pk=box.pk)


def _sender(content: bytes) -> str:
    with suppress(Exception):  # it is set aside because it cannot be read
        return read_letter(content).sender[:200]
    return ""
