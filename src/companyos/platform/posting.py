"""The turns of everything that leaves: each channel that is set up hands over what waits."""

from __future__ import annotations

from datetime import datetime

from companyos.platform import mail, slack, webhooks
from companyos.platform.outgoing import Channel, HandOver, send_waiting


def channels() -> dict[Channel, HandOver]:
    """What is set up; messages of any other channel wait."""
    found: dict[Channel, HandOver] = {Channel.WEBHOOK: webhooks.hand_over}
    if mail.is_set_up():
        found[Channel.MAIL] = mail.hand_over
    if slack.is_set_up():
        found[Channel.SLACK] = slack.hand_over
    return found


def post_what_waits(*, now: datetime) -> int:
    """Send what is due; say how many messages arrived."""
    ready = channels()
    return send_waiting(ready, now=now) if ready else 0
