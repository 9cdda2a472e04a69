"""Who is asked next, as a table: what the chain says, what was done, whom it asks (R58)."""

from __future__ import annotations

import pytest

from companyos.work.approvals.domain.chain import BadChain
from companyos.work.approvals.domain.judge import judge
from companyos.work.approvals.domain.types import ActKind, Status
from work.approvals.chains import after, attempt, chain, org, people, situation

YES, NO, BACK = ActKind.APPROVED, ActKind.DECLINED, ActKind.RETURNED
DESK = {"step": "desk", "ask": "role:administration"}
TWO = {**DESK, "needs": 2}
EVERY = {**DESK, "needs": "all"}
LINE = {"step": "line", "ask": "manager"}
BIG = {"step": "budget", "ask": "budget-owner", "from_amount": 1000}


def test_steps_follow_each_other_and_the_reason_names_the_step() -> None:
    s = situation(chain(DESK, LINE))
    assert people(s) == ["eve", "finn", "gus"]
    s = after(s, ("eve", YES))
    assert people(s) == ["ada"]
    assert judge(s).asked[0].why == "Asked as manager of who asks"
    done = judge(after(s, ("ada", YES)))
    assert (done.status, done.rule) == (Status.APPROVED, "every_step_met_approves")


@pytest.mark.parametrize(
    ("step", "answers", "asked"),
    [
        (DESK, ["eve"], []),
        (TWO, ["eve"], ["finn", "gus"]),
        (TWO, ["eve", "gus"], []),
        (EVERY, ["eve", "gus"], ["finn"]),
        (EVERY, ["eve", "gus", "finn"], []),
    ],
)
def test_any_quorum_and_all(step: dict[str, object], answers: list[str], asked: list[str]) -> None:
    assert people(after(situation(chain(step)), *((who, YES) for who in answers))) == asked


def test_steps_together_are_asked_together() -> None:
    s = situation(chain({"together": [DESK, LINE]}))
    assert people(s) == ["ada", "eve", "finn", "gus"]
    assert people(after(s, ("eve", YES))) == ["ada"]


@pytest.mark.parametrize(("amount", "asked"), [(999.99, "ada"), (1000, "cleo")])
def test_a_threshold_is_part_of_the_amount(amount: float, asked: str) -> None:
    assert people(situation(chain(BIG, LINE, amount="sum"), sum=amount)) == [asked]


def test_a_condition_reads_fields_and_says_so() -> None:
    abroad = {**DESK, "when": {"in": [{"var": "field.to"}, ["Lima", "Oslo"]]}}
    s = situation(chain(abroad, LINE), to="Lima")
    assert "because to is one of Lima, Oslo" in judge(s).asked[0].why
    assert people(situation(chain(abroad, LINE), to="Home")) == ["ada"]


def test_a_condition_that_cannot_be_read_is_refused_with_its_step() -> None:
    with pytest.raises(BadChain, match="condition of desk"):
        chain({**DESK, "when": {"no_such_operator": [1]}})


@pytest.mark.parametrize(("by", "asked"), [("ben", ["ada"]), ("ada", ["dov"]), ("dov", ["hana"])])
def test_a_manager_is_the_lead_then_the_head_then_another_head(by: str, asked: list[str]) -> None:
    assert people(situation(chain(LINE), by=by)) == asked


def test_nobody_is_asked_for_their_own_even_as_a_holder_of_the_role() -> None:
    s = situation(chain(EVERY), by="eve")
    assert people(s) == ["finn", "gus"]
    assert "their own" in attempt(s, "eve", YES)[1]


def test_duties_are_kept_apart() -> None:
    second = {"step": "second", "ask": "role:administration", "not_who_answered": ["desk"]}
    assert people(after(situation(chain(DESK, second)), ("eve", YES))) == ["finn", "gus"]


@pytest.mark.parametrize(
    ("delegates", "asked", "says"),
    [
        ({"ada": "hana"}, "hana", "for Ada"),
        ({"ada": "hana", "hana": "gus"}, "gus", "for Ada"),
        ({"ada": "hana", "hana": "ada"}, "ada", "round in a circle"),
        ({"ada": "hana", "hana": "gus", "gus": "hana"}, "ada", "round in a circle"),
        ({"ada": "ben"}, "ada", "Ben may not answer this request"),
        ({"ada": "hana", "hana": "ben"}, "hana", "Ben may not answer this request"),
        ({"ada": "nobody"}, "ada", "may not answer"),
    ],
)
def test_delegations_are_followed_but_never_to_who_asks(
    delegates: dict[str, str], asked: str, says: str
) -> None:
    standing = judge(situation(chain(LINE), org(delegates=delegates)))
    assert [a.person for a in standing.asked] == [asked]
    assert says in standing.asked[0].why


def test_a_delegate_fills_no_second_seat_of_a_quorum() -> None:
    s = situation(chain(TWO), org(delegates={"eve": "finn", "gus": "finn"}))
    assert people(s) == ["eve", "finn", "gus"]
    assert judge(after(s, ("finn", YES))).status is Status.OPEN


def test_somebody_away_is_covered_by_their_manager_and_only_when_needed() -> None:
    away = org(away=frozenset({"ada"}))
    assert people(situation(chain(LINE), away)) == ["dov"]
    assert people(situation(chain(DESK), org(away=frozenset({"eve"})))) == ["eve", "finn", "gus"]


def test_a_request_is_handed_on_for_once() -> None:
    s = after(situation(chain(LINE)), ("ada", ActKind.DELEGATED, "hana"))
    assert people(s) == ["hana"]
    assert (
        "nobody approves their own" in attempt(situation(chain(LINE)), "ada", ActKind.DELEGATED, to="ben")[1]
    )
    assert people(after(s, ("hana", ActKind.DELEGATED, "ada"))) == ["ada"]


def test_a_return_asks_its_author_and_every_answer_is_given_again() -> None:
    s = after(situation(chain(DESK, LINE)), ("eve", YES), ("ada", BACK))
    assert (judge(s).status, people(s)) == (Status.RETURNED, ["ben"])
    assert "not asked" in attempt(s, "ada", YES)[1] or "returned" in attempt(s, "ada", YES)[1]
    s = after(s, ("ben", ActKind.RESUBMITTED))
    assert (judge(s).round, people(s)) == (2, ["eve", "finn", "gus"])


def test_a_decline_ends_it_and_a_cancel_takes_an_approval_back() -> None:
    assert judge(after(situation(chain(DESK)), ("eve", NO))).status is Status.DECLINED
    approved = after(situation(chain(LINE)), ("ada", YES))
    assert judge(after(approved, ("ben", ActKind.CANCELLED))).status is Status.CANCELLED
    assert "Only the person who asked" in attempt(approved, "gus", ActKind.CANCELLED)[1]


def test_a_quorum_that_too_few_can_give_asks_the_escalation_too_and_else_is_stuck() -> None:
    four = {**DESK, "needs": 4}
    assert people(situation(chain(four))) == ["dov", "eve", "finn", "gus"]
    assert judge(situation(chain({**DESK, "needs": 5}))).stuck == ("desk",)


@pytest.mark.parametrize(
    "steps",
    [
        [],
        [DESK, DESK],
        [{**DESK, "needs": 0}],
        [{**DESK, "ask": "anyone"}],
        [{**DESK, "not_who_answered": ["x"]}],
    ],
)
def test_a_chain_that_makes_no_sense_is_refused(steps: list[dict[str, object]]) -> None:
    with pytest.raises(BadChain):
        chain(*steps)
