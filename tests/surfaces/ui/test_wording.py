"""Numbers, times and sentences as people read them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from companyos.adoption.rollouts.domain.board import Propagation
from companyos.surfaces.ui import numbers, sentences, times
from screens.sample_boards import BACK, BOARDS, GREEN, PAUSED
from screens.sample_gates import NOW

N = numbers.THIN


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (0.0021, "share", f"0.21{N}%"),
        (0.712, "share", f"71.2{N}%"),
        (1, "share", f"100{N}%"),
        (48210, "", f"48{N}210"),
        (-14.0, "ms", f"−14{N}ms"),
        (4.4, "", "4.4"),
        (-0.0001, "", "0"),
        (None, "ms", "—"),
        (float("nan"), "share", "—"),
        (float("inf"), "", "—"),
    ],
)
def test_a_value_reads_with_its_unit(value: float | None, unit: str, text: str) -> None:
    assert numbers.measure(value, unit) == text


@pytest.mark.parametrize(
    ("ago", "text"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=2), "2 min ago"),
        (timedelta(hours=31), "1 d ago"),
        (timedelta(hours=-3), "in 3 h"),
        (timedelta(days=8), "15 Nov"),
        (timedelta(days=400), "19 Oct 2025"),
    ],
)
def test_a_time_reads_by_its_distance(ago: timedelta, text: str) -> None:
    assert times.relative(NOW - ago, NOW) == text


def test_the_exact_moment_is_spelled_out() -> None:
    assert times.absolute(NOW) == "23 Nov 2026, 14:04 UTC"


@pytest.mark.parametrize(
    ("board", "tone"),
    [
        ("green", "info"),
        ("taken-back", "bad"),
        ("paused", "warn"),
        ("completed", "good"),
        ("planned", "quiet"),
    ],
)
def test_the_verdict_bar_has_the_tone_of_the_rollout(board: str, tone: str) -> None:
    assert sentences.board_tone(BOARDS[board]) == tone


@pytest.mark.parametrize(
    ("board", "sent", "text"),
    [
        (
            BACK,
            Propagation(44, 31, 12, 12, 0.8),
            f"Taken back from 31 people in 0.8{N}s, 12 of 12 providers confirmed",
        ),
        (BACK, Propagation(44, 1, 12, 3, None), "Taking it back from 1 person, 3 of 12 providers confirmed"),
        (GREEN, Propagation(41, 31, 1, 1, 12.3), f"Reached 31 people in 12{N}s, 1 of 1 provider confirmed"),
        (PAUSED, None, ""),
    ],
)
def test_propagation_says_how_far_and_how_fast(board, sent, text) -> None:  # type: ignore[no-untyped-def]
    assert sentences.propagation_sentence(replace(board, propagation=sent)) == text


def test_a_refusal_is_said_once_for_all_controls_it_stops() -> None:
    refused = sentences.refusals(BOARDS["completed"].controls)
    assert [(each.key, each.labels) for each in refused] == [
        ("roll_back", "Take back, Pause, Resume, Advance to Expand")
    ]
    assert {
        sentences.refusal_key(each, BOARDS["completed"].controls) for each in BOARDS["completed"].controls
    } == {"roll_back"}


def test_at_most_one_control_is_primary() -> None:
    for board in BOARDS.values():
        looks = [sentences.control_look(each, board.controls) for each in board.controls if each.enabled]
        assert looks.count("primary") <= 1
