"""Slack: to a channel by the webhook or the bot, to a person by the bot; queued with the change that causes it.

A webhook posts into the one channel it was made for, so what only one person may see never goes there.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import httpx
from django.conf import settings

from companyos.platform.outgoing import Channel, Message, Never, NotNow, outcomes, queue, receipts

WITHIN_SECONDS = 10.0
WAITS_FOR_ITS_THREAD = timedelta(hours=1)
_PASSING = frozenset({"ratelimited", "rate_limited", "internal_error", "fatal_error", "service_unavailable"})
_SUBJECT = 200
_BUSY, _BROKEN = 429, 500


def send_slack(
    *,
    text: str,
    now: datetime,
    channel: str = "",
    to: str = "",
    blocks: Sequence[dict[str, Any]] = (),
    thread: str = "",
    answers: str = "",
    key: str = "",
    tenant: str = "",
) -> bool:
    """Queue a post in the caller's transaction; say whether it will be sent.

    `channel` is a Slack channel, `to` the mail address of a person who gets it as a direct message (needs a bot: ask
    `reaches_people()`); with neither, the webhook's own channel. `text` is Slack's mrkdwn and what a notification
    shows, `blocks` are Block Kit, `thread` is the timestamp of the post to answer; where that is not known yet,
    `answers` is its key: this one then waits up to an hour for it, and goes into the channel if it never came. As with
    mail: nothing from a rehearsal or a sandbox `tenant`, and the same `key` once. Raises ValueError for both a channel
    and a person.
    """
    if channel and to:
        raise ValueError("a post goes to a channel or to a person, not to both")
    words = {"text": text, "blocks": list(blocks), "channel": channel, "thread": thread, "answers": answers}
    title = " ".join(text.split())[:_SUBJECT]
    return queue(Channel.SLACK, to=to, subject=title, words=words, now=now, key=key, tenant=tenant)


def escape(text: str) -> str:
    """Write what somebody typed so that Slack shows it as it is: no mention, link or markup of theirs."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def is_set_up() -> bool:
    return bool(settings.SLACK_TOKEN or settings.SLACK_WEBHOOK_URL)


def reaches_people() -> bool:
    """Tell whether a bot is there: only it can write to one person."""
    return bool(settings.SLACK_TOKEN)


def hand_over(message: Message) -> str | None:
    """Give one post to Slack; returns its timestamp where a bot posts: it names the thread. Raises NotNow or Never."""
    post: dict[str, Any] = {"text": message.words["text"], "unfurl_links": False, "unfurl_media": False}
    if message.words["blocks"]:
        post["blocks"] = message.words["blocks"]
    if thread := _thread_of(message):
        post["thread_ts"] = thread
    channel = _person(message.to) if message.to else message.words["channel"]
    if channel and settings.SLACK_TOKEN:
        return str(_call("chat.postMessage", json={**post, "channel": channel}).get("ts", "")) or None
    if settings.SLACK_WEBHOOK_URL and not message.to:
        _sent(settings.SLACK_WEBHOOK_URL, json=post)
        return None
    raise Never("nobody said which Slack channel; without one, COMPANYOS_SLACK_WEBHOOK_URL says it")


def address_of(user: str) -> str:
    """Return the mail address of somebody in Slack. Raises NotNow or Never; without a bot, Never."""
    if not settings.SLACK_TOKEN:
        raise Never("Slack needs COMPANYOS_SLACK_TOKEN to say who somebody is")
    profile = _call("users.info", data={"user": user})["user"].get("profile", {})
    return str(profile.get("email", ""))


def _thread_of(message: Message) -> str:
    """Return the thread a post belongs in; empty where the post it answers never came. NotNow while that may come."""
    first = message.words.get("answers", "")
    if message.words["thread"] or not first:
        return str(message.words["thread"])
    if found := receipts(Channel.SLACK, [first]).get(first):
        return found
    sent_at, given_up = outcomes(Channel.SLACK, [first]).get(first, (None, True))
    still_comes = sent_at is None and not given_up
    if still_comes and message.tried_at < message.queued_at + WAITS_FOR_ITS_THREAD:
        raise NotNow("the post that it answers is not sent yet")
    return ""


def _person(address: str) -> str:
    if not settings.SLACK_TOKEN:
        raise Never("Slack needs COMPANYOS_SLACK_TOKEN to write to one person")
    user: str = _call("users.lookupByEmail", data={"email": address})["user"]["id"]
    return user


def _call(method: str, **content: Any) -> dict[str, Any]:
    answer = _sent(
        f"{settings.SLACK_API_URL}/{method}",
        headers={"Authorization": f"Bearer {settings.SLACK_TOKEN}"},
        **content,
    )
    try:
        body = answer.json()
    except ValueError:
        raise NotNow(f"Slack answered {method} with something that is no JSON") from None
    if not isinstance(body, dict) or not body.get("ok"):
        error = str(body.get("error", "no reason given")) if isinstance(body, dict) else "no reason given"
        problem = f"Slack refused {method}: {error}"
        raise NotNow(problem) if error in _PASSING else Never(problem)
    return body


def _sent(url: str, **content: Any) -> httpx.Response:
    try:
        answer = httpx.post(url, timeout=WITHIN_SECONDS, follow_redirects=False, **content)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotNow(f"Slack cannot be reached: {str(error) or type(error).__name__}") from None
    if answer.status_code == _BUSY:
        seconds = answer.headers.get("Retry-After", "")
        raise NotNow(
            "Slack asks to wait", timedelta(seconds=min(int(seconds), 86_400) if seconds.isdigit() else 0)
        )
    if answer.status_code >= _BROKEN:
        raise NotNow(f"Slack answered {answer.status_code}")
    if not answer.is_success:
        raise Never(f"Slack answered {answer.status_code}: {answer.text[:100]}")
    return answer
