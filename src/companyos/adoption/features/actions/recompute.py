"""Judge scorecards anew and keep what they say; a row that went back after internal GA is told at once (R178)."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import transaction

from companyos.adoption.features.domain.scorecards import Readiness
from companyos.adoption.features.domain.states import PROVEN
from companyos.adoption.features.domain.types import Verdict
from companyos.adoption.features.models import ReadinessChange, ReadinessNow
from companyos.adoption.features.queries.gathering import Inputs, inputs_of, judged, measured
from companyos.adoption.features.queries.readiness import is_fresh, readiness_of
from companyos.platform import outbox

FRESH_FOR = timedelta(hours=4)
FIGURES_EVERY = timedelta(days=1)
SCORES = "scores"


def recompute(features: Iterable[str] | None, *, now: datetime) -> dict[str, Readiness]:
    """Judge these features (None: all) and keep what changed. Facts are asked for outside the transaction."""
    several = inputs_of(features, now)
    facts = measured(several, now)
    found = {each.feature.slug: judged(each, facts[each.feature.slug], now) for each in several}
    keep(several, found, now=now)
    return found


def look_at(feature: str, *, now: datetime, not_older_than: timedelta = timedelta()) -> Readiness:
    """Return a feature's scorecards as of now; as last judged where that is fresh enough and nothing has changed."""
    if not_older_than and is_fresh(feature, now - not_older_than):
        known = readiness_of(feature)
        if known is not None:
            return known
    return recompute([feature], now=now)[feature]


def keep(several: Iterable[Inputs], found: dict[str, Readiness], *, now: datetime) -> None:
    """Write what was judged, the rows that changed, and a message for each that went back."""
    before = {
        slug: {row["row"]: row["verdict"] for card in document["cards"] for row in card["rows"]}
        for slug, document in ReadinessNow.objects.filter(feature__in=list(found)).values_list(
            "feature_id", "document"
        )
    }
    lately = _told_lately(found, now)
    changes = [
        change
        for inputs in several
        for change in _changes(
            inputs, before.get(inputs.feature.slug, {}), found[inputs.feature.slug], lately
        )
    ]
    with transaction.atomic():
        ReadinessNow.objects.bulk_create(
            [ReadinessNow(feature_id=slug, at=now, document=each.to_document()) for slug, each in found.items()],
            update_conflicts=True, unique_fields=["feature"], update_fields=["at", "document", "is_out_of_date"],
        )  # fmt: skip
        ReadinessChange.objects.bulk_create(changes)
        for change in changes:
            if change.regressed:
                told = {"feature": change.feature_id, "row": change.row, "because": change.because}
                outbox.publish("feature.regressed", told, at=now)


def _told_lately(features: Iterable[str], now: datetime) -> set[tuple[str, str]]:
    """The rows of which something was kept within a day: the figures of scores are kept once a day, for their trend."""
    rows = ReadinessChange.objects.filter(feature__in=list(features), at__gt=now - FIGURES_EVERY)
    return set(rows.values_list("feature", "row"))


def _changes(
    inputs: Inputs, before: dict[str, str], now: Readiness, told: set[tuple[str, str]]
) -> list[ReadinessChange]:
    """The rows whose verdict changed, and once a day those of the scores that have a figure."""
    scores = {row.row for card in now.cards if card.slug == SCORES for row in card.rows}
    found = []
    for slug, row in now.rows.items():
        known, fact = before.get(slug), now.facts.get(slug)
        has_news = slug in scores and fact is not None and fact.value is not None
        if known == row.verdict and not (has_news and (now.feature, slug) not in told):
            continue
        went_back = known == Verdict.PASSED and not row.is_met
        found.append(
            ReadinessChange(
                feature_id=inputs.feature.slug,
                row=slug,
                at=now.at,
                before=known or "",
                after=row.verdict,
                because=row.because,
                value=fact.value if fact else None,
                regressed=went_back and inputs.feature.state in PROVEN,
            )
        )
    return found
