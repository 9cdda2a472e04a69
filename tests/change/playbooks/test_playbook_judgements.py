"""What came of a drill, whether it counts for a gate, macros, packs and what falls due (R119, R120, R121)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.change.playbooks.domain import counting, macros
from companyos.change.playbooks.domain.counting import Asked, asked_by, fits, latest_of
from companyos.change.playbooks.domain.drills import Situation, done_at, judge, last_words, next_step, time_of
from companyos.change.playbooks.domain.due import due_soon
from companyos.change.playbooks.domain.packs import pack_of
from companyos.change.playbooks.domain.reading import Unfit, check, document_of, is_followed, playbook_from
from companyos.change.playbooks.domain.types import (
    DrillRow,
    Item,
    ItemKind,
    Kind,
    Playbook,
    PlaybookRow,
    Result,
    Step,
    Target,
    Tick,
)

NOW = datetime(2026, 3, 9, 12, tzinfo=UTC)
DAY = timedelta(days=1)
STEPS = (Step("Roll back", "SRE"), Step("Look at the providers", "SRE", "all confirmed"))
THIRTY = Target(rollback_seconds=30)
HOUR = Target(rto_minutes=60, rpo_minutes=15)
BOTH = ((1, True), (2, True))


def _ticks(*said: tuple[int, bool]) -> tuple[Tick, ...]:
    return tuple(
        Tick(step, NOW + n * timedelta(seconds=1), "kim", holds) for n, (step, holds) in enumerate(said)
    )


@pytest.mark.parametrize(
    ("said", "seconds", "target", "lost", "abandoned", "result", "rule", "words"),
    [
        (BOTH, 30.0, THIRTY, None, "", "passed", "done_in_time_passes", "30 s of at most 30 s"),
        (BOTH, 41.0, THIRTY, None, "", "failed", "longer_than_the_target_fails", "41 s of at most 30 s"),
        (BOTH, 30.01, THIRTY, None, "", "failed", "longer_than_the_target_fails", "30.1 s of at most 30 s"),
        (BOTH, 9e9, Target(), None, "", "passed", "done_in_time_passes", "min"),
        (((1, True),), 3.0, THIRTY, None, "", "failed", "a_step_not_done_fails", "1 of 2 steps not done: Look"),
        (((1, False), (2, True)), 3.0, THIRTY, None, "", "failed", "a_check_that_does_not_hold_fails", "step 1 (Roll"),
        (((1, False), (1, True), (2, True)), 3.0, THIRTY, None, "", "passed", "done_in_time_passes", "all 2"),
        (((1, True),), 3.0, THIRTY, None, "fire alarm", "abandoned", "what_is_broken_off_proves_nothing", "1 of 2"),
        (((1, False),), 3.0, THIRTY, None, "oh no", "failed", "a_check_that_does_not_hold_fails", "did not hold"),
        (BOTH, 3600.0, HOUR, 15.0, "", "passed", "done_in_time_passes", "15 min of data lost of at most 15 min"),
        (BOTH, 3600.0, HOUR, None, "", "failed", "data_loss_nobody_measured_fails", "at most 15 min"),
        (BOTH, 60.0, HOUR, 15.1, "", "failed", "more_lost_than_allowed_fails", "15.1 min of data lost"),
        (BOTH, 3601.0, HOUR, 0.0, "", "failed", "longer_than_the_target_fails", "60.1 min of at most 60 min"),
    ],
)  # fmt: skip
def test_R120_a_drill_is_judged_by_rule_reason_and_numbers(
    said: tuple[tuple[int, bool], ...], seconds: float, target: Target, lost: float | None, abandoned: str,
    result: str, rule: str, words: str,
) -> None:  # fmt: skip
    judged = judge(Situation(STEPS, last_words(_ticks(*said)), seconds, target, lost, abandoned))

    assert (judged.result, judged.rule) == (result, rule)
    assert words in judged.because


@given(st.floats(0, 1e7), st.integers(1, 100_000))
def test_a_time_beyond_its_target_never_reads_as_within(seconds: float, most: int) -> None:
    shown = float(time_of(seconds, Target(rollback_seconds=most)).split(" ")[0])
    assert (shown > most) == (seconds > most) or abs(seconds - most) < 1e-6


def test_the_time_stops_with_the_last_step_and_steps_come_one_by_one() -> None:
    some, every = _ticks((1, True)), _ticks((1, True), (2, True))
    assert (done_at(STEPS, some), next_step(STEPS, some)) == (None, 2)
    assert (done_at(STEPS, every), next_step(STEPS, every)) == (every[1].at, None)


def _drill(**changed: object) -> DrillRow:
    plain = DrillRow(
        "1", "back", 1, "Take it back", Kind.ROLLBACK, "errors climb", "approvals", "1.4", STEPS, THIRTY, "sre",
        NOW - DAY, "kim", (), None, NOW - DAY + timedelta(seconds=12), "kim", None, Result.PASSED, "all 2 steps", "x",
    )  # fmt: skip
    return replace(plain, **changed)  # type: ignore[arg-type]


def _ended(days: float, seconds: float = 12.0) -> dict[str, object]:
    ended = NOW - timedelta(days=days)
    return {"ended_at": ended, "began_at": ended - timedelta(seconds=seconds)}


@pytest.mark.parametrize(
    ("drill", "running", "counts", "because"),
    [
        (None, False, False, "none was held"),
        (None, True, False, "one is running, none has ended"),
        (_drill(), False, True, "passed today: 12 s of at most 30 s"),
        (_drill(**_ended(90)), False, True, "passed 90 days ago: 12 s of at most 30 s"),
        (_drill(**_ended(90.01)), False, False, "passed 91 days ago; at most 90"),
        (_drill(**_ended(94)), False, False, "passed 94 days ago; at most 90"),
        (_drill(feature_version="1.3"), False, False, "was for version 1.3, now 1.4"),
        (_drill(feature_version=""), False, False, "was for version unknown, now 1.4"),
        (_drill(result=Result.FAILED, **_ended(1, 41)), False, False, "failed: 41 s of at most 30 s"),
        (
            _drill(result=Result.FAILED, because="step 1 did not hold"),
            False,
            False,
            "failed: step 1 did not hold",
        ),
    ],
)
def test_R120_a_drill_counts_while_it_is_young_passed_and_of_this_version(
    drill: DrillRow | None, running: bool, counts: bool, because: str
) -> None:
    found = counting.count(counting.Situation(Asked.ROLLBACK, drill, "1.4", NOW, running=running))
    assert (found.counts, found.because) == (counts, because)


def test_the_last_drill_with_a_result_decides() -> None:
    old, failed = _drill(id="1", **_ended(5)), _drill(id="2", result=Result.FAILED, **_ended(2))
    broken_off, later = _drill(id="3", result=Result.ABANDONED, **_ended(1)), _drill(id="4", **_ended(-1))
    assert latest_of([old, failed, broken_off, later], NOW) == failed
    assert latest_of([broken_off], NOW) is None


@pytest.mark.parametrize(
    ("kind", "feature", "fitting"),
    [
        (Kind.ROLLBACK, "approvals", {Asked.ROLLBACK}),
        (Kind.ROLLBACK, "other", set()),
        (Kind.RECOVERY, "", {Asked.RECOVERY}),
        (Kind.RECOVERY, "approvals", {Asked.PLAN}),
        (Kind.RUNBOOK, "approvals", set()),
    ],
)
def test_which_drill_answers_which_question(kind: Kind, feature: str, fitting: set[Asked]) -> None:
    drill = _drill(kind=kind, feature=feature)
    assert {asked for asked in Asked if fits(drill, asked, "approvals")} == fitting


def test_a_task_of_a_plan_names_its_drill_and_no_task_asks_for_all() -> None:
    assert asked_by("drill-recovery") == (Asked.RECOVERY,)
    assert asked_by("drill-plan") == (Asked.PLAN,)
    assert asked_by("") == asked_by("rehearse") == tuple(Asked)


@pytest.mark.parametrize(
    ("words", "values", "text", "html"),
    [
        ("Hello {{customer}}", {"customer": "Ada"}, "Hello Ada", "Hello Ada"),
        ("Hello {{ customer }}", {}, "Hello {{customer}}", "Hello {{customer}}"),
        ("{{customer}}", {"customer": "<b>&"}, "<b>&", "&lt;b&gt;&amp;"),
        (
            "{{customer}} {{agent}}",
            {"customer": "{{agent}}", "agent": "Kim"},
            "{{agent}} Kim",
            "{{agent}} Kim",
        ),
        ("a\n{{case}}", {"case": "x\ny"}, "a\nx y", "a<br>x y"),
        ("no variable, { one brace }", {}, "no variable, { one brace }", "no variable, { one brace }"),
    ],
)
def test_R119_a_macro_is_filled_once_and_escaped(
    words: str, values: dict[str, str], text: str, html: str
) -> None:
    assert macros.filled(words, values) == text
    assert macros.filled_html(words, values) == html


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("{{password}}", "no variable {{password}}. Use one of {{customer}}"),
        ("{{}}", "no variable {{}}"),
        ("Hello {{customer", "not closed"),
        ("Hello customer}}", "not closed"),
    ],
)
def test_R119_a_macro_with_an_unknown_variable_is_refused(words: str, says: str) -> None:
    with pytest.raises(macros.UnknownVariable) as refused:
        macros.filled(words, {})
    assert says in str(refused.value)


@given(st.text(), st.text())
def test_whatever_is_filled_in_stays_text(words: str, value: str) -> None:
    try:
        html = macros.filled_html(words + "{{customer}}", {"customer": value})
    except macros.UnknownVariable:
        return
    assert "<" not in html.replace("<br>", "")


def _item(kind: ItemKind, days: float = 1, title: str = "One") -> Item:
    after = 30 if kind is ItemKind.ESCALATION else None
    return Item(f"{kind}-{title}", kind, title, "words", "", "support", 0, after, 1, NOW - days * DAY, "kim")


def test_R119_a_pack_is_ready_when_every_line_has_something_and_all_of_it_is_fresh() -> None:
    fresh = [_item(kind) for kind in ItemKind]
    assert (pack_of(fresh, NOW).share, pack_of(fresh, NOW).missing) == (1.0, ())
    assert pack_of([], NOW).share == 0 and pack_of([], NOW).is_empty
    stale = [*fresh, _item(ItemKind.FAQ, 94, "Why")]
    assert pack_of(stale, NOW).share == 0.75
    assert pack_of(stale, NOW).missing == ("FAQ snippets: Why was reviewed 94 days ago; at most 90",)
    assert pack_of(fresh[1:], NOW).missing == ("Runbooks: nothing is there",)
    assert pack_of([_item(kind, 90) for kind in ItemKind], NOW).share == 1.0


def _book(**changed: object) -> Playbook:
    plain = Playbook(
        "back", "Take it back", Kind.ROLLBACK, "sre", date(2026, 6, 1), STEPS, "", "approvals", THIRTY
    )
    return replace(plain, **changed)  # type: ignore[arg-type]


def _row(**changed: object) -> PlaybookRow:
    return PlaybookRow(_book(**changed), 1, NOW, "kim", "first")


@pytest.mark.parametrize(
    ("review", "drills", "due"),
    [
        (date(2026, 6, 1), [], [("was never practised", True)]),
        (date(2026, 6, 1), [_drill()], []),
        (date(2026, 6, 1), [_drill(**_ended(70))], [("its last drill stops counting", False)]),
        (date(2026, 6, 1), [_drill(result=Result.FAILED)], [("failed last time: practise it again", True)]),
        (date(2026, 3, 20), [_drill()], [("is to be reviewed", False)]),
        (date(2026, 3, 1), [_drill()], [("is to be reviewed", True)]),
    ],
)
def test_R121_what_falls_due_in_thirty_days(
    review: date, drills: list[DrillRow], due: list[tuple[str, bool]]
) -> None:
    assert [(each.says, each.overdue) for each in due_soon([_row(review_on=review)], drills, NOW)] == due


def test_R121_a_playbook_reads_what_it_wrote() -> None:
    for book in (_book(), _book(kind=Kind.RUNBOOK, target=Target(), feature="", summary="In short")):
        assert playbook_from(document_of(book)) == book


@pytest.mark.parametrize(
    ("changed", "says", "step"),
    [
        ({"feature": ""}, "is of a feature", 0),
        ({"target": Target()}, "in how many seconds", 0),
        ({"kind": Kind.RECOVERY, "target": Target(rto_minutes=5)}, "rpo_minutes", 0),
        ({"kind": Kind.CHANGE}, "Only a rollback", 0),
        ({"steps": ()}, "at least one step", 0),
        ({"steps": STEPS * 31}, "more than anybody follows", 0),
        ({"steps": (Step("Look", ""),)}, "who does it", 1),
        ({"steps": (STEPS[0], Step("Look", "SRE", link="javascript:alert(1)"))}, "a link begins with", 2),
    ],
)
def test_R121_what_is_no_playbook_is_refused(changed: dict[str, object], says: str, step: int) -> None:
    with pytest.raises(Unfit, match=says) as unfit:
        check(_book(**changed))
    assert unfit.value.step == step


@pytest.mark.parametrize(
    ("link", "followed"),
    [
        ("/rollouts", True), ("https://a.example/x", True), ("//evil.example", False), ("/\\evil.example", False),
        ("javascript:alert(1)", False), ("data:text/html,x", False), ("https://", False), ("rollouts", False),
    ],
)  # fmt: skip
def test_only_plain_links_are_followed(link: str, followed: bool) -> None:
    assert is_followed(link) is followed
