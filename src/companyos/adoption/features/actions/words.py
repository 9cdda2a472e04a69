"""A named person vouches for a row."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from companyos.adoption.features.actions.directory import changed, existing
from companyos.adoption.features.actions.refusals import NoSuch, NotYours, Refused
from companyos.adoption.features.domain.template import Row
from companyos.adoption.features.domain.vouching import Offered, why_not
from companyos.adoption.features.models import Attestation, Feature
from companyos.adoption.features.queries.people import people_of, stewards
from companyos.adoption.features.queries.templates import row_of
from companyos.kernel.ids import id_of
from companyos.platform import outbox

_ROWS_AT_ONCE = 20


def attest(
    *,
    actor: str,
    feature: str,
    row: str,
    version: str,
    link: str,
    note: str,
    now: datetime,
    author: str = "",
    expires_at: datetime | None = None,
) -> str:
    """Keep a person's word for a row and return its id. Raises Refused with why not: nothing changes then."""
    known = existing(feature)
    found = row_of(feature, row)
    if found is None:
        raise NoSuch(f"No scorecard of {feature} has the row {row!r}.")
    _need_the_right(actor, known, found)
    offered = Offered(
        found, actor, author, version, known.version, link, note, people_of(known.owner_id), now, expires_at
    )
    if objection := why_not(offered):
        raise Refused(objection)
    word = id_of(now, "word", feature, row, actor, version)
    with transaction.atomic():
        Attestation.objects.get_or_create(
            id=word,
            defaults={
                "feature": known, "row": row, "version": version, "at": now, "by": actor, "author": author,
                "link": link.strip(), "note": note.strip(), "expires_at": offered.runs_out,
            },
        )  # fmt: skip
        changed(feature)
        outbox.publish("feature.attested", {"feature": feature, "row": row}, at=now)
    return str(word)


def _need_the_right(actor: str, feature: Feature, row: Row) -> None:
    """The row's owner answers for it; so do the squad and the team that leads the area."""
    team = feature.owner_id if row.owner in {"squad", "owner"} else row.owner
    if actor not in people_of(team) | stewards(feature.owner_id, feature.lead_team):
        raise NotYours(
            f"{row.title}: {team.replace('-', ' ')} vouches for this row, or the feature's own teams."
        )
