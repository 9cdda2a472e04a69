"""Handing a letter about requests to the ways its reader chose."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from companyos.people.identity.domain.types import Reached, Way
from companyos.platform import mail, slack

Escape = Callable[[str], str]


def post(
    whom: Reached,
    *,
    subject: str,
    text: str,
    key: str,
    now: datetime,
    slack_text: Callable[[Escape], str] | None = None,
    tenant: str = "",
    headers: Mapping[str, str] | None = None,
) -> bool:
    """Queue a letter in the caller's transaction; say whether anything will leave.

    Whoever chose Slack alone is written to by mail where no bot reaches people: a letter never gets lost for it.
    """
    by_slack = Way.SLACK in whom.ways and slack.reaches_people()
    by_mail = Way.MAIL in whom.ways or (Way.SLACK in whom.ways and not by_slack)
    sent = by_mail and mail.send_mail(
        to=whom.email, subject=subject, text=text, key=key, tenant=tenant, headers=headers, now=now
    )
    if by_slack:
        words = slack_text(slack.escape) if slack_text else slack.escape(text)
        sent = slack.send_slack(to=whom.email, text=words, key=key, tenant=tenant, now=now) or sent
    return sent


def thread_of(request: str) -> dict[str, str]:
    """The headers that keep all letters about one request together in a mail program."""
    thread = f"<request.{request}@{mail.sender_domain()}>"
    return {"References": thread, "In-Reply-To": thread, "Auto-Submitted": "auto-generated"}
