"""What is asked of a banner before it is made."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from companyos.change.comms.domain.banners import Audience, Severity

TITLE, WORDS, LINK, LINK_WORDS = 80, 300, 300, 60
LONGEST = timedelta(days=60)
PRIORITIES = range(1, 10)
USUAL_PRIORITY = 5


@dataclass(frozen=True, slots=True)
class Draft:
    """A banner as somebody wrote it; `starts_at` left out is at once."""

    title: str
    words: str
    ends_at: datetime
    severity: Severity = Severity.INFO
    audience: Audience = field(default_factory=Audience)
    notice: str = ""
    link: str = ""
    link_words: str = ""
    starts_at: datetime | None = None
    dismissible: bool = True
    needs_ack: bool = False
    priority: int = USUAL_PRIORITY

    def begins(self, now: datetime) -> datetime:
        """When it is first shown: never before now, or its age would lift it over others."""
        return max(self.starts_at or now, now)


def it_has_a_title_and_words(draft: Draft, now: datetime) -> str:
    """Whoever sees it knows what is up and what to do."""
    return (
        "" if draft.title and draft.words else "Give the banner a title, and say what is up and what to do."
    )


def it_is_short(draft: Draft, now: datetime) -> str:
    """A banner is read in passing; the rest is behind its link."""
    for name, text, most in (
        ("title", draft.title, TITLE),
        ("text", draft.words, WORDS),
        ("link's text", draft.link_words, LINK_WORDS),
    ):
        if len(text) > most:
            return f"Its {name} has {len(text)} characters; {most} are the most. Put the rest behind a link."
    return ""


def its_link_says_where_it_leads(draft: Draft, now: datetime) -> str:
    """A link has words of its own, and the words a link."""
    if bool(draft.link) == bool(draft.link_words):
        return ""
    return "Give the link its own words, and the words a link; or leave both out."


def its_link_opens_a_page(draft: Draft, now: datetime) -> str:
    """A page of ours or of the web, never a script."""
    return "" if not draft.link or _is_address(draft.link) else "Link to /a/page/here or to https://a.page."


def it_ends(draft: Draft, now: datetime) -> str:
    """What stays for ever is not read."""
    starts = draft.begins(now)
    if draft.ends_at <= starts:
        return "It ends later than it starts, and not in the past."
    if draft.ends_at - starts > LONGEST:
        return f"It would be there for {(draft.ends_at - starts).days} days; {LONGEST.days} are the most."
    return ""


def its_priority_is_from_1_to_9(draft: Draft, now: datetime) -> str:
    """1 comes first."""
    return "" if draft.priority in PRIORITIES else "Choose a priority from 1, shown first, to 9."


RULES: tuple[Callable[[Draft, datetime], str], ...] = (
    it_has_a_title_and_words,
    it_is_short,
    its_link_says_where_it_leads,
    its_link_opens_a_page,
    it_ends,
    its_priority_is_from_1_to_9,
)


def fault_of(draft: Draft, now: datetime) -> str:
    """Return what keeps a banner from being made; empty: nothing."""
    return next(filter(None, (rule(draft, now) for rule in RULES)), "")


def _is_address(link: str) -> bool:
    if len(link) > LINK or "\\" in link or any(each <= " " for each in link):
        return False
    try:
        found = urlsplit(link)
    except ValueError:
        return False
    if found.scheme or found.netloc:
        return found.scheme in {"http", "https"} and bool(found.netloc)
    return link.startswith("/") and not link.startswith("//")
