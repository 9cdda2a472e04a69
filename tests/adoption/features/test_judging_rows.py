"""What a row says: a figure outranks a word, a word outranks silence, and nothing old passes (R72-R78, R151-R156)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as some

from companyos.adoption.features.domain.judge import Situation, judge, judge_all
from companyos.adoption.features.domain.measured import judge_figure
from companyos.adoption.features.domain.template import Row, Rule, Tier
from companyos.adoption.features.domain.types import Attested, Judged, Verdict, Way
from companyos.kernel.evidence import Fact

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
LATER, EARLIER = NOW + timedelta(days=30), NOW - timedelta(days=30)
ROW = Row("load", "Load", Tier.FULL, "sre", 14, "a test", (), "features.load_test", (), Rule.AT_LEAST, 1.0, "share",
          attest=True, valid_days=90)  # fmt: skip
MET = Fact("features.load_test", 1.0, n=4, unit="share", details={"version": "2"})
MISSED = replace(MET, value=0.5)
OLD = replace(MET, details={"expires_at": EARLIER.isoformat()})
BROKEN = Fact("x", problem="not a number", details={"unmeasured": True})
ABSENT = Fact("features.load_test", problem="nothing was sent", details={"absent": True})
WORD = Attested("load", "ana", "Ana Ruiz", EARLIER, "/docs", "", "2", LATER)


def said(fact: Fact | None, word: Attested | None, *, row: Row = ROW, due: datetime = LATER) -> Judged:
    return judge(Situation(row, fact, word, "2", NOW, due))


@pytest.mark.parametrize(
    ("fact", "word", "verdict", "way", "words"),
    [
        (MET, None, "passed", "measured", "100.0%, n = 4; needs at least 100.0%"),
        (MISSED, WORD, "failed", "measured", "50.0%"),  # a word does not outrank a figure
        (None, WORD, "passed", "attested", "Ana Ruiz vouches for version 2 (03 Oct 2026, until 02 Dec 2026)"),
        (ABSENT, WORD, "passed", "attested", "Ana Ruiz"),
        (ABSENT, None, "no_data", "nothing", "nobody has vouched"),
        (None, None, "no_data", "nothing", "nothing has been measured yet"),
        (None, replace(WORD, version="1"), "stale", "attested", "is for version 1, the feature is at 2"),
        (None, replace(WORD, expires_at=NOW), "stale", "attested", "ran out on 02 Nov 2026"),
        (replace(MET, details={"version": "1"}), None, "stale", "measured", "measured for version 1"),
        (OLD, None, "stale", "measured", "held until 03 Oct 2026"),
        (replace(MET, unit="ms"), None, "inconclusive", "measured", "measured in ms, the row is about share"),
        (BROKEN, WORD, "inconclusive", "measured", "not a number"),
        (Fact("x", n=7, problem="7 people; needs 8"), None, "pending", "measured", "7 people; needs 8"),
    ],
)  # fmt: skip
def test_one_row(fact: Fact | None, word: Attested | None, verdict: str, way: str, words: str) -> None:
    found = said(fact, word)
    assert (found.verdict, found.way) == (verdict, way)
    assert words in found.because
    assert bool(found.flips) == (verdict != "passed")
    assert found.measured_later == ("features.load_test" if way == "attested" else "")


def test_what_is_pending_becomes_inconclusive_when_the_row_is_due() -> None:
    few = Fact("x", n=7, problem="7 people; needs 8")
    assert said(few, None, due=EARLIER).verdict is Verdict.INCONCLUSIVE
    wide = replace(MET, low=0.4, high=1.0)
    assert (said(wide, None).verdict, said(wide, None, due=EARLIER).verdict) == ("pending", "inconclusive")
    waits = replace(wide, details={"waits": True})
    assert said(waits, None, due=EARLIER).verdict is Verdict.PENDING


def answers(happy: int, n: int, asked: int) -> Fact:
    return Fact("f", happy / n, n=n, unit="share", details={"satisfied": happy, "asked": asked})


SPRINTS = {"sprints": [], "latest_high": 0.999}
FIGURES = [
    (Rule.STABILITY, 0.995, "share", Fact("f", 0.9985, n=2000, unit="share"), "passed"),
    (Rule.STABILITY, 0.995, "share", Fact("f", 0.997, n=1120, unit="share"), "pending"),
    (Rule.STABILITY, 0.995, "share", Fact("f", 0.97, n=2000, unit="share"), "failed"),
    (Rule.STABILITY, 0.995, "share", Fact("f", 0.999, 0.996, 1.0, 900, "share", details=SPRINTS), "passed"),
    (Rule.STABILITY, 0.995, "share", Fact("f", 0.999, 0.99, 1.0, 900, "share", details=SPRINTS), "pending"),
    (Rule.STABILITY, 0.995, "share", Fact("f", 0.98, 0.97, 0.99, 900, "share",
                                          details={"sprints": [], "latest_high": 0.99}), "failed"),
    (Rule.SATISFACTION, 0.8, "share", answers(17, 20, 31), "passed"),
    (Rule.SATISFACTION, 0.8, "share", answers(13, 20, 31), "failed"),
    (Rule.SATISFACTION, 0.8, "share", answers(9, 10, 60), "pending"),
    (Rule.TREND, 0.05, "points", Fact("f", 0.03, 0.0, 0.06, 15, "points"), "passed"),
    (Rule.TREND, 0.05, "points", Fact("f", -0.08, -0.1, -0.06, 15, "points"), "failed"),
    (Rule.TIME_TREND, 0.1, "log", Fact("f", -0.1, -0.2, -0.02, 15, "log"), "passed"),
    (Rule.TIME_TREND, 0.1, "log", Fact("f", 0.3, 0.2, 0.4, 15, "log"), "failed"),
    (Rule.INCIDENTS, 0, "bugs", Fact("f", 3, n=80, unit="bugs", details={
        "first": [[2, 20], [1, 20]], "last": [[0, 20], [0, 20]], "open_sev1": 0, "open_sev2": 0}), "passed"),
    (Rule.INCIDENTS, 0, "bugs", Fact("f", 3, n=80, unit="bugs", details={
        "first": [[2, 20], [1, 20]], "last": [[0, 20], [0, 20]], "open_sev1": 1, "open_sev2": 0}), "failed"),
    (Rule.AT_MOST, 0, "bugs", Fact("f", 1, n=1, unit="bugs"), "failed"),
    (Rule.AT_MOST, 0.1, "share", Fact("f", 0.05, 0.01, 0.15, 40, "share"), "pending"),
    (Rule.INCIDENTS, 0, "bugs", Fact("f", 3, n=80, unit="bugs"), "inconclusive"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "limit", "unit", "fact", "verdict"), FIGURES)
def test_figures_by_their_rules(rule: Rule, limit: float, unit: str, fact: Fact, verdict: str) -> None:
    found, because = judge_figure(replace(ROW, rule=rule, limit=limit, unit=unit), fact)
    assert (found, bool(because)) == (verdict, True), because


@given(some.lists(some.sampled_from([MET, MISSED, None]), min_size=1, max_size=6))
def test_a_row_with_rows_below_passes_exactly_when_all_of_them_do(facts: list[Fact | None]) -> None:
    rows = (
        replace(ROW, slug="top", evidence=""),
        *(replace(ROW, slug=f"r{n}", under="top") for n in range(len(facts))),
    )
    by_slug = dict(zip([row.slug for row in rows[1:]], facts, strict=True))
    judged = judge_all(
        rows, lambda row, below: Situation(row, by_slug.get(row.slug), None, "2", NOW, LATER, below), {}
    )
    top = judged[0]
    assert (top.verdict is Verdict.PASSED) == all(fact is MET for fact in facts)
    assert (top.verdict is Verdict.FAILED) == (MISSED in facts)
    assert top.way is Way.ROWS_BELOW
