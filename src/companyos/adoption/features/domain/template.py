"""A scorecard as its file says: groups of rows, each with where its evidence comes from and when it passes.

Templates are versioned documents; a feature keeps the version it was taken in with. `problems_of` says what a JSON
Schema cannot: names that lead nowhere, a unit that is not the evidence's, rows under one another in a circle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from companyos.adoption.features.domain.vocabulary import UNITS

_LARGEST_SHARE = 1.0


class Tier(StrEnum):
    """How much is asked of a feature (R185)."""

    LIGHT = "light"
    STANDARD = "standard"
    FULL = "full"


class Rule(StrEnum):
    """How a figure is judged (`measured.py`)."""

    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    STABILITY = "stability"
    SATISFACTION = "satisfaction"
    INCIDENTS = "incidents"
    TREND = "trend"
    TIME_TREND = "time_trend"


_ORDER = (Tier.LIGHT, Tier.STANDARD, Tier.FULL)
SHARES = frozenset({Rule.STABILITY, Rule.SATISFACTION})


@dataclass(frozen=True, slots=True)
class Row:
    """One criterion. `owner` is a team, or `squad`: whoever owns the feature."""

    slug: str
    title: str
    tier: Tier
    owner: str
    due_days: int
    flips: str
    requirements: tuple[str, ...] = ()
    evidence: str = ""
    parameters: tuple[tuple[str, Any], ...] = ()
    rule: Rule | None = None
    limit: float = 0.0
    unit: str = ""
    min_n: int = 0
    attest: bool = False
    independent: bool = False  # only somebody outside the owning squad may vouch
    valid_days: int = 0
    definition: str = ""
    link: str = ""
    serves: str = ""
    under: str = ""
    elsewhere: str = ""  # a word counts only where the company says that this lives outside the instance

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> Row:
        typed = {
            "tier": Tier(document["tier"]),
            "rule": Rule(document["rule"]) if document.get("rule") else None,
            "requirements": tuple(document.get("requirements", ())),
            "parameters": tuple(sorted(document.get("parameters", {}).items())),
            "limit": float(document.get("limit", 0)),
        }
        return cls(**{**document, **typed})


@dataclass(frozen=True, slots=True)
class Group:
    slug: str
    title: str
    rows: tuple[Row, ...]


@dataclass(frozen=True, slots=True)
class Scorecard:
    """`opens` is the state that the scorecard lets a feature into; empty: it is for reading."""

    slug: str
    title: str
    opens: str
    groups: tuple[Group, ...]
    version: int = 1
    sign_off: tuple[
        tuple[str, str], ...
    ] = ()  # role -> team whose lead signs; owner and lead_team are the feature's

    @classmethod
    def from_document(cls, document: Mapping[str, Any], version: int = 1) -> Scorecard:
        """Read a checked document. KeyError or ValueError when malformed."""
        groups = tuple(
            Group(each["slug"], each["title"], tuple(Row.from_document(row) for row in each["rows"]))
            for each in document["groups"]
        )
        signs = tuple(document.get("sign_off", {}).items())
        return cls(document["scorecard"], document["title"], document["opens"], groups, version, signs)

    def rows(self, tier: Tier) -> tuple[Row, ...]:
        """Return the rows that count for a tier, in order."""
        counts = _ORDER[: _ORDER.index(tier) + 1]
        return tuple(row for group in self.groups for row in group.rows if row.tier in counts)

    def row(self, slug: str) -> Row | None:
        return next((row for group in self.groups for row in group.rows if row.slug == slug), None)


def tier_of(size: str, risk: str) -> Tier:
    """Return how much is asked: little of what is minor and low, everything of what is major and high."""
    if (size, risk) == ("minor", "low"):
        return Tier.LIGHT
    return Tier.FULL if (size, risk) == ("major", "high") else Tier.STANDARD


def problems_of(document: Mapping[str, Any]) -> Iterator[tuple[tuple[int, int], str, str]]:
    """Yield (group and row, field, what is wrong) of a document that has the right shape."""
    places = {row["slug"]: row for group in document["groups"] for row in group["rows"]}
    for g, group in enumerate(document["groups"]):
        for r, row in enumerate(group["rows"]):
            for field, words in _of_row(row, places):
                yield (g, r), field, words


def _of_row(row: Mapping[str, Any], places: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    yield from _of_evidence(row)
    has_rows_below = any(each.get("under") == row["slug"] for each in places.values())
    if not (row.get("evidence") or row.get("attest") or has_rows_below):
        yield (
            "slug",
            f"nothing can make `{row['slug']}` pass; give it evidence, attest: true, or rows under it",
        )
    if row.get("attest") and not row.get("valid_days"):
        yield "attest", "a person's word runs out; say after how many days (valid_days)"
    if row.get("under"):
        yield from _of_parent(row, places)


def _of_evidence(row: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    name, unit, rule = row.get("evidence", ""), row.get("unit", ""), row.get("rule", "")
    if not name:
        return
    if name not in UNITS:
        yield "evidence", f"nothing measures `{name}`; known: {', '.join(sorted(UNITS))}"
        return
    if not rule:
        yield "evidence", f"say by which rule `{name}` is judged"
    if unit != UNITS[name]:
        yield (
            "unit",
            f"`{name}` comes in {UNITS[name]}, not in `{unit or 'nothing'}`; the limit would mean something else",
        )
    limit = row.get("limit", 0)
    if UNITS[name] == "share" and not 0 <= limit <= _LARGEST_SHARE:
        yield "limit", f"`{limit}` is no share; allowed: 0 to 1 (80 % is 0.8)"
    if rule in SHARES and not 0 < limit < _LARGEST_SHARE:
        yield "limit", f"`{limit}` cannot be proved by counting; allowed: above 0 and below 1"


def _of_parent(row: Mapping[str, Any], places: Mapping[str, Mapping[str, Any]]) -> Iterator[tuple[str, str]]:
    seen, at = [row["slug"]], row["under"]
    while at:
        if at not in places:
            yield "under", f"there is no row `{at}` here"
            return
        if at in seen:
            yield "under", f"`{row['slug']}` would be under itself: {' under '.join([*seen, at])}"
            return
        seen.append(at)
        at = places[at].get("under", "")
