"""Webhooks: queued with the change that causes them, signed as https://www.standardwebhooks.com asks.

A hook's secret is made from the instance's own and the hook's id, so that it stands in no table.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import httpx
from django.conf import settings

from companyos.platform.open_net import Inside, NoHost, address_of, request_at
from companyos.platform.outgoing import Channel, Message, Never, NotNow, queue

WITHIN_SECONDS = 10.0
_GONE, _BUSY, _BROKEN = 410, 429, 500


def send_webhook(
    *, hook: str, url: str, body: Mapping[str, Any], key: str, now: datetime, tenant: str = ""
) -> bool:
    """Queue a message to a hook in the caller's transaction; say whether it will be sent. The same `key` goes once."""
    words = {"hook": hook, "body": dict(body)}
    return queue(
        Channel.WEBHOOK,
        to=url,
        subject=str(body.get("type", "")),
        words=words,
        now=now,
        key=key,
        tenant=tenant,
    )


def secret_of(hook: str) -> str:
    """Return what a hook's receiver checks signatures with."""
    made = hmac.new(settings.SECRET_KEY.encode(), f"webhook {hook}".encode(), hashlib.sha256).digest()
    return f"whsec_{base64.b64encode(made[:24]).decode()}"


def signature(secret: str, number: str, moment: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{number}.{moment}.".encode() + body
    return f"v1,{base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()}"


def why_not(url: str) -> str:
    """Say why an address takes no webhook; empty when it may. Nothing of ours is asked on somebody else's behalf."""
    parts = urlsplit(url)
    if parts.scheme not in {"https", "http"} or not parts.hostname or parts.username:
        return "Write the whole address, as https://example.org/hook."
    if settings.WEBHOOKS_INSIDE:
        return ""
    if parts.scheme != "https":
        return "A webhook goes to an https address."
    try:
        address_of(httpx.URL(url))
    except (OSError, NoHost, UnicodeError):
        return f"{parts.hostname} is not known."
    except Inside:
        return _inside(parts.hostname)
    return ""


def hand_over(message: Message) -> None:
    """Post one message. Raises NotNow or Never."""
    url, address = _judged(message.to)
    body = json.dumps(message.words["body"], separators=(",", ":")).encode()
    number, moment = f"msg_{message.number}", int(datetime.now(UTC).timestamp())
    headers = {
        "Content-Type": "application/json",
        "Webhook-Id": number,
        "Webhook-Timestamp": str(moment),
        "Webhook-Signature": signature(secret_of(message.words["hook"]), number, moment, body),
    }
    try:
        with httpx.Client(timeout=WITHIN_SECONDS, trust_env=False, follow_redirects=False) as client:
            answer = client.send(
                request_at(client, "POST", url, address, within=WITHIN_SECONDS, headers=headers, content=body)
            )
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise NotNow(f"it cannot be reached: {str(error) or type(error).__name__}") from None
    if answer.status_code == _GONE:
        raise Never("it answered 410: it wants no more")
    if not answer.is_success:
        raise NotNow(f"it answered {answer.status_code}")


def _judged(address: str) -> tuple[httpx.URL, str]:
    """Return where to post and the address to connect to, looked up and judged once. Raises NotNow or Never."""
    parts = urlsplit(address)
    if not settings.WEBHOOKS_INSIDE and parts.scheme != "https":
        raise Never("A webhook goes to an https address.")
    try:
        url = httpx.URL(address)
        return url, address_of(url, inside=None if settings.WEBHOOKS_INSIDE else ())
    except Inside:
        raise Never(_inside(parts.hostname or address)) from None
    except (NoHost, httpx.InvalidURL, UnicodeError) as wrong:
        raise Never(f"{address} cannot be posted to: {wrong}") from None
    except OSError:
        raise NotNow(f"{parts.hostname} is not known now") from None


def _inside(host: str) -> str:
    return f"{host} is an address inside; COMPANYOS_WEBHOOKS_INSIDE=1 allows it."
