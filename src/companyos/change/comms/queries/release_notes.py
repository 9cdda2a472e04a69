"""Release notes: their editions and versions, and whom they concern."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from typing import Any

from companyos.change.comms.domain.release_letter import Letter
from companyos.change.comms.domain.release_notes import Item, ItemOrigin, NoteRow, NoteState, VersionRow
from companyos.change.comms.domain.release_rules import Asked
from companyos.change.comms.domain.types import Size
from companyos.change.comms.models import ReleaseNote, ReleaseNoteVersion
from companyos.kernel.ids import is_id
from companyos.people.identity import queries as identity
from companyos.people.tenants import queries as tenants
from companyos.platform.outgoing import public_address

CHOOSE = "/requests/told"  # where a person chooses how they are written to


def release_notes(*, limit: int = 100) -> tuple[NoteRow, ...]:
    """Return every edition, the newest first."""
    return tuple(_row(each) for each in ReleaseNote.objects.order_by("-number")[:limit])


def release_note(note: str) -> NoteRow | None:
    found = ReleaseNote.objects.filter(pk=note).first() if is_id(note) else None
    return _row(found) if found else None


def newest_release_note() -> NoteRow | None:
    found = ReleaseNote.objects.order_by("-number").first()
    return _row(found) if found else None


def versions_of(note: str) -> tuple[VersionRow, ...]:
    """Return everything that an edition said, the newest first."""
    return tuple(_version(each) for each in ReleaseNoteVersion.objects.filter(note__pk=note).order_by("-n"))


def version_of(note: str, n: int) -> VersionRow | None:
    found = ReleaseNoteVersion.objects.filter(note__pk=note, n=n).first()
    return _version(found) if found else None


def texts_of(rows: Collection[NoteRow]) -> dict[str, VersionRow]:
    """Return what each edition says: as its readers see it, or else its newest version."""
    wanted = {(row.id, row.shown or row.version) for row in rows}
    found = ReleaseNoteVersion.objects.filter(note__in=[row.id for row in rows])
    return {str(each.note_id): _version(each) for each in found if (str(each.note_id), each.n) in wanted}


def belongs() -> Mapping[str, frozenset[str]]:
    """Return to which tenants everybody who is here belongs: their home, and where they are a guest."""
    found: dict[str, set[str]] = defaultdict(set)
    for tenant, person in tenants.members():
        found[person].add(tenant)
    return {each.slug: frozenset(found[each.slug]) for each in identity.everybody()}


def belongs_of(person: str) -> frozenset[str]:
    return frozenset(tenants.of_member(person))


def may_edit_release_notes(person: str) -> bool:
    """Tell whether somebody edits, approves and publishes: whoever leads a team."""
    return identity.leads_a_team(person)


def note_key(note: str) -> str:
    """Name the notice by which people are told of an edition."""
    return f"release-note/{note}"


def page_of(note: str) -> str:
    """Return the address of an edition's page."""
    return f"/release-notes/{note}"


def letter_of(note: NoteRow, text: VersionRow, items: tuple[Item, ...]) -> Letter:
    """Return the mail to whoever reads these items."""
    return Letter(text.title, text.introduction, items, public_address(""), page_of(note.id), CHOOSE)


def asked_of(actor: str, seen: int, row: NoteRow, text: VersionRow, *, because: str = "") -> Asked:
    """Return what the rules need to know of an edition with this text, and of who wants something of it."""
    return Asked(
        actor, seen, row.state, row.version, row.shown, text.title, len(text.told), text.by, text.approved_by, because
    )  # fmt: skip


def _row(each: ReleaseNote) -> NoteRow:
    return NoteRow(
        str(each.pk),
        each.number,
        each.since,
        each.until,
        NoteState(each.state),
        each.version,
        each.shown,
        each.published_by,
        each.published_at,
    )


def _version(each: ReleaseNoteVersion) -> VersionRow:
    return VersionRow(
        each.n,
        each.title,
        each.introduction,
        tuple(map(_item, each.items)),
        each.by,
        each.at,
        each.is_correction,
        each.because,
        each.approved_by,
        each.approved_at,
    )


def _item(body: Mapping[str, Any]) -> Item:
    told = {
        "origin": ItemOrigin(body["origin"]),
        "size": Size(body["size"]),
        "tenants": tuple(body["tenants"]),
    }
    return Item(**{**body, **told})
