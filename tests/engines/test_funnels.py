"""R92: funnels against an oracle that tries every start."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.adoption.telemetry.queries.funnels import (
    By,
    Exclusion,
    Funnel,
    Hold,
    Question,
    funnel,
    funnel_by,
)
from companyos.analytics.engine import Engine, _text_of
from engines.histories import (
    EVALUATION,
    EVENTS,
    FEW,
    HOURS,
    Ev,
    Held,
    Sent,
    histories,
    line,
    several,
    store,
    store_all,
)

ASKS = {"funnel", "funnel_by"}
_STEP = st.lists(st.sampled_from((*EVENTS, EVALUATION)), min_size=1, max_size=2, unique=True).map(tuple)
_QUESTIONS = st.builds(
    Question,
    st.lists(_STEP, min_size=1, max_size=4).map(tuple),
    st.sampled_from(
        [timedelta(milliseconds=1), timedelta(minutes=30), timedelta(days=2), timedelta(days=20)]
    ),
    st.sampled_from(Hold),
    st.sampled_from(
        [
            None,
            Exclusion(("policy_violation",)),
            Exclusion(("task_failed", "case_started"), "error", ("timeout",)),
            Exclusion(("task_completed",), "n", (2.5, 7)),
            Exclusion(("task_started",), "ok", (True,)),
        ]
    ),
)
_SPANS = st.sampled_from(
    [(0, 900 * HOURS), (1, 400 * HOURS), (1000, 30 * HOURS), (168 * HOURS, 170 * HOURS), (0, 1300 * HOURS)]
)


def test_a_step_that_is_open_is_not_dropped(engine: Engine) -> None:
    def ev(number: int, actor: str, event: str, hours: int) -> Ev:
        return Ev("a", f"event-{number}", event, hours * HOURS, actor, "unified", "", "k", None, None, "{}")

    history = [
        ev(0, "done", "task_started", 0), ev(1, "done", "task_completed", 1),
        ev(2, "gone", "task_started", 0), ev(3, "late", "task_started", 0), ev(4, "late", "task_completed", 25),
        ev(5, "waits", "task_started", 40), ev(6, "again", "task_started", 0), ev(7, "again", "task_started", 41),
    ]  # fmt: skip
    held = store(Sent(history, [list(range(8)), []], [0, 1], timedelta(0)), engine)
    question = Question((("task_started",), ("task_completed",)), timedelta(hours=24))
    found = funnel(held.span(0, 48 * HOURS), question)
    assert (found.began, found.finished) == (5, 1)
    assert [(step.reached, step.dropped, step.open) for step in found.steps] == [(5, 2, 2), (1, 0, 0)]
    assert found.steps[1].share_of_previous == 0.2


def test_a_funnel_over_weeks_reads_the_order_of_people(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R92: the engine refuses the question when it would read anything else. Rows of today are read beside it."""

    def events(first: int, many: int) -> list[Ev]:
        numbers = range(first, first + many)
        return [
            Ev("a", f"event-{n:05d}", EVENTS[n % 2], n * 40, f"p{n % 97}", "u", "", "k", None, None, "{}")
            for n in numbers
        ]

    history = events(0, 40_000)
    held = store(Sent(history, [list(range(40_000)), []], [], timedelta(0)), engine)
    engine.order_by_person()
    text = _text_of("funnel") + " SETTINGS force_optimize_projection_name = 'by_person'"
    monkeypatch.setattr("companyos.analytics.engine._text_of", {"funnel": text}.get)
    question = Question((("task_started",), ("task_completed",)), timedelta(hours=1))
    found = funnel(held.span(0, HOURS), question)
    assert (found.began, found.finished) == (97, 97)
    today = [replace(each, actor=f"new-{each.actor}", tenant=held.tenants[0]) for each in events(40_000, 400)]
    rows = b"".join(line(each, held.feature, each.time) for each in today)
    engine.insert("events", rows, token=f"today:{held.feature}")
    found = funnel(held.span(0, HOURS), question)
    assert (found.began, found.finished) == (194, 194)


@FEW
@given(several(st.tuples(histories(), _QUESTIONS, _SPANS)))
def test_funnels_equal_the_oracle(
    engine: Engine, asked: list[tuple[Sent, Question, tuple[int, int]]]
) -> None:
    stored = store_all([sent for sent, _, _ in asked], engine)
    for held, (_, question, span) in zip(stored, asked, strict=True):
        found = _figures(funnel(held.span(*span), question))
        assert found == _oracle(held, question, span).get("", _nobody(question))


@FEW
@given(several(st.tuples(histories(), _QUESTIONS, _SPANS, st.sampled_from(By))))
def test_funnels_in_parts_equal_the_oracle(
    engine: Engine, asked: list[tuple[Sent, Question, tuple[int, int], By]]
) -> None:
    stored = store_all([sent for sent, *_ in asked], engine)
    for held, (_, question, span, by) in zip(stored, asked, strict=True):
        found = funnel_by(held.span(*span), question, by, team_of=_TEAMS)
        assert {each.part: _figures(each) for each in found} == _oracle(held, question, span, by)


_TEAMS = {"ada": "red", "ben": "red", "cyd": "blue"}
_Figures = tuple[int, list[tuple[int, int, int]]]


def _nobody(question: Question) -> _Figures:
    return 0, [(0, 0, 0) for _ in question.steps]


def _figures(found: Funnel) -> _Figures:
    return found.excluded, [(step.reached, step.dropped, step.open) for step in found.steps]


def _oracle(
    held: Held, question: Question, span: tuple[int, int], by: By | None = None
) -> dict[str, _Figures]:
    window = question.window // timedelta(milliseconds=1)
    outcomes: dict[str, Counter[tuple[int, bool]]] = {}
    excluded: Counter[str] = Counter()
    rows = [each for each in held.history if span[0] <= each.at < span[1]]
    for who in {_who(each, question.hold) for each in rows if _who(each, question.hold)[1]}:
        own = [each for each in rows if _who(each, question.hold) == who]
        starts = [each for each in own if each.event in question.steps[0]]
        if not starts:
            continue
        first = min(starts, key=lambda each: (each.at, _part(each, by, team=False)))
        part = _part(first, by)
        if any(_excludes(each, question.exclude) and each.at >= first.at for each in own):
            excluded[part] += 1
            outcomes.setdefault(part, Counter())
            continue
        level = max(_furthest(own, question.steps, start.at, window) for start in starts)
        may_finish = max(start.at for start in starts) + window > span[1]
        outcomes.setdefault(part, Counter())[level, may_finish] += 1
    return {part: _told(counts, excluded[part], len(question.steps)) for part, counts in outcomes.items()}


def _who(each: Ev, hold: Hold) -> tuple[str, str]:
    return each.tenant, each.task if hold is Hold.TASK else each.actor


def _part(each: Ev, by: By | None, team: bool = True) -> str:
    if by is By.TEAM:
        return _TEAMS.get(each.actor, "") if team else each.actor
    return "" if by is None else {By.TENANT: each.tenant, By.VARIANT: each.path, By.KIND: each.kind}[by]


def _excludes(each: Ev, exclude: Exclusion | None) -> bool:
    if exclude is None or each.event not in exclude.events:
        return False
    return not exclude.prop or json.loads(each.props).get(exclude.prop) in exclude.values


def _furthest(own: list[Ev], steps: tuple[tuple[str, ...], ...], begins: int, window: int) -> int:
    """How far this start leads: walk the (time, step) pairs in order and take each next step as it comes."""
    pairs = sorted((each.at, k) for each in own for k, step in enumerate(steps) if each.event in step)
    level = 1
    for at, k in pairs:
        if level < len(steps) and k == level and begins <= at <= begins + window:
            level += 1
    return level


def _told(counts: Counter[tuple[int, bool]], excluded: int, last: int) -> _Figures:
    steps = []
    for k in range(1, last + 1):
        reached = sum(n for (level, _), n in counts.items() if level >= k)
        dropped, still_open = (counts[k, False], counts[k, True]) if k < last else (0, 0)
        steps.append((reached, dropped, still_open))
    return excluded, steps
