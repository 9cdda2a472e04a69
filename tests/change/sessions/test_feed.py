"""A person's calendar (R101, R114) as the RFC wants it: folded, escaped, and risen with every change."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from icalendar import Calendar

from companyos.change.sessions.domain.feed import Source, calendar_of
from companyos.change.sessions.domain.types import AgendaItem, Kind, SessionRow

AT = datetime(2026, 11, 11, 14, tzinfo=UTC)
SOURCE = Source("os.example.com", "https://os.example.com/sessions")
SAYS = "Expenses; travel, and \\ a very long point that no line of 75 octets holds: ñandú, größer 日本語 to the end"
ROW = SessionRow(
    "0199-a", "clinic/2026-11", Kind.CLINIC, "Clinic, of November; new", "", "", "", 0, False, AT, 45, "ada", (), True,
    (AgendaItem(5, SAYS), AgendaItem(40, "BEGIN:VEVENT")), 3, AT,
)  # fmt: skip


def test_every_line_is_folded_and_every_text_escaped_and_comes_back_whole() -> None:
    feed = calendar_of([ROW], SOURCE)

    assert all(len(line) <= 75 for line in feed.split(b"\r\n"))
    assert feed.count(b"\nBEGIN:VEVENT") == 1  # text stays text
    assert b"SUMMARY:Clinic\\, of November\\; new" in feed
    assert b"DTSTART:20261111T140000Z" in feed
    assert b"DTEND:20261111T144500Z" in feed
    assert b"METHOD:PUBLISH" in feed
    (event,) = Calendar.from_ical(feed).walk("VEVENT")
    assert str(event["description"]).startswith(f"5 min: {SAYS}\n40 min: BEGIN:VEVENT\n")
    assert (event["uid"], event["sequence"]) == ("0199-a@os.example.com", 3)
    assert event["status"] == "CONFIRMED"


def test_what_does_not_take_place_is_cancelled_under_the_same_uid() -> None:
    for row in (replace(ROW, cancelled_at=AT, sequence=4), replace(ROW, waived_at=AT, sequence=4)):
        (event,) = Calendar.from_ical(calendar_of([row], SOURCE)).walk("VEVENT")
        assert (event["uid"], event["sequence"], event["status"]) == ("0199-a@os.example.com", 4, "CANCELLED")
