"""Facts asked for by name: what cannot be measured is an answer, never an error."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from companyos.kernel.evidence import Fact, Question, ask, offer

NOW = datetime(2026, 11, 16, 9, tzinfo=UTC)
QUESTION = Question("f", NOW, NOW, frozenset(), frozenset())


def broken(question: Question) -> Fact:
    raise ConnectionError("the engine is away")


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("test.never-offered", "nothing in this instance measures"),
        ("test.broken", "could not be measured: ConnectionError"),
        ("test.not-a-number", "not a number"),
        ("test.endless", "not a number"),
    ],
)
def test_what_cannot_be_measured_is_a_fact_with_a_problem(name: str, says: str) -> None:
    offer("test.broken", broken)
    offer("test.not-a-number", lambda _: Fact("x", float("nan"), n=3))
    offer("test.endless", lambda _: Fact("x", 1.0, 0.5, float("inf"), 3))
    fact = ask(name, QUESTION)
    assert (fact.value, says in fact.problem) == (None, True), fact.problem
    assert len(fact.sha256) == 64
