"""Slack's messages to us: signed, fresh, and read into plain words (docs.slack.dev: verifying requests)."""

from __future__ import annotations

import hashlib
import hmac
import html
import json
import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import parse_qs

WINDOW_SECONDS = 300
_LINK = re.compile(r"<(https?://[^|>]+)(?:\|([^>]*))?>")
_NAMED = re.compile(r"<[@#!][^|>]*\|([^>]*)>")
_MARK = re.compile(r"<[@#!]([^>]*)>")


@dataclass(frozen=True, slots=True)
class Said:
    """Words somebody wants to become a case: a message they chose, or what they typed after the command."""

    user: str
    text: str
    channel: str
    message: str  # Slack's timestamp of it, which is its id; empty for a command
    trigger: str  # what Slack calls this very request: the same when it is sent again
    link: str = ""


def is_signed(body: bytes, secret: str, sent: str, said: str, now: datetime) -> bool:
    """Tell whether Slack sent this within the last five minutes; older ones are replays."""
    if not secret or not sent.isdecimal() or abs(now.timestamp() - int(sent)) > WINDOW_SECONDS:
        return False
    right = "v0=" + hmac.new(secret.encode(), f"v0:{sent}:".encode() + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(right.encode(), said.encode())


def read(body: bytes) -> Said | None:
    """Read a message shortcut or a slash command; None for anything else."""
    form = {name: values[0] for name, values in parse_qs(body.decode("utf-8", "replace")).items()}
    if "payload" in form:
        try:
            return _shortcut(json.loads(form["payload"]))
        except (ValueError, KeyError, TypeError):
            return None
    if form.get("command") and form.get("user_id"):
        said = plain(form.get("text", ""))
        return Said(form["user_id"], said, form.get("channel_id", ""), "", form.get("trigger_id", ""))
    return None


def _shortcut(told: Any) -> Said | None:
    if told.get("type") != "message_action":
        return None
    message, channel = told["message"], told["channel"]["id"]
    domain, at = told.get("team", {}).get("domain", ""), str(message["ts"])
    link = f"https://{domain}.slack.com/archives/{channel}/p{at.replace('.', '')}" if domain else ""
    return Said(
        str(told["user"]["id"]),
        plain(str(message.get("text", ""))),
        str(channel),
        at,
        told.get("trigger_id", ""),
        link,
    )


def plain(text: str) -> str:
    """Turn Slack's mrkdwn into Markdown: links stay links, and nobody is called by it."""
    text = _LINK.sub(lambda found: f"[{found[2]}]({found[1]})" if found[2] else found[1], text)
    text = _MARK.sub(r"\1", _NAMED.sub(r"\1", text))
    return html.unescape(text).replace("\x00", "").replace("@", "@\u200b")


def title_of(text: str) -> str:
    """Return the first line as a title."""
    first = next((line.strip() for line in text.splitlines() if line.strip()), "")
    return first[:120] + ("…" if len(first) > 120 else "")
