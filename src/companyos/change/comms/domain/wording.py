"""What a notice and its channel post say: what changes, for whom, when, how it can be taken back, whom to tell."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

_TITLE, _NAMED, _LINES = 160, 3, 30


@dataclass(frozen=True, slots=True)
class Story:
    """What is known of a change, in words. `teams` are those of the people affected, the largest first."""

    title: str
    what: str
    people: int
    teams: tuple[str, ...]
    happens_at: datetime
    way_back: str
    tell: str  # a person's name; empty: nobody is named
    depends_on: str = ""  # what the date hangs on
    done: bool = False  # told afterwards: nobody could before


def notice_words(story: Story, zone: ZoneInfo) -> str:
    """Return what somebody affected reads, in Markdown."""
    parts = [
        ("What changes", story.what),
        ("For whom", whom_said(story.people, story.teams)),
        ("When", _when(story, zone)),
        ("The way back", story.way_back),
        ("If something is wrong", _whom_to_tell(story)),
    ]
    return "\n\n".join(f"**{name}.** {_one_line(words)}" for name, words in parts if words.strip())


def post_words(story: Story, zone: ZoneInfo) -> str:
    """Return what the channel reads: plain text in which `*` makes bold; whoever sends it escapes the rest."""
    begins = "Changed" if story.done else "Heads-up"
    lines = [
        f"*{begins}: {_bare(story.title)}*",
        _one_line(story.what),
        f"For {_uncapped(whom_said(story.people, story.teams))}",
        _when(story, zone),
        f"{story.way_back} {_whom_to_tell(story)}".strip(),
    ]
    return "\n".join(line for line in lines if line.strip())


def follow_up(title: str, says: str) -> str:
    """Return an answer in a post's thread; it names what it is about, where there is no thread."""
    return f"*{_bare(title)}*: {says}"


def moved_words(happens_at: datetime, before: datetime, zone: ZoneInfo, *, was_open: bool) -> str:
    if was_open:
        return f"There is a date again: {when_said(happens_at, zone)}."
    return f"Moved to {when_said(happens_at, zone)} (it was {when_said(before, zone)})."


def daily_words(day: str, lines: Sequence[str]) -> str:
    """Return the daily post: what changed and altered nothing that anybody sees."""
    shown = [f"• {_one_line(line)}" for line in lines[:_LINES]]
    if rest := len(lines) - len(shown):
        shown.append(f"• and {rest} more")
    return "\n".join([f"*Changed until {day}; nobody sees a difference*", *shown])


def titled(words: str) -> str:
    return first_words(_one_line(words), _TITLE)


def when_said(at: datetime, zone: ZoneInfo) -> str:
    local = at.astimezone(zone)
    return f"{local:%a} {local.day} {local:%b %H:%M}"


def whom_said(people: int, teams: Sequence[str]) -> str:
    """Return `14 people of Finance Operations, Legal and 2 more teams.`"""
    if not teams:
        return f"{people_said(people)}."
    rest = len(teams) - _NAMED
    named = [*teams[:_NAMED], *([f"{rest} more team{'s' * (rest != 1)}"] if rest > 0 else [])]
    listed = named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
    return f"{people_said(people)} of {listed}."


def people_said(people: int) -> str:
    return f"{people:,} {'person' if people == 1 else 'people'}"


def first_words(text: str, most: int) -> str:
    """Cut a text where it is longer than `most`, and show that it goes on."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"


def _when(story: Story, zone: ZoneInfo) -> str:
    moment = f"{when_said(story.happens_at, zone)} ({zone.key})"
    if story.done:
        return f"Since {moment}."
    if story.depends_on:
        return f"Expected {moment}, {story.depends_on}. If that moves, it is told here."
    return f"On {moment}."


def _whom_to_tell(story: Story) -> str:
    return f"Tell {story.tell}." if story.tell else ""


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _bare(text: str) -> str:
    """Take out what would end the bold of a title."""
    return _one_line(text).replace("*", "")


def _uncapped(text: str) -> str:
    return text[:1].lower() + text[1:]
