"""Publishing a release note: everybody whom it concerns is told in the same transaction (R108, R109, R110)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from companyos.change.comms.actions.refusals import Refused
from companyos.change.comms.actions.release_editing import check, for_editor
from companyos.change.comms.actions.release_telling import Told, tell_readers
from companyos.change.comms.domain.release_notes import NoteState
from companyos.change.comms.domain.release_rules import PUBLISHING
from companyos.change.comms.models import ReleaseNote
from companyos.change.comms.queries.release_notes import asked_of
from companyos.platform import outbox

__all__ = ["Told", "publish_release_note"]


def publish_release_note(*, actor: str, note: str, version: int, now: datetime) -> Told:
    """Publish the version that was looked at, once; says how many people were told. Raises Refused."""
    row, text = for_editor(actor, note)
    check(PUBLISHING, asked_of(actor, version, row, text))
    with transaction.atomic():
        mine = ReleaseNote.objects.filter(pk=note, version=version, state=NoteState.APPROVED)
        if not mine.update(state=NoteState.PUBLISHED, shown=version, published_by=actor, published_at=now):
            raise Refused("Somebody changed it at the same moment. Load the page again and look at theirs.")
        told = tell_readers(actor, row, text, now)
        body = {"note": note, "number": row.number, "people": told.people, "by_mail": told.by_mail}
        outbox.publish("release_note.published", body, at=now)
    return told
