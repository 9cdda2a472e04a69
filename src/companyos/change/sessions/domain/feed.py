"""A person's sessions as an iCalendar feed (RFC 5545): stable UIDs, SEQUENCE rises with every change (RFC 5546)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from companyos.change.sessions.domain.types import SessionRow

if TYPE_CHECKING:
    from icalendar import Event

_REFRESH = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Source:
    """Where a feed comes from: `host` ends every UID, `pages` is what the address of a session's page begins with."""

    host: str
    pages: str


def calendar_of(rows: Iterable[SessionRow], source: Source) -> bytes:
    """Return the feed. A session that was called off or waived stays in it as cancelled, so that calendars drop it."""
    from icalendar import Calendar  # 0.2 s, and only feeds need it

    feed = Calendar()
    feed.add("prodid", "-//CompanyOS//Sessions//EN")
    feed.add("version", "2.0")
    feed.add("method", "PUBLISH")
    feed.add("x-wr-calname", "CompanyOS sessions")
    feed.add("refresh-interval", _REFRESH, parameters={"VALUE": "DURATION"})
    for row in rows:
        feed.add_component(_event(row, source))
    return bytes(feed.to_ical())


def _event(row: SessionRow, source: Source) -> Event:
    from icalendar import Event

    page = f"{source.pages}/{row.id}"
    agenda = "\n".join(f"{item.minutes} min: {item.says}" for item in row.agenda)
    event = Event()
    event.add("uid", f"{row.id}@{source.host}")
    event.add("sequence", row.sequence)
    event.add("dtstamp", row.changed_at)
    event.add("last-modified", row.changed_at)
    event.add("dtstart", row.begins_at)
    event.add("dtend", row.ends_at)
    event.add("summary", row.title)
    event.add("description", f"{agenda}\n\n{page}".strip())
    event.add("url", page)
    event.add("status", "CANCELLED" if row.cancelled_at or row.waived_at else "CONFIRMED")
    return event
