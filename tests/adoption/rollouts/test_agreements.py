"""What the gates do not carry is never one person's word: others agree in a request, then it is done (R58, R118)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest

from adoption.rollouts.test_by_request import GRC, LEAD, NOW, PLAN, PROGRAM, SQUAD, prep  # noqa: F401 a fixture
from companyos.adoption.rollouts import actions, queries
from companyos.adoption.rollouts import jobs as rollout_jobs
from companyos.adoption.rollouts.domain.agreements import about_move, agreement_for
from companyos.adoption.rollouts.domain.decide import Situation
from companyos.adoption.rollouts.domain.plan import NoShadow, Plan
from companyos.adoption.rollouts.domain.types import Gate, Move, Status, Verdict
from companyos.adoption.rollouts.queries.stage_approvals import asked_of_people
from companyos.platform.instance import instance
from companyos.surfaces.program.load import load_program
from companyos.work.approvals import actions as approvals
from companyos.work.approvals import queries as requests
from companyos.work.approvals.domain.types import Status as RequestStatus
from end_to_end.hearing import hear_what_was_decided

PASSED = Gate("completion", Verdict.PASSED, "97 % of 400")
PENDING = Gate("csat", Verdict.PENDING, "9 of 20 answers", title="Satisfaction")
DOUBT = Gate("mismatch", Verdict.INCONCLUSIVE, "time over")
EXEMPT = replace(PENDING, exempt="passed over by two")


@pytest.fixture(scope="module")
def plan() -> Plan:
    return next(each for each in load_program(PROGRAM).plans if each.slug == PLAN)


def situation(*gates: Gate) -> Situation:
    return Situation(Status.ACTIVE, "prep", False, gates)


@pytest.mark.parametrize(
    ("wanted", "gates", "passes"),
    [
        (Move.ADVANCE, (PASSED,), None),
        (Move.ADVANCE, (PASSED, EXEMPT), None),
        (Move.ADVANCE, (), None),
        (Move.ADVANCE, (PASSED, PENDING), {"csat"}),
        (Move.ADVANCE, (PENDING, DOUBT), {"csat", "mismatch"}),
        (Move.PAUSE, (PENDING,), None),
        (Move.ROLL_BACK, (PENDING,), None),
        (Move.RESUME, (DOUBT,), None),
        (Move.START, (), None),
    ],
)
def test_only_a_move_past_open_gates_is_agreed_to(
    plan: Plan, wanted: Move, gates: tuple[Gate, ...], passes: set[str] | None
) -> None:
    needed = agreement_for(LEAD, wanted, situation(*gates), plan)
    assert (needed.passes if needed else None) == passes
    if needed:
        assert LEAD not in needed.people, "nobody agrees with themselves"
        assert GRC in needed.people
        assert needed.is_covered_by({"csat", "mismatch"}) and not needed.is_covered_by(())


def test_starting_without_a_shadow_asks_the_two_whom_the_plan_names(plan: Plan) -> None:
    bare = replace(plan, without_shadow=NoShadow((GRC, SQUAD), "the old path cannot be copied", "2027-01-31"))
    needed = agreement_for(LEAD, Move.START, situation(), bare)
    assert needed
    assert (needed.people, needed.all_of_them) == ({GRC, SQUAD}, True)
    assert agreement_for(LEAD, Move.ADVANCE, situation(PASSED), bare) is None
    mine = agreement_for(GRC, Move.START, situation(), bare)
    assert mine and mine.people == {SQUAD}, "whoever asks has said so by asking"


class OneGate:
    """A controller that judges what the test says, and moves as the real one does."""

    gates: tuple[Gate, ...] = (PASSED, PENDING)

    def person_moves(self, **told: Any) -> None:
        actions.person_moves(**told, judged=actions.Judged(gates=self.gates), calendar=instance().calendar)


@pytest.fixture
def controller(prep: None) -> Iterator[OneGate]:  # noqa: F811
    before, fake = list(rollout_jobs._current), OneGate()
    rollout_jobs._current[:] = [fake]  # type: ignore[list-item]
    yield fake
    rollout_jobs._current[:] = before


def advance(controller: OneGate, actor: str = LEAD, now: datetime = NOW) -> str:
    version = queries.version_of(PLAN)
    with pytest.raises(actions.Asked, match="Nothing has moved") as asked:
        controller.person_moves(
            actor=actor, plan=PLAN, wanted=Move.ADVANCE, reason="the quarter ends", version=version, now=now
        )
    return asked.value.request


def about() -> requests.RequestAbout:
    found = requests.request_about(about_move(PLAN, Move.ADVANCE, "prep", 1))
    assert found
    return found


def test_a_second_person_agrees_and_then_it_moves_under_one_trace(controller: OneGate) -> None:
    request = advance(controller)
    assert advance(controller) == request, "asked once"
    assert queries.where(PLAN) == ("prep", 1)
    assert LEAD not in about().asked
    assert "Satisfaction: pending, 9 of 20 answers" in about().fields["evidence"]
    with pytest.raises(approvals.Refused, match="their own"):
        approvals.approve(actor=LEAD, request=request, now=NOW)
    document = queries.plan_of(PLAN)
    assert document
    assert "past open gates" in asked_of_people(document, "prep", 1)[0].title
    approvals.approve(actor=GRC, request=request, now=NOW)
    for _ in range(2):
        hear_what_was_decided(NOW)
    moved = queries.where(PLAN)
    assert moved and moved[0] != "prep"
    assert about().status is RequestStatus.CARRIED_OUT
    said = queries.report(PLAN, now=NOW)["decisions"][-1]
    assert (said["actor"], said["because"]) == (LEAD, "the quarter ends (agreed to by Zeynep Yılmaz)")


def test_a_no_leaves_the_stage_and_what_was_agreed_holds_for_no_other_gate(controller: OneGate) -> None:
    first = advance(controller)
    approvals.decline(actor=GRC, request=first, note="wait for the answers", now=NOW)
    hear_what_was_decided(NOW)
    assert queries.where(PLAN) == ("prep", 1)
    second = advance(controller)
    assert second != first, "asking again is a request of its own"
    controller.gates = (PASSED, PENDING, DOUBT)  # since it was asked
    approvals.approve(actor=SQUAD, request=second, now=NOW)
    hear_what_was_decided(NOW)
    assert queries.where(PLAN) == ("prep", 1)
    assert about().id not in {first, second}, "the gate that opened meanwhile is asked about"
    notes = [act.note for act in requests.detail(second).acts]  # type: ignore[union-attr]
    assert any("Agreed, and not done: Nothing has moved" in note for note in notes)


def test_a_failed_gate_is_nobodys_to_agree_to(controller: OneGate) -> None:
    controller.gates = (replace(PENDING, verdict=Verdict.FAILED),)
    with pytest.raises(actions.Refused, match="a failed gate cannot be passed over"):
        controller.person_moves(
            actor=LEAD,
            plan=PLAN,
            wanted=Move.ADVANCE,
            reason="now",
            version=queries.version_of(PLAN),
            now=NOW,
        )
    assert requests.request_about(about_move(PLAN, Move.ADVANCE, "prep", 1)) is None
