"""Telling an edition to everybody whom an item of it concerns: in their news, and by mail who chose that (R109)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from companyos.change.comms.actions.notices import tell
from companyos.change.comms.domain.release_letter import html_of, text_of
from companyos.change.comms.domain.release_notes import Item, NoteRow, VersionRow, readers
from companyos.change.comms.domain.types import Kind, Size
from companyos.change.comms.queries.notices import find_by_key, receipts
from companyos.change.comms.queries.release_notes import CHOOSE, belongs, letter_of, note_key, page_of
from companyos.people.identity import queries as identity
from companyos.people.identity.domain.types import Way
from companyos.platform import mail, markdown
from companyos.platform.outgoing import public_address


@dataclass(frozen=True, slots=True)
class Told:
    """How many people have an edition in their news, and how many of them are written to."""

    people: int
    by_mail: int


def tell_readers(actor: str, note: NoteRow, text: VersionRow, now: datetime) -> Told:
    """Tell everybody whom an item concerns and who was not told yet; call it in the transaction that publishes."""
    known = _told_already(note)
    reading = {
        items: fresh
        for items, people in readers(text.items, belongs()).items()
        if (fresh := [person for person in people if person not in known])
    }
    people = [person for alike in reading.values() for person in alike]
    size = Size.MAJOR if any(item.size is Size.MAJOR for item in text.told) else Size.MINOR
    tell(
        actor=actor, key=note_key(note.id), kind=Kind.RELEASE_NOTE, title=text.title, words=text.introduction,
        people=people, size=size, link=page_of(note.id), now=now,
    )  # fmt: skip
    choose = {"List-Unsubscribe": f"<{public_address(CHOOSE)}>", "Auto-Submitted": "auto-generated"}
    by_mail = mail.send_mails(_letters(note, text, reading), subject=text.title, headers=choose, now=now)
    return Told(len(people), by_mail)


def _told_already(note: NoteRow) -> frozenset[str]:
    row = find_by_key(note_key(note.id))
    return frozenset(each.person for each in receipts([row]).get(row.id, ())) if row else frozenset()


def _letters(
    note: NoteRow, text: VersionRow, reading: Mapping[tuple[Item, ...], Sequence[str]]
) -> Iterator[mail.Letter]:
    """Write to who chose mail; what many read alike is written once."""
    reached = identity.reached([person for alike in reading.values() for person in alike])
    for items, alike in reading.items():
        whole = letter_of(note, text, items)
        words, html = text_of(whole), html_of(whole, markdown.html_of)
        for person in alike:
            if person in reached and Way.MAIL in reached[person].ways:
                yield mail.Letter(reached[person].email, words, html, f"{note_key(note.id)} {person}")
