"""Who is asked (R98, R139): the rules in a table, the budget as a property, races in a simulation of 10,000 weeks."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companyos.adoption.surveys.domain.eligibility import Answer, Situation, draw, may_ask
from companyos.adoption.surveys.domain.types import Audience, Budget, SurveySpec, Trigger

NOW = datetime(2026, 11, 25, 9, tzinfo=UTC)
DAY = timedelta(days=1)
EASE = SurveySpec("ease", "approvals", "How easy was it?", after_working_days=3)
READY = Situation(EASE, Budget(1, 7), "ana", NOW, True, NOW - 4 * DAY, NOW - DAY)


def case(survey: dict[str, Any] | None = None, **about: Any) -> Situation:
    return replace(READY, survey=replace(EASE, **(survey or {})), **about)


TABLE = [
    (READY, Answer.ASK, "all_clear_asks", "due since 24 Nov 2026"),
    (case({"closed": True}), Answer.NO, "a_closed_survey_asks_nobody", "asks nobody"),
    (case({"trigger": Trigger.IMPORT}), Answer.NO, "a_closed_survey_asks_nobody", "asks nobody"),
    (case(asked_this=(NOW - 90 * DAY,)), Answer.NO, "nobody_is_asked_twice", "a person is asked once"),
    (
        case({"again_after_days": 90}, asked_this=(NOW - 89 * DAY,)),
        Answer.WAIT,
        "nobody_is_asked_twice",
        "again from 26 Nov 2026",
    ),
    (case({"again_after_days": 90}, asked_this=(NOW - 90 * DAY,)), Answer.ASK, "all_clear_asks", "due"),
    (case(is_exposed=False), Answer.WAIT, "others_are_not_asked", "has not met approvals"),
    (
        case({"audience": Audience.EVERYONE}, is_exposed=False, due_at=None),
        Answer.WAIT,
        "nothing_happened_yet",
        "no first exposure yet",
    ),
    (case(due_at=NOW + DAY), Answer.WAIT, "a_person_settles_first", "due from 26 Nov 2026"),
    (case({"forgotten_after_days": 1}, due_at=NOW - 2 * DAY), Answer.NO, "what_is_forgotten_is_not_asked", "past"),
    (case({"forgotten_after_days": 2}, due_at=NOW - 2 * DAY), Answer.ASK, "all_clear_asks", "due"),
    (case({"sample": 1e-9}), Answer.NO, "the_sample_is_drawn_once", "not in the sample"),
    (case(has_open_question=True), Answer.WAIT, "one_question_at_a_time", "open"),
    (case(asked=(NOW - 6 * DAY,)), Answer.WAIT, "a_tired_person_is_left_alone", "asked 1 of 1 in 7 days, free on 26"),
    (case(asked=(NOW - 7 * DAY,)), Answer.ASK, "all_clear_asks", "due"),
    (case(budget=Budget(2, 7), asked=(NOW - DAY,)), Answer.ASK, "all_clear_asks", "due"),
    (
        case(budget=Budget(2, 7), asked=(NOW - DAY, NOW - 2 * DAY, NOW - 9 * DAY)),
        Answer.WAIT,
        "a_tired_person_is_left_alone",
        "free on 30 Nov 2026",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("situation", "answer", "rule", "says"), TABLE)
def test_R98_the_first_rule_with_an_opinion_decides(
    situation: Situation, answer: Answer, rule: str, says: str
) -> None:
    decided = may_ask(situation)
    assert (decided.answer, decided.rule) == (answer, rule)
    assert says in decided.because


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 3),
    st.integers(1, 14),
    st.lists(st.tuples(st.integers(0, 24 * 60), st.integers(0, 4)), min_size=1, max_size=60),
)
def test_R98_no_window_of_the_budget_ever_holds_more(
    most: int, days: int, steps: list[tuple[int, int]]
) -> None:
    """Whatever is due whenever, any `days` days hold at most `most` askings."""
    now, asked = NOW, list[datetime]()
    of: dict[int, tuple[datetime, ...]] = {}
    for minutes, n in steps:
        now += timedelta(minutes=minutes)
        survey = replace(EASE, slug=f"s{n}", again_after_days=1)
        told = case(budget=Budget(most, days), now=now, asked=tuple(asked), asked_this=of.get(n, ()))
        if may_ask(replace(told, survey=survey)).answer is Answer.ASK:
            asked.append(now)
            of[n] = (*of.get(n, ()), now)
    for at in asked:
        assert sum(at <= other < at + timedelta(days=days) for other in asked) <= most


def test_R98_ten_thousand_weeks_with_racing_requests_stay_within_the_budget() -> None:
    """Requests judge what they read, sleep, and swap the version they read: in whatever order, one of them asks."""
    dice, weeks, beyond, asked_in_all = random.Random(20261125), 10_000, 0, 0
    for person in range(weeks // 50):
        version, asked, now = 0, list[datetime](), NOW
        of: dict[str, tuple[datetime, ...]] = {}
        for _ in range(50):
            now += timedelta(days=7 * dice.random() + 3.5)
            read = [(version, tuple(asked), dict(of)) for _ in range(dice.randint(2, 6))]
            while read:  # each finishes whenever it likes
                seen, known, mine = read.pop(dice.randrange(len(read)))
                survey = replace(EASE, slug=f"s{dice.randrange(8)}", again_after_days=21)
                told = case(now=now, asked=known, asked_this=mine.get(survey.slug, ()), person=f"p{person}")
                if may_ask(replace(told, survey=survey)).answer is not Answer.ASK or seen != version:
                    continue
                version += 1
                asked.append(now)
                of[survey.slug] = (*of.get(survey.slug, ()), now)
        asked_in_all += len(asked)
        beyond += sum(b - a < timedelta(days=7) for a, b in pairwise(asked))
    assert asked_in_all > 3_000
    assert beyond == 0


def test_a_sample_is_about_its_share_and_unlike_that_of_other_surveys() -> None:
    people = [f"p{n}" for n in range(4_000)]
    first = {p for p in people if draw("a", p) < 0.2}
    second = {p for p in people if draw("b", p) < 0.2}
    assert 0.18 < len(first) / len(people) < 0.22
    assert 0.15 < len(first & second) / len(first) < 0.25
