"""Drafting an edition of the release notes, by hand or when its two weeks are over (R108)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction

from companyos.change.comms.actions.refusals import Refused
from companyos.change.comms.actions.release_editing import (
    as_stored,
    check_editor,
    new_version,
    swap,
)
from companyos.change.comms.domain.drafting import EVERY, Fragment, draft, due_since, renewed, title_of
from companyos.change.comms.domain.release_notes import MOST_ITEMS, Item, NoteRow, NoteState
from companyos.change.comms.models import ReleaseNote, ReleaseNoteVersion
from companyos.change.comms.queries.release_notes import newest_release_note, version_of
from companyos.change.comms.queries.release_sources import happened
from companyos.kernel.ids import id_of
from companyos.platform import outbox

DRAFTER = "companyos"  # wrote the version that nobody has edited yet


def draft_release_note(*, actor: str, now: datetime, fragments: Iterable[Fragment] = ()) -> str:
    """Draft the next edition now and return its id; one that is being drafted takes in what is new. Raises NotYours."""
    check_editor(actor)
    last, told = newest_release_note(), tuple(fragments)
    if last is not None and last.state is not NoteState.PUBLISHED:
        _take_in(actor, last, told, now)
        return last.id
    since = last.until if last else now - EVERY
    made = _begin(actor, last, since, _drafted(since, told, now), now)
    if not made:
        raise Refused("Somebody drafts this edition at the same moment. Look at the list: it is there.")
    return made


def draft_due_release_note(*, now: datetime) -> str:
    """Draft the next edition if its two weeks are over and something happened; returns its id, or nothing.

    Of two processes that do it at once one does: each edition has a number of its own.
    """
    last = newest_release_note()
    if last is not None and last.state is not NoteState.PUBLISHED:
        return ""
    since = due_since(last.until if last else None, lambda at: happened(at, now), now)
    return _begin(DRAFTER, last, since, _drafted(since, (), now), now) if since else ""


def _drafted(since: datetime, fragments: tuple[Fragment, ...], now: datetime) -> tuple[Item, ...]:
    return draft(replace(happened(since, now), fragments=fragments))[:MOST_ITEMS]


def _begin(actor: str, last: NoteRow | None, since: datetime, items: tuple[Item, ...], now: datetime) -> str:
    number = last.number + 1 if last else 1
    note = ReleaseNote(
        id=id_of(now, "release note", number), number=number, since=since, until=now, state=NoteState.DRAFT, version=1
    )  # fmt: skip
    try:
        with transaction.atomic():
            note.save(force_insert=True)
            ReleaseNoteVersion.objects.create(
                note=note, n=1, title=title_of(number, since, now), items=as_stored(items), by=actor, at=now
            )
            outbox.publish("release_note.drafted", {"note": str(note.pk), "number": number}, at=now)
    except IntegrityError:
        return ""
    return str(note.pk)


def _take_in(actor: str, note: NoteRow, fragments: tuple[Fragment, ...], now: datetime) -> None:
    """Take what happened since into a draft; one that gains nothing stays as it is, and so does its approval."""
    before = version_of(note.id, note.version)
    if before is None:
        raise Refused("Its newest version is gone. Load the page again.")
    items = renewed(before.items, _drafted(note.since, fragments, now))[:MOST_ITEMS]
    if items == before.items:
        return
    with transaction.atomic():
        swap(note, note.version, until=now)
        new_version(note, replace(before, items=items), actor, now)
        outbox.publish("release_note.saved", {"note": note.id, "version": note.version + 1}, at=now)
