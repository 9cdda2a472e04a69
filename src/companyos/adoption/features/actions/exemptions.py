"""Passing over a row, or the way to external GA, for a while: one person asks, another grants, everybody sees it."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction

from companyos.adoption.features.actions.by_request import answer, open_request
from companyos.adoption.features.actions.directory import existing
from companyos.adoption.features.actions.refusals import NoSuch, NotYours, Refused
from companyos.adoption.features.domain.requests import about_exemption
from companyos.adoption.features.models import FeatureExemption
from companyos.adoption.features.queries.people import people_of, stewards
from companyos.adoption.features.queries.templates import row_of
from companyos.kernel.ids import id_of
from companyos.people.identity import queries as identity
from companyos.platform import outbox
from companyos.work.approvals import queries as requests

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
        made = FeatureExemption.objects.create(
            id=exemption,
            feature=row,
            what=what,
            because=because.strip(),
            asked_by=actor,
            asked_at=now,
            until=until,
        )
        open_request(
            actor=actor,
            type_slug="exemption",
            about=about_exemption(str(made.pk)),
            link=f"/features/{feature}",
            home=actor,
            title=f"Pass over {what.replace('-', ' ')} of {row.title}",
            fields={
                "because": because.strip(),
                "until": until.date().isoformat(),
            },
            may=who_may_grant(row.owner_id),
            now=now,
        )
        outbox.publish("feature.exemption_asked", {"feature": feature, "what": what}, at=now)
    return str(exemption)


def grant_exemption(*, actor: str, exemption: str, now: datetime) -> None:
    """Grant what another person asked for: a yes to its request, at whose event the exemption begins to hold.

    Whoever leads a team outside the owning squad may.
    """
    asked = (
        FeatureExemption.objects.filter(pk=exemption, granted_by="", until__gt=now)
        .select_related("feature")
        .first()
    )
    if asked is None:
        raise NoSuch("There is no such exemption waiting to be granted.")
    if actor == asked.asked_by:
        raise NotYours("Somebody else has to grant what you asked for.")
    if actor not in who_may_grant(asked.feature.owner_id):
        raise NotYours("Whoever leads a team outside the owning squad grants an exemption.")
    request = requests.request_about(about_exemption(exemption))
    if request is None or not request.is_open:
        raise NoSuch("There is no such exemption waiting to be granted.")
    answer(actor=actor, request=request.id, go=True, note="", now=now)


def who_may_grant(owner: str) -> set[str]:
    """Return whoever leads a team outside the squad that owns a feature."""
    return {team.lead for team in identity.teams() if team.lead} - people_of(owner)
