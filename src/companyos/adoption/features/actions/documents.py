"""The documents of a feature: where they lie, by when they are read again, and what a look at their links gave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from companyos.adoption.features.actions.directory import changed, existing
from companyos.adoption.features.actions.refusals import NoSuch, NotYours, Refused
from companyos.adoption.features.domain.links import Found, Kind, Link, after, kind_of
from companyos.adoption.features.domain.work.records import DOCUMENTS
from companyos.adoption.features.models import CheckedLink, FeatureDocument
from companyos.adoption.features.queries.documents import features_with, link_from
from companyos.adoption.features.queries.people import stewards
from companyos.platform import outbox

WHATS = (*DOCUMENTS, "threat_model")
LONGEST_REVIEW = timedelta(days=730)
PROGRAM = "program"
_LONGEST_LINK = 400


def name_document(
    *, actor: str, feature: str, what: str, link: str, review_by: date | None, now: datetime
) -> None:
    """Say where a document of a feature lies; its link is looked at from then on. Raises Refused with why not."""
    row = existing(feature)
    if actor not in stewards(row.owner_id, row.lead_team):
        raise NotYours(
            "The squad that owns the feature, or the team that leads its adoption, names its documents."
        )
    if objection := why_not(what, link, review_by, now):
        raise Refused(objection)
    with transaction.atomic():
        FeatureDocument.objects.update_or_create(
            feature=row,
            what=what,
            link=link.strip(),
            defaults={"review_by": review_by, "at": now, "by": actor},
        )
        changed(feature)
        outbox.publish("feature.document", {"feature": feature, "what": what}, at=now)


def drop_document(*, actor: str, feature: str, what: str, link: str, now: datetime) -> None:
    """Say that a document is none of the feature's any more."""
    row = existing(feature)
    if actor not in stewards(row.owner_id, row.lead_team):
        raise NotYours(
            "The squad that owns the feature, or the team that leads its adoption, names its documents."
        )
    with transaction.atomic():
        gone, _ = FeatureDocument.objects.filter(feature=row, what=what, link=link.strip()).delete()
        if not gone:
            raise NoSuch("There is no such document.")
        changed(feature)
        outbox.publish("feature.document", {"feature": feature, "what": what}, at=now)


def keep_documents(*, feature: str, documents: Iterable[Mapping[str, Any]], now: datetime) -> bool:
    """Make what the program's files name of a feature's documents what it has from them; says whether it was news."""
    wanted = {
        (each["what"], each["link"]): date.fromisoformat(each["review_by"]) if each.get("review_by") else None
        for each in documents
    }
    rows = FeatureDocument.objects.filter(feature=feature, by=PROGRAM)
    known = {(row.what, row.link): row.review_by for row in rows}
    if wanted == known:
        return False
    rows.delete()
    for (what, link), review_by in wanted.items():
        FeatureDocument.objects.update_or_create(
            feature_id=feature,
            what=what,
            link=link,
            defaults={"review_by": review_by, "at": now, "by": PROGRAM},
        )
    changed(feature)
    return True


def keep_look(*, link: str, found: Found, now: datetime) -> Link:
    """Keep what a look at a link gave; the scorecards that rest on it are judged anew where it stands otherwise."""
    with transaction.atomic():
        row = CheckedLink.objects.select_for_update().filter(pk=link).first()
        before = link_from(row) if row else Link(link)
        known = after(before, found, now)
        values = asdict(known)
        del values["link"]
        CheckedLink.objects.update_or_create(link=link, defaults={**values, "standing": known.standing or ""})
        if (before.standing, before.trouble, before.changed_at) != (
            known.standing,
            known.trouble,
            known.changed_at,
        ):
            for feature in features_with(link):
                changed(feature)
                told = {"feature": feature, "link": link, "standing": known.standing or ""}
                outbox.publish("feature.link_looked_at", told, at=now)
    return known


def why_not(what: str, link: str, review_by: date | None, now: datetime) -> str:
    """Return why something is no document of a feature; empty when it is one."""
    if what not in WHATS:
        return f"Say which document it is: {', '.join(WHATS)}."
    if kind_of(link) is Kind.WORDS or len(link) > _LONGEST_LINK:
        return "Give a link: https://…, a page of this instance (/…), or a file of the project (docs/runbook.md)."
    if review_by and not now.date() < review_by <= (now + LONGEST_REVIEW).date():
        return f"It is read again after today, and within {LONGEST_REVIEW.days} days."
    return ""
