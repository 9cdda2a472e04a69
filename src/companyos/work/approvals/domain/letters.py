"""What somebody who is asked is told outside the pages: who asks what, why them, until when, two links to answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime

ACTS = (("Approve", "approve"), ("Decline", "decline"))


@dataclass(frozen=True, slots=True)
class Letter:
    """One thing a person is asked. Links are whole addresses; `answer` is empty where a link cannot answer."""

    requester: str
    title: str
    kind: str
    amount: str
    why: str
    due_at: datetime | None
    reminder: int
    page: str
    about: str = ""
    answer: str = ""
    link_ends: datetime | None = None
    trace: str = ""

    @property
    def subject(self) -> str:
        return f"{'Reminder: ' if self.reminder else ''}Please answer: {self.title}"


def in_mail(letter: Letter) -> str:
    """Return the letter as plain text."""
    lines = [_opening(letter), "", f"  {letter.title}", *(f"  {line}" for line in _facts(letter)), ""]
    for title, act in ACTS if letter.answer else ():
        lines.append(f"{title}: {letter.answer}?say={act}")
    if letter.answer and letter.link_ends:
        lines += [
            "Each opens a page that asks you to confirm. The links answer for you: do not forward them.",
            f"They work once, until {_moment(letter.link_ends)}.",
            "",
        ]
    lines.append(f"Read it whole: {letter.page}")
    if letter.about:
        lines.append(f"What it is about, with its evidence: {letter.about}")
    return "\n".join([*lines, "", f"Trace {letter.trace}", ""])


def in_slack(letter: Letter, escape: Callable[[str], str]) -> str:
    """Return the letter as Slack's mrkdwn; `escape` keeps what people typed from being markup."""
    lines = [
        escape(_opening(letter)),
        f"*<{letter.page}|{escape(letter.title)}>*",
        *map(escape, _facts(letter)),
    ]
    links = [f"<{letter.answer}?say={act}|{title}…>" for title, act in ACTS if letter.answer]
    if letter.about:
        links.append(f"<{letter.about}|What it is about>")
    return "\n".join([*lines, *filter(None, [" · ".join(links)])])


def several(n: int, inbox: str) -> tuple[str, str]:
    """Return subject and text for somebody of whom much is asked at once: one letter, answered in the inbox."""
    says = f"{n} requests wait for your answer"
    return says, f"{says}. They are in your inbox:\n{inbox}\n"


def _opening(letter: Letter) -> str:
    again = f" (reminder {letter.reminder})" if letter.reminder else ""
    return f"{letter.requester} asks for your answer{again}:"


def _facts(letter: Letter) -> Iterator[str]:
    yield f"{letter.kind}{f', {letter.amount}' if letter.amount else ''}"
    yield f"Why you: {letter.why.rstrip('.')}."
    if letter.due_at:
        yield f"Until: {_moment(letter.due_at)}"


def _moment(at: datetime) -> str:
    return f"{at:%a %d %b %Y %H:%M} UTC"
