"""A Slack message becomes a case; the thread hears where it went."""

from __future__ import annotations

from datetime import datetime

from django.conf import settings

from companyos.people.identity import queries as identity
from companyos.platform.outgoing import Never, NotNow
from companyos.platform.slack import address_of, escape, send_slack
from companyos.work.cases import actions as cases
from companyos.work.cases import queries as case_queries
from companyos.work.mailroom.domain.slack_words import Said, is_signed, read, title_of


class NotSigned(Exception):
    """The request is not from Slack, or too old."""


def take_slack(*, body: bytes, sent: str, signature: str, now: datetime) -> str:
    """Take a message shortcut or a slash command, and return what its sender reads. Raises NotSigned."""
    if not is_signed(body, settings.SLACK_SIGNING_SECRET, sent, signature, now):
        raise NotSigned("The signature does not fit, or the request is older than five minutes.")
    said = read(body)
    if said is None:
        return "That is nothing that becomes a case: use the message shortcut, or the command with words behind it."
    if not said.text.strip():
        return "Say in a few words what it is about, behind the command."
    try:
        person = identity.person_at(address_of(said.user))
    except (Never, NotNow) as problem:
        return f"Nothing was kept: {problem}. Try again, or use the page."
    if not person:
        return "Your address in Slack is nobody's here. Nothing was kept."
    try:
        return _open(said, person, now)
    except cases.Refused as refusal:
        return str(refusal)


def _open(said: Said, person: str, now: datetime) -> str:
    case = cases.open_case(
        actor=person,
        type_slug="feedback",
        tenant=identity.works_in(person),
        title=title_of(said.text),
        body=said.text[:20_000],
        context={"came": "from Slack", **({"message": said.link} if said.link else {})},
        key=f"slack {said.channel} {said.message or said.trigger}"[:80],
        now=now,
    )
    label = case_queries.label_of(case)
    told = f"This is case <{settings.PUBLIC_URL}/cases/{case}|{escape(label)}> now."
    if said.message:
        send_slack(
            text=told, channel=said.channel, thread=said.message, key=f"case {case} in its thread", now=now
        )
    return told
