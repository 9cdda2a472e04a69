"""What is known of a document's link: does it lead somewhere, since when, and when did what it leads to change? Pure.

A check that reached nothing says nothing of the document: what was found before stands, and is shown with its age.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from urllib.parse import urlsplit

LONGEST_UNREACHED = timedelta(days=7)


class Standing(StrEnum):
    FINE = "fine"
    BROKEN = "broken"
    GUARDED = "guarded"  # it is there, behind a sign-in that this instance has not
    NOT_ALLOWED = "not_allowed"  # an address that this instance does not ask
    UNREACHED = "unreached"  # nothing was learnt


class Kind(StrEnum):
    WEB = "web"
    PAGE = "page"  # of this instance
    FILE = "file"  # of the project
    WORDS = "words"  # no link at all


_AGAIN_AFTER = {
    Standing.FINE: timedelta(days=1),
    Standing.GUARDED: timedelta(days=1),
    Standing.NOT_ALLOWED: timedelta(days=1),
    Standing.BROKEN: timedelta(hours=1),
    Standing.UNREACHED: timedelta(minutes=15),
}


@dataclass(frozen=True, slots=True)
class Found:
    """What one look at a link gave. `says` is half a sentence: `answers 404`."""

    standing: Standing
    says: str = ""
    modified_at: datetime | None = None
    etag: str = ""
    sha256: str = ""
    unchanged: bool = False  # the server says so


@dataclass(frozen=True, slots=True)
class Link:
    """A link as known. `standing` is of the last look that reached anything; None: none has."""

    link: str
    standing: Standing | None = None
    says: str = ""
    trouble: str = ""  # why the last look reached nothing
    checked_at: datetime | None = None
    reached_at: datetime | None = None
    changed_at: datetime | None = None
    etag: str = ""
    sha256: str = ""
    next_at: datetime | None = None

    @property
    def is_broken(self) -> bool:
        return self.standing is Standing.BROKEN

    @property
    def is_fine(self) -> bool:
        return self.standing is Standing.FINE

    def is_long_unreached(self, now: datetime) -> bool:
        return bool(self.trouble and self.reached_at and now - self.reached_at > LONGEST_UNREACHED)

    @property
    def opens(self) -> bool:
        """Tell whether a browser can follow it."""
        return kind_of(self.link) in {Kind.WEB, Kind.PAGE}

    @property
    def verdict(self) -> str:
        told = {Standing.FINE: "passed", Standing.BROKEN: "failed"}
        return told.get(self.standing, "inconclusive") if self.standing else "pending"

    @property
    def in_words(self) -> str:
        """Say how it stands, beside the link."""
        found = self.says if self.standing else "not looked at yet"
        return f"{found}; last try: {self.trouble}" if self.trouble else found

    @property
    def sentence(self) -> str:
        """Say how it stands, for people."""
        if self.standing is None:
            return f"{self.link} {self.trouble or 'has not been fetched yet'}"
        aged = f"; {self.trouble}, so this is as of {self.reached_at:%d %b}" if self.trouble else ""
        return f"{self.link} {self.says}{aged}"


def kind_of(link: str) -> Kind:
    """Tell what a link leads to: the web, a page of this instance, a file of the project, or nothing."""
    text = link.strip()
    if not text or any(letter.isspace() for letter in text):
        return Kind.WORDS
    if text.startswith(("http://", "https://")):
        return Kind.WEB
    if text.startswith("/") and not text.startswith("//"):
        return Kind.PAGE
    parts = urlsplit(text)
    return Kind.FILE if "." in parts.path and not parts.scheme and not parts.netloc else Kind.WORDS


def after(known: Link, found: Found, now: datetime) -> Link:
    """Return what is known after a look. One that reached nothing changes nothing but when the next one is."""
    again = now + _AGAIN_AFTER[found.standing]
    if found.standing is Standing.UNREACHED:
        return replace(known, trouble=found.says, checked_at=now, next_at=again)
    return Link(
        known.link, found.standing, found.says, "", now, now, _changed_at(known, found, now),
        found.etag or (known.etag if found.unchanged else ""), found.sha256 or known.sha256, again,
    )  # fmt: skip


def _changed_at(known: Link, found: Found, now: datetime) -> datetime | None:
    """The server's own word first, then its mark, then the content; of the first look nobody knows."""
    if found.modified_at:
        return min(found.modified_at, now)
    if found.unchanged or found.standing is not Standing.FINE or not known.sha256:
        return known.changed_at
    same = found.etag == known.etag if found.etag and known.etag else found.sha256 == known.sha256
    return known.changed_at if same else now
