"""Mail: queued with the change that causes it, handed to the SMTP server that COMPANYOS_SMTP_URL names."""

from __future__ import annotations

import smtplib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.core.validators import validate_email

from companyos.platform.outgoing import Alike, Channel, Message, Never, NotNow, queue, queue_alike

_LONGEST_SUBJECT = 200
_FOR_EVER = 500  # SMTP: from here on a reply says that trying again does not help


def send_mail(
    *,
    to: str,
    subject: str,
    text: str,
    now: datetime,
    html: str | None = None,
    key: str = "",
    tenant: str = "",
    reply_to: str = "",
    headers: Mapping[str, str] | None = None,
) -> bool:
    """Queue a mail in the caller's transaction; say whether it will be sent.

    It is not from a rehearsal, nor on the business of a sandbox `tenant`, nor a second time under the same `key`.
    Without COMPANYOS_SMTP_URL it is kept for a week; `companyos doctor` says so. `headers` are for threads and lists
    (`In-Reply-To`). Raises ValueError for what is no address: nothing is queued.
    """
    for address in filter(None, (to, reply_to)):
        if not _is_address(address):
            raise ValueError(f"{address!r} is no mail address")
    words: dict[str, Any] = {"text": text, "html": html, "reply_to": reply_to, "headers": dict(headers or {})}
    title = " ".join(subject.split())[:_LONGEST_SUBJECT]
    return queue(Channel.MAIL, to=to, subject=title, words=words, now=now, key=key, tenant=tenant)


@dataclass(frozen=True, slots=True)
class Letter:
    """One of many mails under the same subject."""

    to: str
    text: str
    html: str
    key: str


def send_mails(
    letters: Iterable[Letter], *, subject: str, now: datetime, headers: Mapping[str, str] | None = None
) -> int:
    """Queue many mails at once, as `send_mail` queues one; say how many will be sent.

    One address that is none keeps nobody else from theirs: it is left out.
    """
    words = {"reply_to": "", "headers": dict(headers or {})}
    alike = [
        Alike(each.to, {"text": each.text, "html": each.html, **words}, each.key)
        for each in letters
        if _is_address(each.to)
    ]
    return queue_alike(Channel.MAIL, " ".join(subject.split())[:_LONGEST_SUBJECT], alike, now=now)


def is_set_up() -> bool:
    return bool(settings.EMAIL_HOST)


def hand_over(message: Message) -> None:
    """Give one mail to the SMTP server. Raises NotNow or Never."""
    mail = EmailMultiAlternatives(
        message.subject,
        message.words["text"],
        settings.DEFAULT_FROM_EMAIL,
        [message.to],
        headers={**message.words["headers"], "Message-ID": message_id(message)},
        reply_to=[message.words["reply_to"]] if message.words["reply_to"] else None,
    )
    if message.words["html"]:
        mail.attach_alternative(message.words["html"], "text/html")
    try:
        mail.send()
    except smtplib.SMTPRecipientsRefused as refusal:
        code, said = next(iter(refusal.recipients.values()))
        raise _refused(code, said) from None
    except smtplib.SMTPAuthenticationError:
        raise NotNow("the mail server refuses the user name or password in COMPANYOS_SMTP_URL") from None
    except smtplib.SMTPResponseException as refusal:
        raise _refused(refusal.smtp_code, refusal.smtp_error) from None
    except (smtplib.SMTPException, OSError) as error:
        raise NotNow(f"the mail server cannot be reached: {error}") from None


def message_id(message: Message) -> str:
    """The same for every attempt: a mail that arrives twice after a crash is shown once."""
    return f"<{message.number}.{message.queued_at:%Y%m%d%H%M%S}@{sender_domain()}>"


def sender_domain() -> str:
    """The domain that ids of mails and threads end with: the sender's."""
    return settings.DEFAULT_FROM_EMAIL.rpartition("@")[2].strip("<> ") or "companyos"


def _is_address(text: str) -> bool:
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True


def _refused(code: int, said: bytes | str) -> Exception:
    words = said.decode(errors="replace") if isinstance(said, bytes) else said
    problem = f"the mail server answered {code}: {words}"
    return Never(problem) if code >= _FOR_EVER else NotNow(problem)
