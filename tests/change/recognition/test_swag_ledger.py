"""The swag budget through its actions: who sets, claims, decides and spends, and that nothing is overspent (R107)."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from change.recognition.test_recognition_room import DAY, NOW, Engine, engine, meet, team_of
from companyos.change.comms import queries as comms
from companyos.change.recognition import actions, queries
from companyos.change.recognition.domain.ledger import ClaimState

__all__ = ["engine"]
OWNER, SECOND = "jiwoo-kang", "fergus-doyle"
PILOT = "finance-operations"
CROWD = Path(__file__).with_name("crowd.py")


def set_budget(amount: int, actor: str = OWNER, **changes: str) -> None:
    said = {"quarter": "2026-Q4", "currency": "EUR", "because": "For pilots", "second": SECOND} | changes
    actions.set_budget(actor=actor, amount=amount, now=NOW, zone=queries.company_zone(), **said)


def claim(
    amount: int, *, what: str = "Hoodies", team: str = PILOT, actor: str = "", at: timedelta = DAY
) -> str:
    return actions.claim(
        actor=actor or team_of(team).people[0], team=team, what=what, amount=amount, now=NOW + at,
        zone=queries.company_zone(),
    )  # fmt: skip


def decide(key: str, *, approves: bool = True, actor: str = OWNER) -> None:
    actions.decide(actor=actor, claim=key, approves=approves, because="They went first", now=NOW + 2 * DAY)


@pytest.fixture
def pilot(engine: Engine) -> None:
    meet(team_of(PILOT))
    actions.give_credits(now=NOW)


def remains() -> int:
    found = queries.ledger("2026-Q4")
    assert found
    return found.balance.free


def test_R107_a_budget_is_set_by_a_head_and_changed_by_its_owner_never_below_what_is_promised(
    pilot: None,
) -> None:
    with pytest.raises(actions.NotYours, match="heads a department"):
        set_budget(50_000, actor="kenji-fujimori")
    for changes, says in (
        ({"quarter": "2026-Q2"}, "set for 2026-Q4 or 2027-Q1"), ({"currency": "euro"}, "three letters"),
        ({"because": ""}, "Say why"), ({"second": "nobody"}, "another team"),
    ):  # fmt: skip
        with pytest.raises(actions.Refused, match=says):
            set_budget(50_000, **changes)
    set_budget(50_000)
    with pytest.raises(actions.NotYours, match="answers for this budget"):
        set_budget(90_000, actor=SECOND, second="")
    with pytest.raises(actions.Refused, match="in EUR"):
        set_budget(50_000, currency="USD")
    decide(claim(30_000))
    with pytest.raises(actions.Refused, match=r"300\.00 is promised or spent"):
        set_budget(29_999)
    set_budget(30_000)
    assert remains() == 0
    actions.forget([OWNER])
    set_budget(40_000, actor=SECOND, second="")  # nobody answered for it
    assert remains() == 10_000


def test_R107_a_team_with_a_credit_claims_and_the_owner_decides_and_spends(pilot: None) -> None:
    with pytest.raises(actions.Refused, match="no budget"):
        claim(10_000)
    set_budget(50_000)
    for changes, says in (
        ({"team": "sales"}, "among the first"), ({"actor": "kenji-fujimori"}, "Somebody of the team"),
        ({"amount": 50_001}, "500.00 EUR remain"), ({"amount": 0}, "what it costs"), ({"what": " "}, "Say what"),
    ):  # fmt: skip
        with pytest.raises(actions.Refused, match=says):
            claim(**({"amount": 10_000} | changes))  # type: ignore[arg-type]
    key, other = claim(20_000), claim(10_000, what="Mugs")
    with pytest.raises(actions.NotYours):
        decide(key, actor="kenji-fujimori")
    decide(key)
    decide(other, approves=False)
    for again in (key, other):
        with pytest.raises(actions.Refused, match="already"):
            decide(again)
    assert remains() == 30_000
    with pytest.raises(actions.Refused, match="spend no more"):
        actions.spend(actor=OWNER, claim=key, amount=20_001, note="Invoice 7", now=NOW + 3 * DAY)
    with pytest.raises(actions.Refused, match="declined"):
        actions.spend(actor=OWNER, claim=other, amount=1, note="Invoice 7", now=NOW + 3 * DAY)
    actions.spend(actor=OWNER, claim=key, amount=18_500, note="Invoice 7", now=NOW + 3 * DAY)
    with pytest.raises(actions.Refused, match="spent"):
        actions.spend(actor=OWNER, claim=key, amount=1, note="Invoice 8", now=NOW + 3 * DAY)
    row = queries.ledger("2026-Q4")
    assert row is not None
    assert (row.balance.free, row.balance.promised, row.balance.spent) == (31_500, 0, 18_500)
    assert {each.what: each.state for each in row.claims} == {
        "Hoodies": ClaimState.SPENT, "Mugs": ClaimState.DECLINED,
    }  # fmt: skip
    assert [str(each.kind) for each in row.entries] == [
        "budgeted",
        "approved",
        "declined",
        "spent",
        "given_back",
    ]
    assert len(comms.notices()) == 5  # the credit, two claims, two decisions


def test_R107_nobody_decides_about_their_own_team_the_second_does(pilot: None) -> None:
    set_budget(50_000, actor="aiko-shibuya")
    key = claim(10_000)
    with pytest.raises(actions.NotYours, match="own team"):
        decide(key, actor="aiko-shibuya")
    decide(key, actor=SECOND)
    with pytest.raises(actions.NotYours):
        actions.spend(actor="aiko-shibuya", claim=key, amount=1, note="Invoice 7", now=NOW)


def test_R107_claims_end_with_the_credit_and_no_approval_is_beyond_what_remains(pilot: None) -> None:
    set_budget(15_000)
    one, two = claim(10_000), claim(10_000, what="Mugs")
    decide(one)
    with pytest.raises(actions.Refused, match=r"100\.00 is more than the 50\.00 that remain"):
        decide(two)
    decide(two, approves=False)
    with pytest.raises(actions.Refused, match="credit lasts"):
        claim(1_000, at=90 * DAY)


def test_R107_an_erased_person_leaves_no_name_and_no_words(pilot: None) -> None:
    set_budget(15_000)
    person = team_of(PILOT).people[0]
    claim(10_000)
    assert actions.forget([person]) == 1
    row = queries.ledger("2026-Q4")
    assert row is not None and (row.claims[0].by, row.claims[0].what) == ("somebody", "Erased")


def test_R107_twenty_approvals_at_once_do_not_overspend(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("COMPANYOS_")}
    done = subprocess.run(
        [sys.executable, str(CROWD)], env=environment | {"COMPANYOS_DATA": str(tmp_path / "data")},
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert told["said"] == {"approved": 4, "refused": 16}
    assert (told["free"], told["promised"], told["entries"]) == (1_000, 8_000, 5)
