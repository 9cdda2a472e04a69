"""What happens to an alert: the table is the policy (R62, R158)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.adoption.telemetry.domain.alerts import (
    RULES,
    AlertMove,
    Entry,
    OpenAlert,
    Quiet,
    Route,
    Situation,
    decide,
    state_of,
)
from companyos.adoption.telemetry.domain.slo import BurnState

NOW = datetime(2026, 11, 9, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)
SILENT = Quiet("kenji-fujimori", "the cable is being moved", NOW + timedelta(hours=1))
OVER = Quiet("kenji-fujimori", "it was moved", NOW)
ROUTE = Route("on-call", "On call", "sre", ("ann", "ben", "cai"), date(2026, 11, 2), ("dee", "eve"), QUARTER)


def alert(minutes: int, *, by: str = "", level: int = 0) -> OpenAlert:
    at = NOW - timedelta(minutes=minutes)
    return OpenAlert(at, at, ("ann",), level, by, at if by else None)


@pytest.mark.parametrize(
    ("burn", "open_alert", "silence", "move", "rule"),
    [
        (BurnState.QUIET, None, None, AlertMove.STAY, "nothing_burns"),
        (BurnState.TOO_FEW, None, None, AlertMove.STAY, "nothing_burns"),
        (BurnState.NO_DATA, None, None, AlertMove.STAY, "nothing_burns"),
        (BurnState.BURNING, None, None, AlertMove.PAGE, "a_burn_pages"),
        (BurnState.BURNING, None, SILENT, AlertMove.STAY, "a_silence_holds_pages_back"),
        (BurnState.BURNING, None, OVER, AlertMove.PAGE, "a_burn_pages"),
        (BurnState.BURNING, alert(14), None, AlertMove.STAY, "a_page_has_time"),
        (BurnState.BURNING, alert(15), None, AlertMove.ESCALATE, "an_unanswered_page_escalates"),
        (BurnState.BURNING, alert(600, level=9), None, AlertMove.ESCALATE, "an_unanswered_page_escalates"),
        (BurnState.BURNING, alert(15), SILENT, AlertMove.STAY, "a_silence_holds_pages_back"),
        (BurnState.BURNING, alert(600, by="ann"), None, AlertMove.STAY, "an_answered_alert_waits"),
        (BurnState.TOO_FEW, alert(15), None, AlertMove.ESCALATE, "an_unanswered_page_escalates"),
        (BurnState.NO_DATA, alert(600, by="ann"), None, AlertMove.STAY, "an_answered_alert_waits"),
        (BurnState.QUIET, alert(5), None, AlertMove.RESOLVE, "a_quiet_condition_resolves"),
        (BurnState.QUIET, alert(5, by="ann"), SILENT, AlertMove.RESOLVE, "a_quiet_condition_resolves"),
        (None, alert(5), None, AlertMove.STAY, "a_page_has_time"),  # a test page
        (None, alert(15), None, AlertMove.ESCALATE, "an_unanswered_page_escalates"),
    ],
)
def test_the_first_rule_with_an_opinion_decides_R62(
    burn: BurnState | None, open_alert: OpenAlert | None, silence: Quiet | None, move: AlertMove, rule: str
) -> None:
    decision = decide(Situation(burn, "said so", NOW, QUARTER, open_alert, silence))
    assert (decision.move, decision.rule) == (move, rule)
    assert decision.because


def test_every_rule_says_in_its_docstring_what_it_is_for() -> None:
    assert all(rule.__doc__ for rule in RULES)


situations = st.builds(
    Situation,
    st.sampled_from([*BurnState, None]),
    st.just("said so"),
    st.just(NOW),
    st.just(QUARTER),
    st.one_of(
        st.none(),
        st.builds(alert, st.integers(0, 100), by=st.sampled_from(["", "ann"]), level=st.integers(0, 5)),
    ),
    st.sampled_from([None, SILENT, OVER]),
)


@given(situations)
def test_silence_and_answers_keep_people_undisturbed_R62(situation: Situation) -> None:
    decision = decide(situation)
    disturbs = decision.move in {AlertMove.PAGE, AlertMove.ESCALATE}
    answered = situation.alert is not None and not situation.alert.waits_for_an_answer
    assert not (disturbs and (situation.silenced or answered))
    assert not (decision.move is AlertMove.PAGE and situation.burn is not BurnState.BURNING)
    assert not (decision.move is AlertMove.RESOLVE and situation.burn is not BurnState.QUIET)


@pytest.mark.parametrize(
    ("day", "person"),
    [
        (date(2026, 11, 2), "ann"),
        (date(2026, 11, 8), "ann"),
        (date(2026, 11, 9), "ben"),
        (date(2026, 11, 16), "cai"),
        (date(2026, 11, 23), "ann"),
        (date(2026, 10, 26), "cai"),  # before the first turn the row runs on backwards
    ],
)
def test_turns_change_on_mondays(day: date, person: str) -> None:
    assert ROUTE.on_call_at(day) == person


def test_levels_go_up_the_chain_and_stay_with_the_last() -> None:
    assert [ROUTE.person_at(level, date(2026, 11, 9)) for level in range(5)] == [
        "ben",
        "dee",
        "eve",
        "eve",
        "eve",
    ]


def entry(minute: int, move: AlertMove, person: str = "", level: int = 0, by: str = "alerting") -> Entry:
    return Entry(NOW + timedelta(minutes=minute), by, move, "why", "", person, level)


def test_a_state_is_read_off_the_history() -> None:
    history = [
        entry(0, AlertMove.PAGE, "ben"),
        entry(15, AlertMove.ESCALATE, "dee", 1),
        entry(20, AlertMove.ACKNOWLEDGE, by="dee", level=1),
    ]
    state = state_of(history)
    assert (state.paged, state.level, state.acknowledged_by) == (("ben", "dee"), 1, "dee")
    assert state.is_open
    assert not state.waits_for_an_answer
    assert not state_of([*history, entry(40, AlertMove.RESOLVE)]).is_open


@pytest.mark.parametrize("history", [[], [entry(0, AlertMove.RESOLVE)]])
def test_a_history_without_a_page_is_no_alert(history: list[Entry]) -> None:
    with pytest.raises(ValueError, match="begins with a page"):
        state_of(history)
