"""Scorecards and definitions, in the version that counts for a feature."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.db.models import Max

from companyos.adoption.features.domain.template import Row, Scorecard, Tier, tier_of
from companyos.adoption.features.models import (
    Elsewhere,
    Feature,
    IntakeRecord,
    ScorecardTemplate,
    SoftDefinition,
)

_OPENS = (
    "entry_passed",
    "ready_for_external_ga",
    "external_ga",
    "",
)  # in the order in which a feature meets them


@dataclass(frozen=True, slots=True)
class DefinitionRow:
    """What a soft word means, in one version."""

    name: str
    version: int
    term: str
    means: str
    at: datetime
    by: str
    because: str


def newest_versions() -> dict[str, int]:
    found = ScorecardTemplate.objects.values("scorecard").annotate(newest=Max("version"))
    return {each["scorecard"]: each["newest"] for each in found}


class Templates:
    """Every stored scorecard, read and typed once."""

    def __init__(self) -> None:
        elsewhere = frozenset(Elsewhere.objects.values_list("what", flat=True))
        self._typed = {
            (row.scorecard, row.version): _as_lived(
                Scorecard.from_document(row.document, row.version), elsewhere
            )
            for row in ScorecardTemplate.objects.all()
        }
        self._newest = {slug: max(v for s, v in self._typed if s == slug) for slug, _ in self._typed}

    def of(self, kept: dict[str, int]) -> tuple[Scorecard, ...]:
        """Return the scorecards in the versions that a feature keeps; one it does not know in its newest."""
        versions = {**self._newest, **{slug: v for slug, v in kept.items() if (slug, v) in self._typed}}
        found = [self._typed[slug, version] for slug, version in sorted(versions.items())]
        return tuple(sorted(found, key=lambda card: _OPENS.index(card.opens)))

    def every_row(self) -> Iterator[Row]:
        for card in self._typed.values():
            for group in card.groups:
                yield from group.rows


def _as_lived(card: Scorecard, elsewhere: frozenset[str]) -> Scorecard:
    """A word for what lives in this instance does not count: it is measured here."""

    def lived(row: Row) -> Row:
        is_here = row.elsewhere and row.elsewhere not in elsewhere
        return replace(row, attest=False) if is_here else row

    groups = (replace(group, rows=tuple(map(lived, group.rows))) for group in card.groups)
    return replace(card, groups=tuple(groups))


def newest_scorecards() -> tuple[Scorecard, ...]:
    return Templates().of({})


def scorecards_of(feature: str) -> tuple[Scorecard, ...]:
    kept = IntakeRecord.objects.filter(pk=feature).values_list("templates", flat=True).first()
    return Templates().of(kept or {})


def tier_for(feature: str) -> Tier:
    """Return the tier of a feature: of its intake, where its size and risk are frozen."""
    frozen = IntakeRecord.objects.filter(pk=feature).values_list("size", "risk").first()
    found = frozen or Feature.objects.values_list("size", "risk").get(pk=feature)
    return tier_of(*found)


def size_of(feature: str) -> str:
    """Return how large a feature is: as it was taken in, or as decided since."""
    taken_in = IntakeRecord.objects.filter(pk=feature).values_list("size", flat=True).first()
    return str(taken_in or Feature.objects.values_list("size", flat=True).get(pk=feature))


def row_of(feature: str, slug: str) -> Row | None:
    return next((row for card in scorecards_of(feature) if (row := card.row(slug))), None)


def definitions() -> dict[str, DefinitionRow]:
    """Return the newest version of each definition by its name."""
    found: dict[str, DefinitionRow] = {}
    for row in SoftDefinition.objects.order_by("version"):
        found[row.name] = _definition(row)
    return dict(sorted(found.items(), key=lambda each: int(each[0][1:])))


def history_of(name: str) -> tuple[DefinitionRow, ...]:
    """Return the versions of a definition, newest first."""
    return tuple(_definition(row) for row in SoftDefinition.objects.filter(name=name).order_by("-version"))


def _definition(row: SoftDefinition) -> DefinitionRow:
    return DefinitionRow(row.name, row.version, row.term, row.means, row.at, row.by, row.because)
