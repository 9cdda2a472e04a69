"""Freezes, the emergency stop and exemptions as they are stored: who may, what they hold, that each ends."""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from companyos.adoption.flags import queries as flag_queries
from companyos.adoption.rollouts import actions, queries
from companyos.adoption.rollouts.domain.plan import Reach
from companyos.adoption.rollouts.domain.types import Move, Status
from companyos.adoption.rollouts.queries.foretold import unscored
from companyos.platform.models import OutboxMessage
from companyos.surfaces.program.apply import apply
from companyos.surfaces.program.load import load_program
from end_to_end.hearing import hear_what_was_decided

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
    assert queries.exemptions(PLAN, "prep", 1, NOW) == {}, "it holds when the request's event arrives"
    hear_what_was_decided(NOW)
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


def test_a_day_has_one_checkpoint_and_a_correction_keeps_the_first_R137(rollout: str) -> None:
    told: dict[str, object] = {
        "actor": LEAD,
        "plan": PLAN,
        "calendar": calendar(),
        "diffs": "",
        "blockers": "",
    }

    def hold(status: str, *, go: bool = True, now: datetime = NOW, **other: object) -> None:
        actions.note_checkpoint(**{**told, "status": status, "go": go, "now": now, **other})  # type: ignore[arg-type]

    hold("two of eight have tried it")
    hold("three of eight", go=False, blockers="the export fails", now=NOW + timedelta(hours=1))
    seen = queries.checkpoints(PLAN, calendar=calendar(), now=NOW + timedelta(days=2))  # type: ignore[arg-type]
    assert seen is not None
    assert [(each.status, each.go, each.corrected) for each in seen.held] == [("three of eight", False, 1)]
    assert (len(seen.missed), seen.today) == (1, False)
    for refused, says in (
        ({"status": " "}, "Say how it stands"),
        ({"status": "x", "go": False}, "names its blocker"),
        ({"status": "x", "now": NOW + timedelta(days=5)}, "Nobody works"),
        ({"status": "x", "actor": "boyu-shen"}, "Only the plan's lead"),
    ):
        with pytest.raises(actions.Refused, match=says):
            hold(**refused)  # type: ignore[arg-type]


def test_the_fast_track_takes_everything_back_and_the_matrix_of_the_plan_does_not_hold_it(
    rollout: str,
) -> None:
    _person(Move.ADVANCE, calendar())
    version = queries.version_of(PLAN)
    assert version is not None
    actions.person_moves(
        actor=GRC, plan=PLAN, wanted=Move.ROLL_BACK, reason="a leak", version=version,
        judged=actions.Judged(), calendar=calendar(), now=NOW, reach=Reach.EVERYTHING,  # type: ignore[arg-type]
    )  # fmt: skip
    assert flag_queries.cohort_of("approvals.unified") == {}


def test_the_board_offers_the_fast_track_to_those_who_may_where_it_is_more_than_a_stage(rollout: str) -> None:
    def offered(viewer: str) -> list[tuple[str, int]]:
        board = queries.board(PLAN, viewer=viewer, now=NOW)
        assert board is not None
        return [(each.action, each.people) for each in board.controls if each.action == "roll_back_all"]

    assert offered(LEAD) == []
    _person(Move.ADVANCE, calendar())
    assert offered(LEAD) == [("roll_back_all", 29)]
    assert offered("boyu-shen") == []


def test_a_move_that_comes_late_says_which_stages_begin_later_R150(rollout: str) -> None:
    _person(Move.ADVANCE, calendar(), now=NOW + timedelta(days=15))
    said = OutboxMessage.objects.filter(topic="rollout.replanned").last()
    assert said is not None
    assert {each["stage"] for each in said.body["stages"]} >= {"expand", "harden"}
    assert all(each["late"] > 0 for each in said.body["stages"])


def test_a_forecast_is_kept_once_and_scored_once(rollout: str) -> None:
    for draws in ([1.0, 2.0, 3.0], [9.0]):
        actions.keep_forecast(
            plan=PLAN,
            stage="prep",
            attempt=1,
            measure="error-sessions",
            days=5,
            draws=draws,
            basis={},
            now=NOW,
        )
    (open_one,) = unscored(PLAN)
    for outcome in (2.0, 3.0):
        actions.score_forecast(forecast_id=open_one.id, outcome=outcome, now=LATER)
    (seen,) = queries.foretold(PLAN)
    assert (seen.value, seen.outcome) == (2.0, 2.0)
    assert seen.pit is not None
    assert 1 / 3 <= seen.pit <= 2 / 3
    assert "not yet checked" in seen.says
    assert unscored(PLAN) == ()
