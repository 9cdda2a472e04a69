"""Pseudonyms and the list of properties."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from companyos.analytics.events import Event
from companyos.analytics.intake import posthog
from companyos.analytics.intake.drafts import Sender
from companyos.analytics.intake.privacy import Privacy, hidden, private, pseudonym

SECRET = b"a secret of thirty-two bytes....."
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def test_a_pseudonym_is_one_person_within_a_tenant_and_nobody_elsewhere() -> None:
    bob = pseudonym("bob", tenant="sales", secret=SECRET)
    assert bob == pseudonym("bob", tenant="sales", secret=SECRET)
    others = [
        pseudonym("eve", tenant="sales", secret=SECRET),
        pseudonym("bob", tenant="support", secret=SECRET),
        pseudonym("bob", tenant="sales", secret=SECRET[::-1]),
    ]
    assert len({bob, *others}) == 4
    assert "bob" not in bob
    assert pseudonym(bob, tenant="sales", secret=SECRET) == bob
    assert pseudonym("", tenant="sales", secret=SECRET) == ""


def test_everybody_an_event_names_is_hidden() -> None:
    event = Event("12345678", "a", NOW, "sales", actor="bob", props={"by": "eve", "x": 1})
    found = hidden(event, secret=SECRET)
    assert found.actor == pseudonym("bob", tenant="sales", secret=SECRET)
    assert found.props == {"by": pseudonym("eve", tenant="sales", secret=SECRET), "x": 1}
    assert (event.actor, event.props["by"]) == ("bob", "eve")


@pytest.mark.parametrize(
    ("privacy", "from_browser", "hides"),
    [
        (Privacy(), False, False),
        (Privacy(), True, False),
        (Privacy(SECRET), False, False),  # a tenant's own server names its own people on purpose
        (Privacy(SECRET), True, True),
        (Privacy(SECRET, only_for_browsers=False), False, True),
    ],
)
def test_whose_actors_are_hidden(privacy: Privacy, from_browser: bool, hides: bool) -> None:
    sender = Sender(frozenset({"sales"}), from_browser, privacy)
    body = json.dumps({"event": "a", "distinct_id": "bob"}).encode()
    (item,) = posthog.read(posthog.opened(body, {}, b""), sender, now=NOW).items
    assert isinstance(item, Event)
    assert (item.actor == "bob") is not hides


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="shorter than 16 bytes"):
        Privacy(b"short")


def test_only_properties_on_the_list_are_kept_and_what_we_add_stays() -> None:
    sender = Sender(frozenset({"sales"}), privacy=Privacy(properties=frozenset({"amount"})))
    told = {"amount": 7, "email": "bob@example.org", "$ip": "203.0.113.9"}
    body = json.dumps({"event": "Order Done", "distinct_id": "bob", "properties": told}).encode()
    (item,) = posthog.read(posthog.opened(body, {}, b""), sender, now=NOW).items
    assert isinstance(item, Event)
    assert item.props == {"amount": 7, "$event": "Order Done", "$as_sent": ""}


@pytest.mark.parametrize(
    ("environment", "wanted"),
    [
        ({}, Privacy()),
        ({"COMPANYOS_PSEUDONYM_SECRET": "x" * 32}, Privacy(b"x" * 32)),
        ({"COMPANYOS_PSEUDONYM_SECRET": "x" * 32, "COMPANYOS_PSEUDONYMS": "all"}, Privacy(b"x" * 32, False)),
        ({"COMPANYOS_PROPERTIES": "amount, plan"}, Privacy(properties=frozenset({"amount", "plan"}))),
        ({"COMPANYOS_PROPERTIES": ""}, Privacy(properties=frozenset())),
    ],
)
def test_the_environment_switches_it_on(environment: dict[str, str], wanted: Privacy) -> None:
    assert Privacy.told_by(environment) == wanted


def test_our_own_events_are_treated_the_same() -> None:
    event = Event(
        "12345678", "a", NOW, "sales", actor="bob", props={"by": "eve", "latency_ms": 3, "email": "x"}
    )
    privacy = Privacy(SECRET, only_for_browsers=False, properties=frozenset())
    found = private(event, privacy, from_browser=False)
    assert found.actor == pseudonym("bob", tenant="sales", secret=SECRET)
    assert found.props == {"by": pseudonym("eve", tenant="sales", secret=SECRET), "latency_ms": 3}
    assert private(event, Privacy(), from_browser=True) == event
