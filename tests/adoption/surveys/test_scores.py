"""Scores, groups, themes and imported rows (R97, R98): tables and properties on pure code."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given as example
from hypothesis import strategies as st

from companyos.adoption.surveys.domain.importing import BadColumns, Columns, read_rows
from companyos.adoption.surveys.domain.scores import by_tenant, by_week, standing
from companyos.adoption.surveys.domain.themes import OTHER, Verbatim, themes
from companyos.adoption.surveys.domain.types import Given, Kind, SurveySpec

AT = datetime(2026, 11, 9, 10, tzinfo=UTC)
CSAT = SurveySpec("ease", "approvals", "How easy?", min_n=5)
NPS = replace(CSAT, kind=Kind.NPS, scale=(0, 10), satisfied_from=9)
QUESTION = replace(CSAT, kind=Kind.QUESTION, choices=("yes", "no"))


def given(
    score: int | None, person: str = "", tenant: str = "corporate", days: int = 0, *, gone: bool = False
) -> Given:
    at = AT + timedelta(days=days)
    return Given(tenant, at, at if score is not None else None, at if gone else None, score, "", person)


def test_asked_answered_and_dismissed_stand_beside_the_score() -> None:
    told = standing(CSAT, [*(given(s) for s in (5, 5, 4, 3, 1, 5)), given(None), given(None, gone=True)])
    assert (told.asked, told.answered, told.dismissed, told.silent, told.good) == (8, 6, 1, 1, 4)
    assert told.response == 6 / 8
    assert told.score is not None
    assert (round(told.score.value, 3), round(told.score.low, 2), round(told.score.high, 2)) == (
        0.667,
        0.3,
        0.96,
    )


def test_below_its_minimum_a_survey_shows_no_score() -> None:
    assert standing(CSAT, [given(5)] * 4).score is None
    assert standing(CSAT, []).response is None


def test_an_nps_is_promoters_less_detractors() -> None:
    told = standing(NPS, [given(s) for s in (10, 10, 9, 9, 9, 8, 8, 7, 6)])
    assert told.score is not None
    assert (round(told.score.value), round(told.score.low), round(told.score.high)) == (44, -11, 78)


def test_a_question_counts_its_choices() -> None:
    told = standing(QUESTION, [given(1)] * 4 + [given(2)])
    assert [(each.words, each.n) for each in told.choices] == [("yes", 4), ("no", 1)]
    assert told.score is None


def test_a_person_counts_once_with_the_latest_asking() -> None:
    told = standing(CSAT, [given(1, "ana"), given(5, "ana", days=90), *(given(5, f"p{n}") for n in range(4))])
    assert (told.asked, told.good) == (5, 5)


def test_R97_small_groups_hide_and_hide_each_other() -> None:
    answers = [given(5, tenant=t) for t, n in (("a", 3), ("b", 6), ("c", 20)) for _ in range(n)]
    shown = {group.name: group.standing for group in by_tenant(CSAT, answers)}
    assert shown["a"] is None
    assert shown["b"] is None
    assert shown["c"] is not None


@example(st.dictionaries(st.sampled_from("abcdef"), st.integers(0, 12)))
def test_R97_no_shown_group_is_small_and_a_hidden_one_is_never_alone(sizes: dict[str, int]) -> None:
    answers = [given(4, tenant=t) for t, n in sizes.items() for _ in range(n)]
    groups = by_tenant(CSAT, answers)
    hidden = [g.name for g in groups if g.standing is None]
    assert all(g.standing.answered >= 5 for g in groups if g.standing)
    assert len(hidden) != 1 or len(groups) == 1


def test_weeks_are_named_by_their_monday_and_silent_ones_stay() -> None:
    answers = [given(5, days=d) for d in (0, 1, 2, 3, 4, 14, 15, 15, 16, 17)]
    weeks = by_week(CSAT, answers, weeks=4, until=date(2026, 11, 25))
    assert [w.name for w in weeks] == ["2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23"]
    assert [w.standing.answered if w.standing else None for w in weeks] == [0, 5, 0, 5]


def test_verbatims_are_grouped_by_the_words_they_share() -> None:
    said = ["Slow queue at the desk", "The QUEUE was slow", "queues everywhere", "Nice people", "ok"]
    said += ["Prix élevés", "des prix trop eleves", "le prix"]
    found = themes([Verbatim(words) for words in said])
    assert [(t.word, len(t.verbatims)) for t in found] == [("prix", 3), ("queue", 3), (OTHER, 2)]
    assert sum(len(t.verbatims) for t in found) == len(said)


@example(st.lists(st.text(max_size=40), max_size=40))
def test_every_verbatim_is_in_exactly_one_theme(said: list[str]) -> None:
    told = [Verbatim(words) for words in said if words.strip()]
    grouped = [v for theme in themes(told) for v in theme.verbatims]
    assert sorted(v.words for v in grouped) == sorted(v.words for v in told)


ROWS = [
    ({"s": "9", "w": "fine", "at": "2026-01-02"}, 9, "fine", ""),
    ({"s": "NA", "w": "NA", "at": ""}, None, "", ""),
    ({"s": "11", "w": "", "at": ""}, None, "", "the score is not one of 0 to 10"),
    ({"s": "nine", "w": "", "at": ""}, None, "", "the score is no number"),
    ({"s": "nan", "w": "", "at": ""}, None, "", "the score is not one of 0 to 10"),
    ({"s": "7.5", "w": "", "at": ""}, None, "", "the score is not one of 0 to 10"),
    ({"s": "3", "w": "", "at": "yesterday"}, None, "", "the moment is not written as 2026-11-09T10:00"),
]


@pytest.mark.parametrize(("row", "score", "words", "left_out"), ROWS)
def test_a_row_is_read_or_left_out_with_why(
    row: dict[str, str], score: int | None, words: str, left_out: str
) -> None:
    reading = read_rows([row], Columns("s", "w", "", "at"), scores=range(11), at=AT)
    assert list(reading.left_out) == ([left_out] if left_out else [])
    if not left_out:
        assert [(r.score, r.words, r.answered) for r in reading.rows] == [(score, words, score is not None)]


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(BadColumns, match="no column `score`; the file has a, b"):
        read_rows([{"a": "1", "b": "2"}], Columns("score"), scores=range(11), at=AT)


def test_the_words_of_real_answers_fall_into_themes(shared: Path) -> None:
    text = gzip.decompress((shared / "data/feedback/nps_verbatims_fr.csv.gz").read_bytes()).decode()
    rows = csv.DictReader(io.StringIO(text))
    reading = read_rows(rows, Columns("nps", "explication"), scores=range(11), at=AT)
    found = themes([Verbatim(r.words, r.score) for r in reading.rows])
    assert sum(len(theme.verbatims) for theme in found) == 3_839
    assert {"prix", "personnel", "caisse", "conseils"} <= {theme.word for theme in found}
