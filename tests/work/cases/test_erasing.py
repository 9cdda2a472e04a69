"""A person who asked to be erased: their words and their name go from cases, what happened stays (R74)."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from companyos.work.cases.domain.erasing import ERASED, without
from companyos.work.cases.domain.types import Event, EventKind

AT = datetime(2026, 11, 9, 9, tzinfo=UTC)
PEOPLE = st.sampled_from(["ana-ruiz", "ana", "bo-lind", "cy"])
TEXTS = st.lists(st.one_of(PEOPLE.map("@{}".format), st.sampled_from(["says", "mail ana@x.example"]))).map(
    " ".join
)
BODIES = st.fixed_dictionaries({}, optional={"text": TEXTS, "mentions": st.lists(PEOPLE), "owner": PEOPLE})
EVENTS = st.builds(Event, st.just(EventKind.COMMENTED), PEOPLE, st.just(AT), BODIES)


@given(EVENTS, PEOPLE)
def test_whoever_is_erased_is_nowhere_and_everybody_else_is(event: Event, who: str) -> None:
    left = without(event, [who])
    body = left.body
    assert who not in {left.by, body.get("owner"), *body.get("mentions", ())}
    assert f"@{who}" not in str(body.get("text", "")).split()
    assert len(body.get("mentions", ())) == len(event.body.get("mentions", ()))
    assert left.by == (ERASED if event.by == who else event.by)
    assert body.keys() == event.body.keys()
    assert without(left, [who]) is left, "twice is once"
    if event.by != who:
        others = [word for word in event.body.get("text", "").split() if word != f"@{who}"]
        assert [word for word in body.get("text", "").split() if word != f"@{ERASED}"] == others


def test_who_is_not_in_it_changes_nothing() -> None:
    event = Event(EventKind.COMMENTED, "bo-lind", AT, {"text": "as @ana-ruiz-2 said", "mentions": []})
    assert without(event, ["ana-ruiz", "ana"]) is event
