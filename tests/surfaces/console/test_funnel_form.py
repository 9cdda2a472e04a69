"""A funnel as an address asks for it (R92): read, or refused with what is wrong."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

import pytest
from django.http import QueryDict
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from companyos.adoption.telemetry.queries.funnels import Exclusion, Hold, Question
from companyos.surfaces.console.telemetry.funnel_form import FunnelForm, events_of, read, values_of

NAMES = ["step", "window", "hold", "parts", "without", "property", "values"]
TWO = [("step", "a"), ("step", "b")]


def asked(*pairs: tuple[str, str]) -> FunnelForm:
    return read(QueryDict(urlencode(pairs)).getlist)


def test_nothing_asked_is_the_usual_funnel() -> None:
    form = asked()
    assert form.question == Question((("task_started",), ("task_completed",)), timedelta(hours=4), Hold.TASK)
    assert (form.by, form.problems) == ("variant", ())


def test_everything_asked_reaches_the_engine() -> None:
    form = asked(
        ("step", "case_started"), ("step", ""), ("step", "task_started or task_seen"), ("window", "168"),
        ("hold", "person"), ("parts", "team"), ("without", "task_failed"), ("property", "error"),
        ("values", "timeout, 500,true"),
    )  # fmt: skip
    assert form.question == Question(
        (("case_started",), ("task_started", "task_seen")),
        timedelta(days=7),
        Hold.PERSON,
        Exclusion(("task_failed",), "error", ("timeout", "500", 500, "true", True)),
    )
    assert form.by == "team"


@pytest.mark.parametrize(
    ("more", "field", "says"),
    [
        ([("step", "a")], "step", "2 to 8 steps; this one has 1"),
        ([("step", "a")] * 9, "step", "2 to 8 steps; this one has 9"),
        ([("step", "a"), ("step", "Task Done!")], "step-2", "Step 2: 'Task' is no name of an event"),
        ([*TWO, ("step", " or ".join(f"e{n}" for n in range(11)))], "step-3", "Step 3: at most 10"),
        ([*TWO, ("window", "5")], "window", "asks for '5'; there is 1 (1 hour), 4 (4 hours)"),
        ([*TWO, ("hold", "team")], "hold", "there is task (the task"),
        ([*TWO, ("parts", "person")], "parts", "there is variant (by variant)"),
        ([*TWO, ("without", "<b>")], "without", "'<b>' is no name of an event"),
        ([*TWO, ("property", "error"), ("values", "x")], "without", "Name the events to leave out"),
        ([*TWO, ("without", "a"), ("property", "error")], "values", "go together"),
        ([*TWO, ("without", "a"), ("values", "x")], "property", "go together"),
        ([*TWO, ("without", "a"), ("property", "x" * 65), ("values", "x")], "property", "at most 64"),
        ([*TWO, ("without", "a"), ("property", "p"), ("values", "x" * 201)], "values", "At most 20 values"),
    ],
)
def test_what_cannot_be_asked_is_said_beside_its_field(
    more: list[tuple[str, str]], field: str, says: str
) -> None:
    form = asked(*more)
    assert form.question is None
    assert says in form.problem_of(field)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.sampled_from(NAMES), st.text()), max_size=12))
def test_any_address_is_read_or_refused(pairs: list[tuple[str, str]]) -> None:
    form = asked(*((name, value.encode("utf-8", "ignore").decode()) for name, value in pairs))
    assert (form.question is None) == bool(form.problems)
    if form.question:
        assert 2 <= len(form.question.steps) <= 8
        assert all(form.question.steps)


def test_words_are_read_as_people_write_them() -> None:
    assert events_of(" a or b, c|a  or d ") == ("a", "b", "c", "d")
    assert values_of("a b, 7 ,7.5,, -1,false,1e5") == (
        "a b",
        "7",
        7,
        "7.5",
        7.5,
        "-1",
        -1,
        "false",
        False,
        "1e5",
    )
