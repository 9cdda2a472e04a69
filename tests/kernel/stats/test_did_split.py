from __future__ import annotations

from collections.abc import Sequence
from math import inf, log, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from companyos.kernel.stats.did_split import DidSplit

HALF = log(0.5)
ONE_OF_THREE = [(1, 3)] * 20
Days = Sequence[Sequence[int]]


def learned(days: Sequence[tuple[int, int]], *, tau: float = 0.25) -> DidSplit:
    rule = DidSplit(tau=tau)
    for exposed, sessions in days:
        rule.learn_day([(i < exposed, HALF) for i in range(sessions)])
    rule.begin_stage()
    return rule


def evidence_of(rule: DidSplit, days: Days) -> list[float]:
    evidence = []
    for day in days:
        rule.begin_day()
        evidence += [rule.take(bool(exposed), HALF) for exposed in day]
    return evidence


@pytest.mark.parametrize(
    ("before", "stage", "evidence"),
    [
        (
            ONE_OF_THREE,
            [[1, 1, 0, 1], [1, 1, 1, 1]],
            [1.9656, 3.7629, 1.5098, 2.5641, 4.692, 8.3164, 14.2968, 23.8334],
        ),
        ([], [[1] * 6], [1.8789, 3.0117, 4.3892, 5.9744, 7.724, 9.5955]),
        (
            [(0, 4), (4, 4)] * 10,
            [[1] * 10],
            [1.6324, 2.306, 3.0208, 3.7734, 4.5604, 5.3788, 6.226, 7.0997, 7.9981, 8.9194],
        ),
        (
            ONE_OF_THREE,
            [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
            [1.9656, 0.8767, 0.5255, 0.3505, 0.5418, 0.3852, 0.2866, 0.2261, 0.318],
        ),
    ],
    ids=["regression", "nothing known before", "teams with bad days before", "as before"],
)
def test_golden_evidence(before: list[tuple[int, int]], stage: Days, evidence: list[float]) -> None:
    assert [round(each, 4) for each in evidence_of(learned(before), stage)] == evidence


def test_a_stage_starts_afresh_and_the_drift_allowance_counts_once() -> None:
    rule = learned(ONE_OF_THREE)
    first = evidence_of(rule, [[1, 1, 0, 1], [1, 1]])
    rule.begin_stage()
    assert (rule.evidence, rule.exposed_sessions, rule.expected_sessions) == (1.0, 0, 0.0)
    assert evidence_of(rule, [[1, 1, 0, 1], [1, 1]]) == first


def test_days_without_errors_change_nothing() -> None:
    quiet, plain = learned([(1, 3), (0, 0), (1, 3)]), learned([(1, 3), (1, 3)])
    evidence = evidence_of(quiet, [[], [1, 0], [], [], [1]])
    assert evidence == pytest.approx(evidence_of(plain, [[1, 0], [1]]), rel=1e-12)


def test_it_counts_exposed_and_expected_sessions() -> None:
    rule = learned(ONE_OF_THREE)
    evidence_of(rule, [[1, 1, 0, 1], [1, 1, 1, 1]])
    assert rule.exposed_sessions == 7
    assert rule.expected_sessions == pytest.approx(8 / 3, abs=0.1)


@pytest.mark.parametrize("days", [[[1, 1, 0, 1], [1, 1, 1, 1], [0, 1]], [[1, 0], [1, 1, 1, 1, 1]]])
def test_without_best_day_is_the_least_evidence_with_one_day_left_out(days: list[list[int]]) -> None:
    rule = learned(ONE_OF_THREE)
    evidence_of(rule, days)
    left_out = [evidence_of(learned(ONE_OF_THREE), days[:i] + days[i + 1 :])[-1] for i in range(len(days))]
    assert rule.without_best_day() == pytest.approx(min(left_out), rel=1e-9)


def test_one_bad_day_alone_confirms_nothing() -> None:
    rule = learned(ONE_OF_THREE)
    assert rule.without_best_day() == pytest.approx(1)
    assert evidence_of(rule, [[1] * 40])[-1] > 20
    assert rule.without_best_day() == pytest.approx(1)


@pytest.mark.parametrize(
    ("days", "at_once", "with_two_days"),
    [
        ([[1, 1]], False, False),  # two errors alarm nobody, whatever the evidence
        ([[1] * 12], True, False),  # one bad day
        ([[1] * 40], True, True),  # one day beyond doubt
        ([[1] * 6, [1] * 6], True, True),
        ([[1] * 12, [0] * 4], False, False),
    ],
)
def test_two_days_must_agree_unless_one_is_beyond_doubt(
    days: list[list[int]], at_once: bool, with_two_days: bool
) -> None:
    rule = learned(ONE_OF_THREE)
    evidence_of(rule, days)
    assert rule.rolls_back() is at_once
    assert rule.rolls_back(confirm_two_days=True) is with_two_days


@settings(max_examples=12, deadline=None)
@given(st.lists(st.lists(st.tuples(st.booleans(), st.floats(-2, 2)), max_size=4), min_size=1, max_size=3))
def test_a_replay_of_the_stored_events_says_exactly_what_the_stream_said(
    days: list[list[tuple[bool, float]]],
) -> None:
    """Streaming = replay, to the last bit: a restart goes on as if it had not happened."""
    streamed = learned(ONE_OF_THREE)
    said = []
    for number, day in enumerate(days):
        streamed.begin_day()
        said += [streamed.take(*each) for each in day]
        replayed = learned(ONE_OF_THREE)
        for before in days[: number + 1]:
            replayed.begin_day()
            again = [replayed.take(*each) for each in before]
        assert again == said[len(said) - len(day) :]
        assert replayed.evidence == streamed.evidence
        assert replayed.effect() == streamed.effect()
        assert replayed.without_best_day() == streamed.without_best_day()


@pytest.mark.parametrize("offset", [nan, inf, -inf, 50.0])
def test_an_offset_that_cannot_be_compared_changes_nothing(offset: float) -> None:
    rule, untouched = learned(ONE_OF_THREE), learned(ONE_OF_THREE)
    for state in (rule, untouched):
        state.take(True, HALF)
    with pytest.raises(ValueError, match="no comparison is possible"):
        rule.take(True, offset)
    with pytest.raises(ValueError, match="no comparison is possible"):
        rule.learn_day([(True, HALF), (False, offset)])
    assert (rule.exposed_sessions, rule.expected_sessions) == (1, untouched.expected_sessions)
    assert rule.take(True, HALF) == untouched.take(True, HALF)
    rule.begin_stage()
    assert rule.take(True, HALF) == learned(ONE_OF_THREE).take(True, HALF)


def test_very_long_stages_neither_vanish_nor_overflow() -> None:
    rule = learned(ONE_OF_THREE)
    as_before = evidence_of(rule, [[1, 0, 0] * 100] * 3)[-1]
    assert 0 < as_before < 1
    rule.begin_stage()
    assert evidence_of(rule, [[1] * 200] * 3)[-1] > 1_000


@settings(max_examples=25)
@given(st.lists(st.lists(st.integers(0, 1), max_size=6), min_size=1, max_size=4))
def test_every_exposed_error_speaks_for_harm_and_every_other_against(days: list[list[int]]) -> None:
    rule = learned([(1, 3), (0, 2), (2, 4)] * 3)
    for day in days:
        rule.begin_day()
        for exposed in day:
            before = rule.evidence
            after = rule.take(bool(exposed), HALF)
            assert after > before if exposed else after < before
            assert after == rule.evidence
