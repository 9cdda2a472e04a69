"""A feature's scorecards as judged: what is met, what is in the way, and the shape in which they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from companyos.adoption.features.domain.template import Scorecard, Tier
from companyos.adoption.features.domain.types import Judged, Verdict, Way
from companyos.kernel.evidence import Fact

GUARDED = ("internal-ga-entry", "internal-ga-exit", "external-ga")


@dataclass(frozen=True, slots=True)
class Card:
    """One scorecard as judged, with the version of its template."""

    slug: str
    version: int
    rows: tuple[Judged, ...]

    @property
    def met(self) -> int:
        return sum(row.is_met for row in self.rows)

    @property
    def is_met(self) -> bool:
        """Whether every row passes or is passed over; a scorecard without rows asks for nothing and says so."""
        return self.met == len(self.rows)

    @property
    def open_rows(self) -> tuple[Judged, ...]:
        return tuple(row for row in self.rows if not row.is_met)


@dataclass(frozen=True, slots=True)
class Readiness:
    """Everything about one feature at one moment. `facts` has the evidence by row."""

    feature: str
    version: str
    tier: Tier
    at: datetime
    cards: tuple[Card, ...]
    facts: Mapping[str, Fact]

    def card(self, slug: str) -> Card | None:
        return next((card for card in self.cards if card.slug == slug), None)

    @property
    def rows(self) -> dict[str, Judged]:
        return {row.row: row for card in self.cards for row in card.rows}

    def to_document(self) -> dict[str, Any]:
        """Return it as plain JSON values; `readiness_from` undoes it."""
        return {
            "feature": self.feature,
            "version": self.version,
            "tier": str(self.tier),
            "at": self.at.isoformat(),
            "cards": [
                {"slug": card.slug, "version": card.version, "rows": [_plain(row) for row in card.rows]}
                for card in self.cards
            ],
            "facts": {row: _shallow(fact) for row, fact in self.facts.items()},
        }


def readiness_from(document: Mapping[str, Any]) -> Readiness:
    return Readiness(
        document["feature"],
        document["version"],
        Tier(document["tier"]),
        datetime.fromisoformat(document["at"]),
        tuple(
            Card(each["slug"], each["version"], tuple(_row(row) for row in each["rows"]))
            for each in document["cards"]
        ),
        {row: Fact(**fact) for row, fact in document["facts"].items()},
    )


def share_met(cards: tuple[Card, ...]) -> Fact:
    """Return the share of the guarded checklists' rows that are met: the maturity of a feature (R4)."""
    counted = [card for card in cards if card.slug in GUARDED]
    n, met = sum(len(card.rows) for card in counted), sum(card.met for card in counted)
    if not n:
        return Fact(
            "features.checklist_share", n=0, unit="share", problem="no checklist counts for this feature"
        )
    return Fact("features.checklist_share", met / n, n=n, unit="share", window="now", source="scorecards")


def in_short(card: Card, template: Scorecard | None = None, most: int = 3) -> str:
    """Say how a scorecard stands, with the first rows that are in the way."""
    titles = {row.slug: row.title for group in template.groups for row in group.rows} if template else {}
    names = [titles.get(row.row, row.row.replace("-", " ")) for row in card.open_rows]
    more = f" and {len(names) - most} more" if len(names) > most else ""
    left = f"; not yet: {', '.join(names[:most])}{more}" if names else ""
    return f"{card.met} of {len(card.rows)} rows met{left}"


def _shallow(each: Fact | Judged) -> dict[str, Any]:
    """Fields by name; what is inside is shared, not copied: a hundred features are written at once."""
    return {field.name: getattr(each, field.name) for field in fields(each)}


def _plain(row: Judged) -> dict[str, Any]:
    plain = _shallow(row)
    for name in ("due_at", "expires_at"):
        plain[name] = plain[name].isoformat() if plain[name] else None
    return plain


def _row(plain: Mapping[str, Any]) -> Judged:
    moments = {
        name: datetime.fromisoformat(plain[name]) if plain[name] else None
        for name in ("due_at", "expires_at")
    }
    return Judged(**{**plain, **moments, "verdict": Verdict(plain["verdict"]), "way": Way(plain["way"])})
