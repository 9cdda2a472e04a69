from __future__ import annotations

from random import Random

import pytest

from companyos.kernel.stats.finding import Answer, Finding
from companyos.kernel.stats.improvement import COMPLETION_MARGIN, TIME_MARGIN, change_interval, judge_change


def judge_completion(changes: list[float], *, at_target: bool = False) -> Finding:
    found = change_interval(changes)
    return judge_change(
        found, people=len(changes), margin=COMPLETION_MARGIN, at_target=at_target, unit="points"
    )


def judge_time(log_changes: list[float], *, at_target: bool = False) -> Finding:
    saved = change_interval([-each for each in log_changes])
    return judge_change(
        saved, people=len(log_changes), margin=TIME_MARGIN, at_target=at_target, unit="% time saved"
    )


EIGHT = [0.02, 0.05, 0.01, 0.04, 0.03, 0.02, 0.05, 0.02]


@pytest.mark.parametrize(
    ("changes", "at_target", "answer", "because"),
    [
        (EIGHT, False, Answer.PASSED, "+3 points (+2 to +4), 8 people"),
        ([-each for each in EIGHT], False, Answer.FAILED, "-3 points (-4 to -2), 8 people"),
        (
            [-each for each in EIGHT],
            True,
            Answer.PASSED,
            "-3 points (-4 to -2), 8 people; at target and holding",
        ),
        ([-0.04, 0.036] * 4, False, Answer.NOT_ENOUGH, "-0 points (-2 to +2), 8 people"),
        ([-0.04, 0.036] * 4, True, Answer.PASSED, "-0 points (-2 to +2), 8 people; at target and holding"),
        ([0.3, -0.3] * 4, False, Answer.NOT_ENOUGH, "+0 points (-16 to +16), 8 people"),
        ([0.0] * 8, False, Answer.PASSED, "+0 points (+0 to +0), 8 people"),
    ],
)
def test_the_completion_gate(changes: list[float], at_target: bool, answer: Answer, because: str) -> None:
    found = judge_completion(changes, at_target=at_target)
    assert (found.answer, found.because) == (answer, because)


def test_less_time_is_a_gain_and_its_margin_is_ten_percent() -> None:
    found = judge_time([-0.2, -0.1, -0.3, -0.2, -0.2, -0.1, -0.3, -0.2])
    assert (found.answer, found.because) == (Answer.PASSED, "+20 % time saved (+16 to +24), 8 people")
    assert judge_time([0.2, 0.1, 0.3, 0.2, 0.2, 0.1, 0.3, 0.2], at_target=True).answer is Answer.FAILED
    slower = [0.03 + each for each in (-0.08, 0.08, -0.07, 0.07, -0.06, 0.06, -0.05, 0.05)]
    assert judge_time(slower).answer is Answer.NOT_ENOUGH
    assert judge_time(slower, at_target=True).answer is Answer.PASSED
    assert judge_completion([-each for each in slower], at_target=True).answer is Answer.NOT_ENOUGH


@pytest.mark.parametrize("seed", [154])
def test_how_often_true_changes_pass_r154(seed: int) -> None:
    """Fifteen people whose changes differ by 9.4 points: the facts' -8/-3/0/+3/+8 points pass in 0/11/50/89/100 %."""
    random = Random(seed)

    def passes(points: float) -> float:
        changes = ([random.gauss(points / 100, 0.094) for _ in range(15)] for _ in range(400))
        return sum(judge_completion(each).answer is Answer.PASSED for each in changes) / 4

    shares = [passes(points) for points in (-8, -3, 0, 3, 8)]
    assert shares == pytest.approx([0, 11, 50, 89, 100], abs=7)
