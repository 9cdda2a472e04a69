"""Editing and approving a release note. Every save is a version; the one who approves is another person (R108)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, replace
from datetime import datetime
from typing import Any

from django.db import transaction

from companyos.change.comms.actions.notices import note_outcome
from companyos.change.comms.actions.refusals import NoSuch, NotYours, Refused
from companyos.change.comms.actions.release_telling import tell_readers
from companyos.change.comms.domain.release_editing import Said, Unfit, edited
from companyos.change.comms.domain.release_notes import (
    INTRODUCTION,
    TITLE,
    Item,
    NoteRow,
    NoteState,
    VersionRow,
)
from companyos.change.comms.domain.release_rules import APPROVING, SAVING, Asked, Rule, why_not
from companyos.change.comms.models import ReleaseNote, ReleaseNoteVersion
from companyos.change.comms.queries.release_notes import (
    asked_of,
    may_edit_release_notes,
    note_key,
    release_note,
    version_of,
)
from companyos.people.tenants import queries as tenants
from companyos.platform import outbox

_BECAUSE = 300
_MEANWHILE = "Somebody changed it at the same moment. Load the page again and look at theirs."


def save_release_note(
    *,
    actor: str,
    note: str,
    version: int,
    title: str,
    introduction: str,
    items: Iterable[Said],
    now: datetime,
    because: str = "",
) -> int:
    """Save a note as a new version and return its number; an approval was of the words before. Raises Refused.

    Of a published note it is a correction: `because` says what it puts right, and readers see it once it is approved.
    """
    row, before = for_editor(actor, note)
    try:
        made = edited(before.items, items, tenants=tenants.production_tenants())
    except Unfit as problem:
        raise Refused(str(problem)) from None
    wanted = replace(
        before, title=" ".join(title.split())[:TITLE], introduction=introduction.strip()[:INTRODUCTION], items=made
    )  # fmt: skip
    check(SAVING, asked_of(actor, version, row, wanted, because=because))
    with transaction.atomic():
        swap(row, version)
        new_version(row, wanted, actor, now, because=because.strip()[:_BECAUSE])
        outbox.publish("release_note.saved", {"note": note, "version": version + 1}, at=now)
    return version + 1


def approve_release_note(*, actor: str, note: str, version: int, now: datetime) -> None:
    """Approve the version that was looked at. A correction is shown to readers from now on. Raises Refused."""
    row, text = for_editor(actor, note)
    check(APPROVING, asked_of(actor, version, row, text))
    is_correction = row.state is NoteState.PUBLISHED
    stands = ReleaseNote.objects.filter(pk=note, version=version, state=row.state)
    to: dict[str, Any] = {"shown": version} if is_correction else {"state": NoteState.APPROVED}
    with transaction.atomic():
        fresh = ReleaseNoteVersion.objects.filter(note__pk=note, n=version, approved_at=None)
        if not stands.update(**to) or not fresh.update(approved_by=actor, approved_at=now):
            raise Refused(_MEANWHILE)
        if is_correction:
            tell_readers(actor, row, text, now)  # those alone whom it did not concern before
            note_outcome(key=note_key(note), outcome=f"Corrected: {text.because}", now=now)
        outbox.publish("release_note.approved", {"note": note, "version": version}, at=now)


def for_editor(actor: str, note: str) -> tuple[NoteRow, VersionRow]:
    """Return a note and its newest version. Raises NotYours and NoSuch."""
    check_editor(actor)
    row = release_note(note)
    text = version_of(note, row.version) if row else None
    if row is None or text is None:
        raise NoSuch("There is no such release note.")
    return row, text


def check_editor(actor: str) -> None:
    if not may_edit_release_notes(actor):
        raise NotYours("Whoever leads a team edits, approves and publishes release notes; ask yours.")


def check(rules: tuple[Rule, ...], wanted: Asked) -> None:
    if problem := why_not(rules, wanted):
        raise Refused(problem)


def swap(row: NoteRow, seen: int, **changes: Any) -> None:
    """Count a version up for whoever saw the newest; the others change nothing. A draft again until it is approved."""
    state = row.state if row.state is NoteState.PUBLISHED else NoteState.DRAFT
    mine = ReleaseNote.objects.filter(pk=row.id, version=seen, state=row.state)
    if not mine.update(version=seen + 1, state=state, **changes):
        raise Refused(_MEANWHILE)


def new_version(row: NoteRow, text: VersionRow, actor: str, now: datetime, *, because: str = "") -> None:
    is_correction = row.state is NoteState.PUBLISHED
    ReleaseNoteVersion.objects.create(
        note_id=row.id, n=row.version + 1, title=text.title, introduction=text.introduction,
        items=as_stored(text.items), by=actor, at=now, is_correction=is_correction,
        because=because if is_correction else "",
    )  # fmt: skip


def as_stored(items: Iterable[Item]) -> list[dict[str, Any]]:
    return [asdict(item) for item in items]
