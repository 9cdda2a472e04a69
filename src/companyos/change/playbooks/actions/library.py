"""Writing playbooks: every change is a new version."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction

from companyos.adoption.features import queries as features
from companyos.change.playbooks.actions.refusals import NotYours, Refused
from companyos.change.playbooks.domain.reading import Unfit, check, steps_document
from companyos.change.playbooks.domain.types import Playbook
from companyos.change.playbooks.models import PlaybookVersion
from companyos.change.playbooks.queries.library import find_playbook, may_write
from companyos.people.identity import queries as identity
from companyos.platform import outbox

_FILES = "program"


def keep_playbook(*, book: Playbook, now: datetime) -> bool:
    """Keep a playbook of the program's files; a changed one is a new version. Says whether anything changed."""
    newest = find_playbook(book.slug)
    if newest and newest.playbook == book:
        return False
    _add(_FILES, book, newest.version + 1 if newest else 1, "the program's files", now)
    return True


def write_playbook(*, actor: str, book: Playbook, because: str, version: int, now: datetime) -> int:
    """Write the next version of a playbook; `version` is the one it was made from, 0 for a new one. Raises Refused."""
    newest = find_playbook(book.slug)
    owners = {book.owner, *([newest.playbook.owner] if newest else [])}
    if not all(may_write(actor, owner) for owner in owners):
        raise NotYours("The team that owns a playbook writes it, and whoever leads a team. Ask them.")
    try:
        check(book)
    except Unfit as wrong:
        raise Refused(str(wrong)) from None
    _check_names(book)
    if (newest.version if newest else 0) != version:
        raise Refused("Somebody wrote another version meanwhile. Look at it, then make your change again.")
    if newest and newest.playbook == book:
        raise Refused("It says that already.")
    if not because.strip():
        raise Refused("Say why: the reason is kept with the version.")
    try:
        _add(actor, book, version + 1, because.strip()[:300], now)
    except IntegrityError:
        raise Refused("Somebody wrote this version at the same moment. Look at it, then try again.") from None
    return version + 1


def _check_names(book: Playbook) -> None:
    if book.owner not in {team.slug for team in identity.teams()}:
        raise Refused(f"There is no team {book.owner!r} that could own it.")
    if book.feature and features.feature(book.feature) is None:
        raise Refused(f"There is no feature {book.feature!r}. Leave it empty for the whole company.")


def _add(actor: str, book: Playbook, version: int, because: str, now: datetime) -> None:
    with transaction.atomic():
        PlaybookVersion.objects.create(
            playbook=book.slug, version=version, title=book.title, summary=book.summary, kind=book.kind,
            feature=book.feature, owner=book.owner, review_on=book.review_on, steps=steps_document(book.steps),
            rollback_seconds=book.target.rollback_seconds, rto_minutes=book.target.rto_minutes,
            rpo_minutes=book.target.rpo_minutes, at=now, by=actor, because=because,
        )  # fmt: skip
        outbox.publish("playbook.written", {"playbook": book.slug, "version": version}, at=now)
