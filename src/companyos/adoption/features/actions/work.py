"""Evidence from work is kept: what a pipeline, a rehearsal, a document or a review has shown of one version."""

from __future__ import annotations

from dataclasses import asdict, replace
from datetime import datetime

from django.db import transaction

from companyos.adoption.features.actions.directory import changed, existing
from companyos.adoption.features.actions.refusals import NotYours, Refused
from companyos.adoption.features.models import WorkEvidence
from companyos.adoption.features.queries.people import people_of
from companyos.kernel.evidence import Fact
from companyos.kernel.ids import id_of
from companyos.people.identity import queries as identity
from companyos.platform import outbox

REVIEWS = frozenset({"features.threat_model", "features.permission_review"})


def keep_work(
    *, actor: str, feature: str, fact: Fact, version: str, link: str, now: datetime, author: str = ""
) -> str:
    """Keep a fact of work and return its id. Raises Refused for another version, or an own review."""
    known = existing(feature)
    if actor not in {person.slug for person in identity.everybody()}:
        raise NotYours("Only somebody of the company sends evidence.")
    if version != known.version:
        raise Refused(
            f"This is of version {version or 'none'}; the feature is at {known.version}. Say first that it moved on."
        )
    if fact.name in REVIEWS and (actor == author or actor in people_of(known.owner_id)):
        raise Refused(
            "A review comes from somebody outside the owning squad who did not make what is reviewed."
        )
    told = replace(
        fact, details={**fact.details, "version": version, "by": actor, "at": now.isoformat(), "link": link}
    )
    evidence = id_of(now, "work", feature, told.sha256)
    with transaction.atomic():
        WorkEvidence.objects.get_or_create(
            id=evidence,
            defaults={
                "feature": known, "name": fact.name, "version": version, "at": now, "by": actor, "link": link,
                "body": asdict(told), "sha256": told.sha256,
            },
        )  # fmt: skip
        changed(feature)
        outbox.publish("feature.evidence", {"feature": feature, "name": fact.name}, at=now)
    return str(evidence)
