"""Taking a person out of what people were told: their receipts go, their name as a writer too; what was told stays."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from companyos.change.comms.models import (
    Banner,
    BannerSeen,
    ChangeMade,
    Notice,
    Reader,
    ReleaseNote,
    ReleaseNoteVersion,
)

NOBODY = "somebody"


def forget(names: Collection[str]) -> int:
    """Delete a person's receipts and put `somebody` for their name; says how many rows."""
    named = list(names)
    with transaction.atomic():
        gone = int(Reader.objects.filter(person__in=named).delete()[0])
        gone += int(BannerSeen.objects.filter(person__in=named).delete()[0])
        gone += Banner.objects.filter(ended_by__in=named).update(ended_by=NOBODY)
        gone += Banner.objects.filter(by__in=named).update(by=NOBODY)
        gone += ChangeMade.objects.filter(by__in=named).update(by=NOBODY)
        gone += Notice.objects.filter(by__in=named).update(by=NOBODY)
        gone += ReleaseNote.objects.filter(published_by__in=named).update(published_by=NOBODY)
        gone += ReleaseNoteVersion.objects.filter(by__in=named).update(by=NOBODY)
        return gone + ReleaseNoteVersion.objects.filter(approved_by__in=named).update(approved_by=NOBODY)
