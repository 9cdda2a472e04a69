"""Freezes, the emergency stop and exemptions as they are stored: who may, what they hold, that each ends."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from companyos.adoption.rollouts import actions, queries
from companyos.adoption.rollouts.domain.types import Move, Status
from companyos.platform.models import OutboxMessage
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program

PROGRAM = Path(__file__).parents[3] / "program"
NOW = datetime(2026, 11, 9, 9, tzinfo=UTC)
LATER = NOW + timedelta(days=3)
LEAD, SQUAD, GRC = "ana-ruiz", "maelle-girard", "zeynep-yilmaz"
PLAN = "unified-approvals"
GATE = "publish-runbook-done"


@pytest.fixture
def rollout(db: None, tmp_path: Path) -> str:
    """A rollout in Prep, one of whose gates two roles may pass over."""
    folder = tmp_path / "program"
    shutil.copytree(PROGRAM, folder)
    plan = folder / "plans" / f"{PLAN}.yaml"
    plain = f"name: {GATE}, "
    assert plain in plan.read_text()
    plan.write_text(plan.read_text().replace(plain, f"{plain}overrides: [program_lead, grc], ", 1))
    program = load_program(folder)
    apply(program, now=NOW)
    _person(Move.START, program.company.calendar)
    return PLAN


def _person(move: Move, calendar: object, *, now: datetime = NOW) -> None:
    version = queries.version_of(PLAN)
    assert version is not None
    actions.person_moves(
        actor=LEAD,
        plan=PLAN,
        wanted=move,
        reason="as planned",
        version=version,
        judged=actions.Judged(),
        calendar=calendar,  # type: ignore[arg-type]
        now=now,
    )


def calendar() -> object:
    return load_program(PROGRAM).company.calendar


def test_a_freeze_holds_for_its_time_and_may_be_lifted(rollout: str) -> None:
    freeze = actions.freeze(actor=LEAD, because="quarter end", since=NOW, until=LATER, now=NOW)
    assert "quarter end" in queries.frozen(NOW)
    assert queries.frozen(LATER) == ""
    with pytest.raises(actions.Refused, match="frozen: until"):
        _person(Move.ADVANCE, calendar())
    actions.lift_freeze(actor=GRC, freeze_id=freeze, now=NOW + timedelta(hours=1))
    assert queries.frozen(NOW + timedelta(hours=1)) == ""
    with pytest.raises(actions.NoSuch):
        actions.lift_freeze(actor=GRC, freeze_id=freeze, now=NOW + timedelta(hours=2))


def test_during_a_freeze_taking_back_stays_possible(rollout: str) -> None:
    actions.freeze(actor=LEAD, because="quarter end", since=NOW, until=LATER, now=NOW)
    _person(Move.ROLL_BACK, calendar())
    state = queries.state(PLAN)
    assert state is not None
    assert state.status is Status.ROLLED_BACK
    with pytest.raises(actions.Refused, match="nothing new"):
        _person(Move.RESUME, calendar())


def test_the_emergency_stop_pauses_what_is_active_and_only_people_resume_it(rollout: str) -> None:
    stopped = actions.stop_all(actor=GRC, because="incident 7", calendar=calendar(), now=NOW)  # type: ignore[arg-type]
    assert stopped == (PLAN,)
    state = queries.state(PLAN)
    assert state is not None
    assert (state.status, state.paused_by) == (Status.PAUSED, GRC)
    again = actions.stop_all(actor=GRC, because="incident 7", calendar=calendar(), now=NOW)  # type: ignore[arg-type]
    assert again == ()
    _person(Move.RESUME, calendar())


@pytest.mark.parametrize(
    ("actor", "because", "until", "refusal"),
    [
        ("boyu-shen", "because", LATER, actions.NotYours),
        (LEAD, " ", LATER, actions.Refused),
        (LEAD, "because", NOW, actions.Refused),
    ],
)
def test_a_freeze_that_cannot_be_is_refused(
    rollout: str, actor: str, because: str, until: datetime, refusal: type[Exception]
) -> None:
    with pytest.raises(refusal):
        actions.freeze(actor=actor, because=because, since=NOW, until=until, now=NOW)
    assert queries.frozen(NOW) == ""


def test_two_people_pass_over_a_gate_for_a_while(rollout: str) -> None:
    asked = actions.ask_exemption(
        actor=LEAD, plan=PLAN, gate=GATE, because="the runbook is in review", until=LATER, now=NOW
    )
    assert queries.exemptions(PLAN, "prep", 1, NOW) == {}
    with pytest.raises(actions.NotYours, match="Somebody else"):
        actions.grant_exemption(actor=LEAD, plan=PLAN, exemption_id=asked, now=NOW)
    with pytest.raises(actions.NotYours, match="Only program lead and grc"):
        actions.grant_exemption(actor=SQUAD, plan=PLAN, exemption_id=asked, now=NOW)
    actions.grant_exemption(actor=GRC, plan=PLAN, exemption_id=asked, now=NOW)
    held = queries.exemptions(PLAN, "prep", 1, NOW)
    assert "the runbook is in review" in held[GATE]
    assert queries.exemptions(PLAN, "prep", 1, LATER) == {}
    assert queries.exemptions(PLAN, "prep", 2, NOW) == {}  # a new attempt needs its own
    topics = set(OutboxMessage.objects.values_list("topic", flat=True))
    assert {"rollout.exemption_asked", "rollout.exemption_granted"} <= topics


@pytest.mark.parametrize(
    ("gate", "until", "says"),
    [
        ("settled", LATER, "Nobody may pass over"),
        ("no-such-gate", LATER, "has no gate"),
        (GATE, NOW + timedelta(days=31), "within 30 days"),
        (GATE, NOW, "after now"),
    ],
)
def test_an_exemption_that_cannot_be_is_refused(rollout: str, gate: str, until: datetime, says: str) -> None:
    with pytest.raises(actions.Refused, match=says):
        actions.ask_exemption(actor=LEAD, plan=PLAN, gate=gate, because="x", until=until, now=NOW)
