"""Which keys may be issued: a table over the pure rules."""

from __future__ import annotations

from dataclasses import replace

import pytest

from companyos.people.identity.domain.keys import RULES, Wish, objection
from companyos.people.identity.domain.types import KeyKind, Scope

SERVER = Wish(KeyKind.SERVER, "checkout", (Scope.EVALUATE, Scope.INGEST), ("sales",), ())
BROWSER = Wish(KeyKind.BROWSER, "web shop", (Scope.EVALUATE,), ("sales",), ("https://app.example",))


@pytest.mark.parametrize(
    "wish",
    [
        SERVER,
        BROWSER,
        replace(SERVER, scopes=(Scope.SYNC,), tenants=("*",)),
        replace(BROWSER, origins=("http://localhost:5173", "https://[::1]:8443")),
    ],
)
def test_a_sensible_key_is_issued(wish: Wish) -> None:
    assert objection(wish) is None


@pytest.mark.parametrize(
    ("wish", "says"),
    [
        (replace(SERVER, label=" "), "what the key is for"),
        (replace(SERVER, scopes=()), "what the key may do"),
        (replace(SERVER, tenants=()), "tenants"),
        (replace(SERVER, scopes=(Scope.PERSONAL,)), "cannot act as a person"),
        (replace(SERVER, origins=("https://app.example",)), "Only a browser key"),
        (replace(SERVER, scopes=(Scope.SYNC,)), "all tenants"),
        (replace(BROWSER, scopes=(Scope.EVALUATE, Scope.SYNC)), "evaluates or ingests"),
        (replace(BROWSER, origins=()), "Name the origins"),
        (replace(BROWSER, origins=("*",)), "no origin"),
        (replace(BROWSER, origins=("https://app.example/",)), "no origin"),
        (replace(BROWSER, origins=("app.example",)), "no origin"),
        (replace(BROWSER, origins=("https://App.example",)), "no origin"),
    ],
)
def test_another_is_refused_with_the_reason(wish: Wish, says: str) -> None:
    assert says in str(objection(wish))


def test_every_rule_says_why_it_is_there() -> None:
    assert all(rule.__doc__ for rule in RULES)
