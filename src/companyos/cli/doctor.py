"""`companyos doctor`: checks only, changes nothing."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from companyos.cli.commands import Mistake
from companyos.cli.ground import use_django
from companyos.cli.program import read_program

if TYPE_CHECKING:
    from companyos.platform.outgoing import Backlog

_NEEDED_BYTES = 1 << 30


def examine(options: argparse.Namespace) -> int:
    """Print what is well and what is not; 0 when everything is well, 1 otherwise."""
    findings = list(_findings(options.data, options.program))
    for well, words in findings:
        print(f"{'ok  ' if well else 'BAD '} {words}")
    return 0 if all(well for well, _ in findings) else 1


def _findings(data: Path, program: Path) -> Iterator[tuple[bool, str]]:
    version = ".".join(map(str, sys.version_info[:3]))
    yield sys.version_info >= (3, 11), f"Python {version} (3.11 or newer is needed)"
    yield _engine()
    where = data if data.exists() else data.resolve().parent
    yield os.access(where, os.W_OK), f"data directory {data} can be written"
    free = shutil.disk_usage(where).free
    yield free > _NEEDED_BYTES, f"{free / 1e9:.1f} GB free (1 GB is needed)"
    yield _program(program)
    yield from _messages(data)


def _engine() -> tuple[bool, str]:
    try:
        import chdb
    except ImportError as error:
        return False, f"the event engine cannot be loaded: {error}; run `make setup`"
    return True, f"event engine {chdb.__version__}"


def _program(folder: Path) -> tuple[bool, str]:
    try:
        read_program(folder)
    except Mistake as mistake:
        return False, str(mistake)
    return True, f"program files in {folder} are sound"


def _messages(data: Path) -> Iterator[tuple[bool, str]]:
    """What becomes of mail and Slack posts. Not being set up is a choice; what could not be sent is not well."""
    if not (data / "companyos.sqlite3").exists() and not os.environ.get("COMPANYOS_DATABASE_URL"):
        return  # nothing has run here yet
    use_django(data)
    from django.db import DatabaseError

    from companyos.platform import mail, slack
    from companyos.platform.outgoing import Channel, backlog

    try:
        mails, posts, boxes = backlog(Channel.MAIL), backlog(Channel.SLACK), tuple(_mailbox())
        updates = _updates()
    except DatabaseError as problem:
        yield (
            False,
            f"what waits to be sent cannot be read ({str(problem).splitlines()[0]}); `companyos up` mends it",
        )
        return
    slack_key = "COMPANYOS_SLACK_TOKEN or COMPANYOS_SLACK_WEBHOOK_URL"
    yield from boxes
    yield _channel("mail", mails, "" if mail.is_set_up() else "COMPANYOS_SMTP_URL")
    yield _channel("Slack", posts, "" if slack.is_set_up() else slack_key)
    yield updates


def _mailbox() -> Iterator[tuple[bool, str]]:
    from companyos.work.mailroom import queries

    if box := queries.mailbox():
        told = f"read last at {box.read_at:%d %b %H:%M} UTC" if box.read_at else "not read yet"
        yield (
            not box.problem,
            f"the mailbox of {box.name} is {told}{f'; {box.problem}' if box.problem else ''}",
        )


def _updates() -> tuple[bool, str]:
    """Whether heads-ups reach their channel: what became of the newest says it, for Slack has no other answer."""
    from companyos.change.comms import actions, queries
    from companyos.platform import slack
    from companyos.platform.outgoing import Channel, latest

    channel = queries.telling().channel
    if not slack.is_set_up():
        return True, f"heads-ups are NOT posted to {channel}, and told in the news of those affected"
    if not slack.reaches_people():
        return (
            True,
            f"heads-ups are posted where the webhook leads, without threads: a bot posts in {channel}",
        )
    rows = latest(Channel.SLACK, keys_begin=actions.POSTS, limit=1)
    if not rows:
        return True, f"heads-ups are posted to {channel}; none was yet: invite the bot there"
    if rows[0].problem:
        return (
            False,
            f"the last heads-up did not reach {channel}: {rows[0].problem}; is the bot invited there?",
        )
    told = f"the last at {rows[0].sent_at:%d %b %H:%M} UTC" if rows[0].sent_at else "the next is on its way"
    return True, f"heads-ups are posted to {channel}: {told}"


def _channel(name: str, left: Backlog, missing: str) -> tuple[bool, str]:
    waits = f"{left.waiting} wait{'s' if left.waiting == 1 else ''}, {left.given_up} given up in 30 days"
    if missing:
        return True, f"{name} is NOT sent, set {missing}: {waits}; each is kept for 7 days"
    return (
        not left.failing,
        f"{name} is sent: {waits}{f'; the last problem: {left.problem}' if left.problem else ''}",
    )
