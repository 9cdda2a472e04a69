"""What is measured and why: events serve metrics, metrics serve criteria, criteria serve a north star.

The catalogue is written in `program/`. Here it is judged: does every link have an owner, is anything left without a
purpose (P14), and does what was promised really arrive (P13)?
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

BOTH_ENDS_NEEDED = 0.95  # P13


class Pii(StrEnum):
    """What an event says about people."""

    NONE = "none"
    PSEUDONYM = "pseudonym"  # an actor id, keyed by tenant
    PERSONAL = "personal"


class Better(StrEnum):
    UP = "up"
    DOWN = "down"


@dataclass(frozen=True, slots=True)
class Property:
    name: str
    means: str


@dataclass(frozen=True, slots=True)
class EventSpec:
    """An event that somebody promised to send. `serves` names metrics."""

    name: str
    title: str
    owner: str
    purpose: str
    pii: Pii
    properties: tuple[Property, ...]
    serves: tuple[str, ...]

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> EventSpec:
        return cls(
            document["name"],
            document["title"],
            document["owner"],
            document["purpose"],
            Pii(document["pii"]),
            tuple(Property(**each) for each in document.get("properties", ())),
            tuple(document["serves"]),
        )


@dataclass(frozen=True, slots=True)
class MetricSpec:
    """A metric as people read it. `source` is a query's name, or the name of a fact that another domain offers."""

    slug: str
    title: str
    what: str
    formula: str
    source: str
    query: str
    window_days: int
    cadence_days: int
    unit: str
    better: Better
    owner: str
    target: float | None
    serves: tuple[str, ...]
    opinion: bool = False
    parameters: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_document(cls, document: Mapping[str, Any]) -> MetricSpec:
        return cls(
            document["slug"],
            document["title"],
            document["what"],
            document["formula"],
            document.get("evidence", ""),
            document.get("query", ""),
            document["window_days"],
            document["cadence_days"],
            document["unit"],
            Better(document["better"]),
            document["owner"],
            document.get("target"),
            tuple(document["serves"]),
            document.get("opinion", False),
            document.get("parameters", {}),
        )


@dataclass(frozen=True, slots=True)
class Criterion:
    """A success criterion of a feature; an empty feature means every feature."""

    slug: str
    title: str
    owner: str
    north_star: str
    feature: str = ""


@dataclass(frozen=True, slots=True)
class NorthStar:
    slug: str
    title: str
    owner: str


@dataclass(frozen=True, slots=True)
class CaseEnds:
    """Which events begin and end a case, and after how many days one without an end is a gap."""

    starts: str
    ends: str
    settled_after_days: int


@dataclass(frozen=True, slots=True)
class Catalogue:
    events: tuple[EventSpec, ...] = ()
    metrics: tuple[MetricSpec, ...] = ()
    criteria: tuple[Criterion, ...] = ()
    north_stars: tuple[NorthStar, ...] = ()
    cases: CaseEnds = CaseEnds("case_started", "case_closed", 30)

    def metric(self, slug: str) -> MetricSpec | None:
        return next((each for each in self.metrics if each.slug == slug), None)

    def events_for(self, metric: str) -> tuple[EventSpec, ...]:
        return tuple(each for each in self.events if metric in each.serves)

    def criteria_of(self, feature: str) -> tuple[Criterion, ...]:
        return tuple(each for each in self.criteria if each.feature in {"", feature})

    def success_metrics(self, feature: str) -> tuple[MetricSpec, ...]:
        """Return the metrics that a success criterion of the feature rests on."""
        wanted = {each.slug for each in self.criteria_of(feature)}
        return tuple(each for each in self.metrics if wanted & set(each.serves))


@dataclass(frozen=True, slots=True)
class Orphan:
    """Something in the chain that leads nowhere, or that nobody answers for."""

    kind: str
    name: str
    says: str


def orphans(catalogue: Catalogue) -> tuple[Orphan, ...]:
    """Return every break of the chain event, metric, criterion, north star, in both directions (P14)."""
    return tuple(_orphans(catalogue))


def _orphans(c: Catalogue) -> Iterator[Orphan]:
    metrics, criteria = {m.slug for m in c.metrics}, {s.slug for s in c.criteria}
    stars = {star.slug for star in c.north_stars}
    yield from _unowned("event", ((e.name, e.owner) for e in c.events))
    yield from _unowned("metric", ((m.slug, m.owner) for m in c.metrics))
    yield from _unowned("criterion", ((s.slug, s.owner) for s in c.criteria))
    yield from _unowned("north star", ((n.slug, n.owner) for n in c.north_stars))
    yield from _upward("event", "metric", ((e.name, e.serves) for e in c.events), metrics)
    yield from _upward("metric", "criterion", ((m.slug, m.serves) for m in c.metrics), criteria)
    yield from _upward("criterion", "north star", ((s.slug, (s.north_star,)) for s in c.criteria), stars)
    fed = {name for e in c.events for name in e.serves} | {m.slug for m in c.metrics if m.source}
    yield from _downward("metric", "event or fact", metrics, fed)
    yield from _downward("criterion", "metric", criteria, {name for m in c.metrics for name in m.serves})
    yield from _downward("north star", "criterion", stars, {s.north_star for s in c.criteria})


def _unowned(kind: str, named: Iterable[tuple[str, str]]) -> Iterator[Orphan]:
    return (Orphan(kind, name, "has no owner") for name, owner in named if not owner)


def _upward(
    kind: str, above: str, named: Iterable[tuple[str, Iterable[str]]], known: set[str]
) -> Iterator[Orphan]:
    for name, serves in named:
        if not known & set(serves):
            yield Orphan(kind, name, f"serves no {above}")


def _downward(kind: str, below: str, named: set[str], fed: set[str]) -> Iterator[Orphan]:
    return (Orphan(kind, name, f"no {below} leads to it") for name in sorted(named - fed))


class Life(StrEnum):
    LIVE = "live"
    STALE = "stale"  # last seen longer ago than the metric's cadence
    NEVER = "never"
    NOT_CONNECTED = "not_connected"


@dataclass(frozen=True, slots=True)
class CoverageCell:
    """One metric in one tenant; `last` is when one of its events was last seen there."""

    tenant: str
    life: Life
    last: datetime | None = None
    event: str = ""


@dataclass(frozen=True, slots=True)
class CoverageRow:
    metric: MetricSpec
    cells: tuple[CoverageCell, ...]

    @property
    def is_covered(self) -> bool:
        return bool(self.cells) and all(cell.life is Life.LIVE for cell in self.cells)


@dataclass(frozen=True, slots=True)
class BothEnds:
    """Of a tenant's cases that should be over, how many had a start and an end."""

    tenant: str
    both: int
    cases: int

    @property
    def share(self) -> float | None:
        return self.both / self.cases if self.cases else None

    @property
    def is_enough(self) -> bool:
        """A tenant without a finished case says nothing against its events."""
        return self.share is None or self.share >= BOTH_ENDS_NEEDED


@dataclass(frozen=True, slots=True)
class Coverage:
    """What arrives of what the success metrics need (P13)."""

    rows: tuple[CoverageRow, ...]
    ends: tuple[BothEnds, ...]
    orphans: tuple[Orphan, ...]

    @property
    def covered(self) -> int:
        return sum(row.is_covered for row in self.rows)

    @property
    def share(self) -> float | None:
        """Return the share of success metrics that are live in every tenant; None where the feature is on nowhere."""
        if not self.rows or not any(row.cells for row in self.rows):
            return None
        return self.covered / len(self.rows)

    @property
    def gaps(self) -> tuple[str, ...]:
        missing = [f"{row.metric.title}: {_missing(row)}" for row in self.rows if not row.is_covered]
        ends = [
            f"{each.tenant}: {each.both} of {each.cases} cases have both start and end"
            for each in self.ends
            if not each.is_enough
        ]
        return (*missing, *ends, *(f"{o.kind} {o.name} {o.says}" for o in self.orphans))


def coverage(
    catalogue: Catalogue,
    *,
    feature: str,
    tenants: Iterable[str],
    seen: Mapping[tuple[str, str], datetime],
    facts_live: Mapping[str, bool],
    ends: Iterable[BothEnds],
    now: datetime,
) -> Coverage:
    """Judge the coverage of a feature where it is on. `seen`: the last time of each (event, tenant)."""
    where = tuple(sorted(tenants))
    rows = tuple(
        CoverageRow(
            metric, tuple(_cell(catalogue, metric, tenant, seen, facts_live, now) for tenant in where)
        )
        for metric in catalogue.success_metrics(feature)
    )
    return Coverage(rows, tuple(each for each in ends if each.tenant in where), orphans(catalogue))


def _cell(
    catalogue: Catalogue,
    metric: MetricSpec,
    tenant: str,
    seen: Mapping[tuple[str, str], datetime],
    facts_live: Mapping[str, bool],
    now: datetime,
) -> CoverageCell:
    if metric.source:
        return CoverageCell(tenant, _life_of_fact(facts_live.get(metric.source)))
    found = [
        (seen[e.name, tenant], e.name) for e in catalogue.events_for(metric.slug) if (e.name, tenant) in seen
    ]
    if not found:
        return CoverageCell(tenant, Life.NEVER)
    last, event = max(found)
    fresh = now - last <= timedelta(days=metric.cadence_days)
    return CoverageCell(tenant, Life.LIVE if fresh else Life.STALE, last, event)


def _life_of_fact(has_value: bool | None) -> Life:
    if has_value is None:
        return Life.NOT_CONNECTED
    return Life.LIVE if has_value else Life.NEVER


def _missing(row: CoverageRow) -> str:
    if not row.cells:
        return "the feature is on nowhere"
    if all(cell.life is Life.NOT_CONNECTED for cell in row.cells):
        return "not connected"
    bad = [f"{cell.life.value} in {cell.tenant}" for cell in row.cells if cell.life is not Life.LIVE]
    return ", ".join(bad).replace("_", " ")
