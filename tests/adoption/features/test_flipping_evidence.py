"""Flipping any one piece of the evidence to bad makes exactly the right rows fail, over all rows of all scorecards."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from companyos.adoption.features.domain.scorecards import GUARDED
from companyos.adoption.features.domain.template import Row, Rule, Scorecard, Tier
from companyos.adoption.features.domain.types import Attested, FeatureRow, FeatureState, Verdict
from companyos.adoption.features.queries.gathering import Inputs, judged
from companyos.kernel.evidence import Fact
from companyos.surfaces.program.load import load_program

NOW = datetime(2026, 12, 21, 9, tzinfo=UTC)
CARDS = tuple(
    Scorecard.from_document(each) for each in load_program(Path(__file__).parents[3] / "program").scorecards
)
FEATURE = FeatureRow(
    "unified-approvals", "Unified Approvals", "", "approvals", "people-ops", "approvals-squad", "approvals.unified",
    FeatureState.INTERNAL_GA, True, "major", "high", "", "1.0",
)  # fmt: skip
ROWS = tuple(row for card in CARDS if card.slug in GUARDED for row in card.rows(Tier.FULL))
BELOW = {row.under for row in ROWS if row.under}
HALVES = {"first": [[1, 30], [1, 30]], "last": [[0, 30], [0, 30]], "open_sev1": 0, "open_sev2": 0}


def good(row: Row) -> Fact:
    plain = Fact(
        row.evidence, 3.0 if row.unit in {"teams", "dashboards"} else row.limit, n=5000, unit=row.unit
    )
    return {
        Rule.STABILITY: replace(plain, value=1.0),
        Rule.SATISFACTION: replace(plain, value=0.95, n=100, details={"satisfied": 95, "asked": 110}),
        Rule.INCIDENTS: replace(plain, details=HALVES),
        Rule.TREND: replace(plain, value=0.02, low=0.0, high=0.04),
        Rule.TIME_TREND: replace(plain, value=-0.1, low=-0.2, high=0.0),
    }.get(row.rule or Rule.AT_LEAST, plain)


def bad(row: Row) -> Fact:
    fact = good(row)
    return {
        Rule.AT_LEAST: replace(fact, value=row.limit / 2),
        Rule.AT_MOST: replace(fact, value=row.limit + 1),
        Rule.STABILITY: replace(fact, value=0.9),
        Rule.SATISFACTION: replace(fact, value=0.3, details={"satisfied": 30, "asked": 110}),
        Rule.INCIDENTS: replace(fact, details={**HALVES, "open_sev1": 1}),
        Rule.TREND: replace(fact, value=-0.2, low=-0.25, high=-0.15),
        Rule.TIME_TREND: replace(fact, value=0.4, low=0.3, high=0.5),
    }[row.rule or Rule.AT_LEAST]


def word(row: Row) -> Attested:
    return Attested(
        row.slug, "zoe", "Zoe", NOW - timedelta(days=3), "/docs", "", "1.0", NOW + timedelta(days=30)
    )


FACTS = {row.slug: good(row) for row in ROWS if row.evidence}
WORDS = {row.slug: word(row) for row in ROWS if row.attest and not row.evidence}


def verdicts(facts: dict[str, Fact], words: dict[str, Attested]) -> dict[str, Verdict]:
    cards = tuple(card for card in CARDS if card.slug in GUARDED)
    inputs = Inputs(FEATURE, Tier.FULL, cards, words, {}, NOW - timedelta(days=60))
    return {slug: row.verdict for slug, row in judged(inputs, facts, NOW).rows.items()}


def and_above(row: Row) -> set[str]:
    """The row itself, and every row it is under."""
    by_slug = {each.slug: each for each in ROWS}
    found = {row.slug}
    while row.under:
        row = by_slug[row.under]
        found.add(row.slug)
    return found


def test_with_all_evidence_good_every_row_passes() -> None:
    assert set(verdicts(FACTS, WORDS).values()) == {Verdict.PASSED}
    assert len(ROWS) == 45


@pytest.mark.parametrize("row", [row for row in ROWS if row.evidence], ids=lambda row: row.slug)
def test_a_bad_figure_fails_its_rows_and_no_other(row: Row) -> None:
    found = verdicts({**FACTS, row.slug: bad(row)}, WORDS)
    assert {slug for slug, verdict in found.items() if verdict is Verdict.FAILED} == and_above(row)
    assert all(found[slug] is Verdict.PASSED for slug in found.keys() - and_above(row))


@pytest.mark.parametrize("row", [row for row in ROWS if row.evidence], ids=lambda row: row.slug)
def test_a_figure_that_is_gone_or_no_number_passes_nowhere(row: Row) -> None:
    without = {slug: fact for slug, fact in FACTS.items() if slug != row.slug}
    broken = {**FACTS, row.slug: Fact(row.evidence, problem="not a number", details={"unmeasured": True})}
    for facts in (without, broken):
        found = verdicts(facts, WORDS)
        assert {slug for slug, verdict in found.items() if verdict is not Verdict.PASSED} == and_above(row)


@pytest.mark.parametrize("row", [row for row in ROWS if row.slug in WORDS], ids=lambda row: row.slug)
def test_a_word_of_another_version_or_past_its_day_is_stale_alone(row: Row) -> None:
    for old in (replace(word(row), version="0.9"), replace(word(row), expires_at=NOW)):
        found = verdicts(FACTS, {**WORDS, row.slug: old})
        assert {slug for slug, verdict in found.items() if verdict is Verdict.STALE} == and_above(row)


def test_one_evidence_shared_by_rows_fails_all_of_them_and_several_flips_add_up() -> None:
    seed = 20_261_125
    rng = random.Random(seed)
    measured = [row for row in ROWS if row.evidence]
    for _ in range(50):
        flipped = rng.sample(measured, rng.randint(1, 6))
        names = {row.evidence for row in flipped}
        hit = [row for row in measured if row.evidence in names]
        found = verdicts({**FACTS, **{row.slug: bad(row) for row in hit}}, WORDS)
        expected = set().union(*(and_above(row) for row in hit))
        failed = {slug for slug, verdict in found.items() if verdict is Verdict.FAILED}
        assert failed == expected, f"seed {seed}"
