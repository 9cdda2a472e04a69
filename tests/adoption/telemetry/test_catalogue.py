"""Coverage and the chain from events to north stars (R76, R177, P13, P14)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from companyos.adoption.telemetry.domain.catalogue import (
    Better,
    BothEnds,
    Catalogue,
    Criterion,
    EventSpec,
    Life,
    MetricSpec,
    NorthStar,
    Pii,
    coverage,
    orphans,
)
from companyos.surfaces.program.load import load_program

NOW = datetime(2026, 11, 9, 12, tzinfo=UTC)


def metric(slug: str, *, serves: str = "works", source: str = "", cadence: int = 7) -> MetricSpec:
    return MetricSpec(
        slug,
        slug.title(),
        "what",
        "formula",
        source,
        "query",
        28,
        cadence,
        "share",
        Better.UP,
        "sre",
        0.9,
        (serves,),
    )


def event(name: str, serves: str) -> EventSpec:
    return EventSpec(name, name, "squad", "why", Pii.NONE, (), (serves,))


R99 = {
    *("active-users", "active-teams", "task-completion", "time-to-value", "bounce", "abandonment"),
    *("incidents", "sla-attainment", "nps", "csat", "feedback-to-fix"),
}
WHOLE = Catalogue(
    (event("done", "completion"),),
    (metric("completion"), metric("csat", source="surveys.satisfaction")),
    (Criterion("works", "It works", "sre", "star"),),
    (NorthStar("star", "Star", "ana"),),
)


def judged(
    seen: dict[tuple[str, str], datetime], facts: dict[str, bool], ends: tuple[BothEnds, ...] = ()
) -> dict[str, list[Life]]:
    found = coverage(WHOLE, feature="x", tenants=("a", "b"), seen=seen, facts_live=facts, ends=ends, now=NOW)
    return {row.metric.slug: [cell.life for cell in row.cells] for row in found.rows}


@pytest.mark.parametrize(
    ("age", "life"),
    [
        (timedelta(0), Life.LIVE),
        (timedelta(days=7), Life.LIVE),
        (timedelta(days=7, seconds=1), Life.STALE),
        (None, Life.NEVER),
    ],
)
def test_an_event_is_live_within_its_metrics_own_cadence_R76(age: timedelta | None, life: Life) -> None:
    seen = {("done", "a"): NOW} | ({("done", "b"): NOW - age} if age is not None else {})
    assert judged(seen, {})["completion"] == [Life.LIVE, life]


@pytest.mark.parametrize(
    ("facts", "life"),
    [
        ({}, Life.NOT_CONNECTED),
        ({"surveys.satisfaction": False}, Life.NEVER),
        ({"surveys.satisfaction": True}, Life.LIVE),
    ],
)
def test_a_metric_of_another_domain_is_live_when_its_fact_has_a_value_R99(
    facts: dict[str, bool], life: Life
) -> None:
    assert judged({}, facts)["csat"] == [life, life]


def test_coverage_is_the_share_of_metrics_that_are_live_everywhere_P13() -> None:
    found = coverage(
        WHOLE,
        feature="x",
        tenants=("a", "b"),
        seen={("done", "a"): NOW, ("done", "b"): NOW},
        facts_live={},
        ends=(BothEnds("a", 94, 100), BothEnds("b", 95, 100), BothEnds("elsewhere", 0, 100)),
        now=NOW,
    )
    assert found.share == 0.5
    assert found.gaps == ("Csat: not connected", "a: 94 of 100 cases have both start and end")


def test_a_feature_that_is_on_nowhere_has_no_coverage() -> None:
    assert coverage(WHOLE, feature="x", tenants=(), seen={}, facts_live={}, ends=(), now=NOW).share is None


BREAKS = {
    "an event serves nothing": (
        replace(WHOLE, events=(*WHOLE.events, event("lost", "nothing"))),
        "lost serves no metric",
    ),
    "a metric without events": (replace(WHOLE, events=()), "completion no event or fact leads to it"),
    "a metric serves nothing": (
        replace(WHOLE, metrics=(*WHOLE.metrics, metric("vain", serves="none", source="x"))),
        "vain serves no criterion",
    ),
    "a criterion without metrics": (
        replace(WHOLE, criteria=(*WHOLE.criteria, Criterion("hope", "Hope", "ana", "star"))),
        "hope no metric leads to it",
    ),
    "a criterion under no star": (
        replace(WHOLE, criteria=(*WHOLE.criteria, Criterion("works", "Works", "ana", "moon"))),
        "works serves no north star",
    ),
    "a star alone": (
        replace(WHOLE, north_stars=(*WHOLE.north_stars, NorthStar("far", "Far", "ana"))),
        "far no criterion leads to it",
    ),
    "nobody answers for an event": (
        replace(WHOLE, events=(replace(WHOLE.events[0], owner=""),)),
        "done has no owner",
    ),
    "nobody answers for a metric": (
        replace(WHOLE, metrics=(replace(WHOLE.metrics[0], owner=""), WHOLE.metrics[1])),
        "completion has no owner",
    ),
    "nobody answers for a criterion": (
        replace(WHOLE, criteria=(replace(WHOLE.criteria[0], owner=""),)),
        "works has no owner",
    ),
    "nobody answers for a star": (
        replace(WHOLE, north_stars=(replace(WHOLE.north_stars[0], owner=""),)),
        "star has no owner",
    ),
}


@pytest.mark.parametrize("name", BREAKS)
def test_every_break_of_the_chain_is_told_in_both_directions_P14(name: str) -> None:
    catalogue, says = BREAKS[name]
    assert [f"{each.name} {each.says}" for each in orphans(catalogue)] == [says]


def test_the_shipped_chain_is_whole_R177() -> None:
    measures = load_program(Path(__file__).parents[3] / "program").measures
    documents = {kind: [document for _, document in rows] for kind, rows in measures.items()}
    catalogue = Catalogue(
        tuple(EventSpec.from_document(each) for each in documents["event"]),
        tuple(MetricSpec.from_document(each) for each in documents["metric"]),
        tuple(Criterion(**each) for each in documents["criterion"]),
        tuple(NorthStar(**each) for each in documents["north star"]),
    )
    assert orphans(catalogue) == ()
    assert {each.slug for each in catalogue.metrics} >= R99
