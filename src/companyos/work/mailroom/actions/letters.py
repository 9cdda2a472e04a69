"""A mail becomes a case, or words in the case that it answers."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db import transaction

from companyos.people.identity import queries as identity
from companyos.work.cases import actions as cases
from companyos.work.cases import queries as case_queries
from companyos.work.mailroom.domain.addresses import case_of, case_of_thread, is_ours
from companyos.work.mailroom.domain.letters import MOST_BYTES, Letter, is_proven, read_letter
from companyos.work.mailroom.models import LetterIn

MOST_AN_HOUR = 20
_BY_ID = "the sender's own mails, whichever tenant they were about"


class Ignored(Exception):
    """The mail is not for people to answer: a program wrote it, or it was taken before. Nobody is told."""


class NotTaken(Exception):
    """The mail cannot be taken; its sender should hear why."""


def take_letter(*, content: bytes, now: datetime) -> str:
    """Take one mail and return the id of its case. Raises Ignored and NotTaken.

    The sender is whom the mail server vouches for (COMPANYOS_MAIL_SERVER), or who holds the signed reply address.
    """
    if len(content) > MOST_BYTES:
        raise NotTaken(f"A mail has {MOST_BYTES // 2**20} MiB at most. Nothing was taken.")
    letter = read_letter(content)
    if not letter.id:  # the same words twice are one mail, then
        letter = replace(letter, id=f"none {sha256(content).hexdigest()}")
    if letter.automatic:
        raise Ignored(f"a program wrote it: {letter.automatic}")
    person = identity.person_at(letter.sender) if letter.sender else ""
    if not person:
        raise NotTaken(f"{letter.sender or 'The sender'} is nobody's address here. Write from your own.")
    named = _case_by_address(letter, person)
    if not named and settings.MAIL_SERVER and not is_proven(letter, settings.MAIL_SERVER):
        raise NotTaken("The mail server could not prove who sent it. Answer a mail of ours, or use the page.")
    if LetterIn.objects.across_tenants(because=_BY_ID).filter(message_id=letter.id, person=person).exists():
        raise Ignored("it was taken before")
    recent = LetterIn.objects.across_tenants(because=_BY_ID).filter(
        person=person, at__gt=now - timedelta(hours=1)
    )
    if recent.count() >= MOST_AN_HOUR:
        raise NotTaken(f"{MOST_AN_HOUR} mails an hour are taken from one person. Try again later.")
    try:
        return _keep(letter, person, named or _case_by_thread(letter, person), now)
    except cases.Refused as refusal:
        raise NotTaken(str(refusal)) from None


def forget_letters(names: Collection[str]) -> int:
    """Forget which mails were a person's, under any of these names; says how many rows. Their words are in cases."""
    mine = LetterIn.objects.across_tenants(because=_BY_ID).filter(person__in=list(names))
    return int(mine.delete()[0])


def _keep(letter: Letter, person: str, case: str, now: datetime) -> str:
    with transaction.atomic():
        if case:
            text = letter.text or "(no words, only what is attached)"
            cases.comment(actor=person, case=case, text=text, now=now)
        else:
            case = _open(letter, person, now)
        refused = _attach(letter, person, case, now)
        if refused:
            cases.comment(actor=person, case=case, text="Not attached: " + "; ".join(refused), now=now)
        found = case_queries.report_text(case)
        tenant = found.tenant if found else identity.works_in(person)
        LetterIn(
            tenant_id=tenant, message_id=letter.id, case=case, person=person, at=now
        ).save(force_insert=True)  # fmt: skip
    return case


def _open(letter: Letter, person: str, now: datetime) -> str:
    return cases.open_case(
        actor=person,
        type_slug="feedback",
        tenant=identity.works_in(person),
        title=letter.subject or "A mail without a subject",
        body=letter.text,
        context={"came": "by mail"},
        key=f"mail {letter.id}"[:80],
        now=now,
    )


def _attach(letter: Letter, person: str, case: str, now: datetime) -> list[str]:
    refused = []
    for name, content in letter.files:
        try:
            cases.attach(actor=person, case=case, name=name, content=content, now=now)
        except cases.Refused as refusal:
            refused.append(str(refusal).removesuffix(" Nothing was attached."))
    return refused


def _case_by_address(letter: Letter, person: str) -> str:
    box = settings.MAIL_BOX
    found = (case_of(each, box, person, settings.SECRET_KEY) for each in letter.to if is_ours(each, box))
    return next(filter(None, found), "")


def _case_by_thread(letter: Letter, person: str) -> str:
    """Return the case of the thread that a mail answers, when its sender may read it."""
    known = LetterIn.objects.across_tenants(because=_BY_ID).filter(
        message_id__in=letter.answers, person=person
    )
    mine = {row.message_id: str(row.case) for row in known}
    for each in letter.answers:
        case = mine.get(each) or case_of_thread(each)
        if case and case_queries.may_be_read(case, person):
            return case
    return ""
