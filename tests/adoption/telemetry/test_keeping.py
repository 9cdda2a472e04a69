"""Retention: each event belongs to exactly one data domain, and a name that is erased leaves a digest only."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from companyos.adoption.telemetry import actions
from companyos.adoption.telemetry.domain.keeping import Holds, Keeping, reach
from companyos.adoption.telemetry.models import Erasure
from companyos.adoption.telemetry.queries import erasures

NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)


def domain(
    slug: str, days: int = 30, *, events: tuple[str, ...] = (), tenants: tuple[str, ...] = ()
) -> Keeping:
    return Keeping(slug, slug, Holds.EVENTS, days, "sre", "a test", events, tenants)


def covers(keeping: Keeping, event: str, tenant: str, among: Iterable[Keeping]) -> bool:
    """Read a reach as the removal's queries do."""
    mine = reach(keeping, among)
    return (
        (not mine.events or event in mine.events)
        and (not mine.tenants or tenant in mine.tenants)
        and event not in mine.other_events
        and tenant not in mine.other_tenants
    )


DOMAINS = (
    domain("opinions", events=("survey.answered", "survey.shown")),
    domain("synthetic", tenants=("training",)),
    domain("work"),
)


@pytest.mark.parametrize(
    ("event", "tenant", "expected"),
    [
        ("survey.answered", "corporate", "opinions"),
        ("survey.answered", "training", "opinions"),
        ("task_completed", "training", "synthetic"),
        ("task_completed", "corporate", "work"),
    ],
)
def test_named_events_come_before_tenants_and_tenants_before_the_rest(
    event: str, tenant: str, expected: str
) -> None:
    assert [each.domain for each in DOMAINS if covers(each, event, tenant, DOMAINS)] == [expected]


@given(
    st.lists(st.sampled_from("abcd"), unique=True),
    st.lists(st.sampled_from("stuv"), unique=True),
    st.sampled_from("abcdef"),
    st.sampled_from("stuvwx"),
)
def test_every_event_has_exactly_one_domain(
    events: list[str], tenants: list[str], event: str, tenant: str
) -> None:
    kept = [domain("rest")]
    kept += [domain(f"e-{each}", events=(each,)) for each in events]
    kept += [domain(f"t-{each}", tenants=(each,)) for each in tenants]
    assert sum(covers(each, event, tenant, kept) for each in kept) == 1


def test_the_rest_leaves_alone_what_others_claim() -> None:
    rest = reach(DOMAINS[2], DOMAINS)
    assert (rest.events, rest.tenants) == ((), ())
    assert rest.other_events == ("survey.answered", "survey.shown")
    assert rest.other_tenants == ("training",)
    assert DOMAINS[2].before(NOW) == NOW - timedelta(days=30)


def ask(subject: str, *, actor: str = "ana-ruiz", because: str = "she asked") -> str:
    return actions.ask_for_erasure(
        actor=actor, subject=subject, because=because, owners={"ana-ruiz"}, now=NOW
    )


@pytest.mark.parametrize(
    ("subject", "actor", "because", "words"),
    [
        ("huong-pham", "huong-pham", "I ask", "Only owners of a tenant"),
        ("huong-pham", "ana-ruiz", " . ", "Say why"),
        ("h", "ana-ruiz", "she asked", "Name one person"),
        ("huong\npham", "ana-ruiz", "she asked", "Name one person"),
    ],
)
def test_an_erasure_has_an_owner_a_reason_and_one_person(
    db: None, subject: str, actor: str, because: str, words: str
) -> None:
    with pytest.raises(actions.Refused, match=words):
        ask(subject, actor=actor, because=because)
    assert not Erasure.objects.exists()


def test_the_name_is_forgotten_when_it_is_done_and_its_digest_stays(db: None) -> None:
    first = ask("huong-pham")
    with pytest.raises(actions.Refused, match="under way already"):
        ask("huong-pham")
    actions.keep_removal(domain="events", rows=7, now=NOW, erasure=first)
    actions.keep_removal(domain="events", rows=2, now=NOW, erasure=first)
    actions.name_done(erasure=first, now=NOW + timedelta(hours=1))
    (row,) = erasures.erasures()
    assert (row.subject, row.removed, row.done_at) == ("", (("events", 9),), NOW + timedelta(hours=1))
    assert row.digest == actions.digest_of("huong-pham") != actions.digest_of("ana-ruiz")
    assert ask("huong-pham") != first, "a person can be erased again"
