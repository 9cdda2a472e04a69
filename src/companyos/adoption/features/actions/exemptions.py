"""Passing over a row, or the way to external GA, for a while: one person asks, another grants, everybody sees it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from companyos.adoption.features.actions.directory import changed, existing
from companyos.adoption.features.actions.refusals import NoSuch, NotYours, Refused
from companyos.adoption.features.models import FeatureExemption
from companyos.adoption.features.queries.people import people_of, stewards
from companyos.adoption.features.queries.templates import row_of
from companyos.kernel.ids import id_of
from companyos.people.identity import queries as identity
from companyos.platform import outbox

LONGEST = timedelta(days=30)
EXTERNAL_GA = "external-ga"


def ask_exemption(
    *, actor: str, feature: str, what: str, because: str, until: datetime, now: datetime
) -> str:
    """Ask that a row, or `external-ga` as a whole, is passed over until a moment; returns the exemption's id."""
    row = existing(feature)
    if actor not in stewards(row.owner_id, row.lead_team):
        raise NotYours(
            "The squad that owns the feature, or the team that leads its adoption, asks for an exemption."
        )
    if what != EXTERNAL_GA and row_of(feature, what) is None:
        raise NoSuch(f"No scorecard of {feature} has the row {what!r}.")
    if len(because.strip()) < 3:
        raise Refused("Say why: a reason is kept with every exemption.")
    if not now < until <= now + LONGEST:
        raise Refused(f"An exemption ends after now and within {LONGEST.days} days.")
    exemption = id_of(now, "exemption", feature, what, actor)
    with transaction.atomic():
        FeatureExemption.objects.create(
            id=exemption,
            feature=row,
            what=what,
            because=because.strip(),
            asked_by=actor,
            asked_at=now,
            until=until,
        )
        outbox.publish("feature.exemption_asked", {"feature": feature, "what": what}, at=now)
    return str(exemption)


def grant_exemption(*, actor: str, exemption: str, now: datetime) -> None:
    """Grant what another person asked for. Whoever leads a team outside the owning squad may."""
    asked = (
        FeatureExemption.objects.filter(pk=exemption, granted_by="", until__gt=now)
        .select_related("feature")
        .first()
    )
    if asked is None:
        raise NoSuch("There is no such exemption waiting to be granted.")
    if actor == asked.asked_by:
        raise NotYours("Somebody else has to grant what you asked for.")
    if not identity.may_manage_keys(actor) or actor in people_of(asked.feature.owner_id):
        raise NotYours("Whoever leads a team outside the owning squad grants an exemption.")
    with transaction.atomic():
        waiting = FeatureExemption.objects.filter(pk=exemption, granted_by="")
        if not waiting.update(granted_by=actor, granted_at=now):
            raise Refused("Somebody granted it at the same moment.")
        changed(asked.feature_id)
        outbox.publish("feature.exemption_granted", {"feature": asked.feature_id, "what": asked.what}, at=now)
