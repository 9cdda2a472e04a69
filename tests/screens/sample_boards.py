"""The rollout board in five situations."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from companyos.adoption.rollouts.domain.board import AskedOfPeople, Board, Propagation, Reading
from companyos.adoption.rollouts.domain.types import StageState, Status, Verdict
from screens.sample_gates import BLIND, COMPLETION, CSAT, DRILL, ERRORS, INCIDENTS, LATENCY, NOW, ago, history
from screens.sample_parts import (
    ADVANCED,
    EXPAND,
    EXPANDED,
    FINISHED,
    GA,
    HARDEN,
    HELD,
    PILOT,
    PILOT_DONE,
    PREP,
    STARTED,
    TAKEN_BACK,
    TASKS,
    controls,
)

GREEN = Board(
    plan="unified-approvals",
    title="Unified Approvals",
    feature="unified-approvals",
    feature_state="rolling_out",
    owner="Ana Ruiz",
    lead="People Ops",
    flag="approvals.unified",
    status=Status.ACTIVE,
    version=7,
    started_at=ago(days=8),
    planned_internal_ga=datetime(2026, 12, 14, tzinfo=UTC),
    headline="Pilot is going well",
    because="4 of 7 gates passed. 3 need more evidence; the earliest answer is in about 9 h.",
    rule="waiting_for_evidence_stays",
    decided_at=ago(minutes=1),
    stage="pilot",
    stages=(PREP, PILOT, EXPAND, HARDEN, GA),
    gates=(ERRORS, LATENCY, COMPLETION, CSAT, INCIDENTS, DRILL, BLIND),
    tasks=TASKS,
    decisions=(ADVANCED, STARTED),
    controls=controls(resume="It is not paused.", advance="3 of 7 gates still need evidence."),
    propagation=Propagation(41, 31, 12, 12, 0.6),
    checked_at=ago(seconds=20),
    now=NOW,
    asked=(
        AskedOfPeople(
            "01a1bf89-2a80-7875-95a7-f1c403d850a2",
            "Leaving Pilot",
            "declined",
            "declined by Zeynep Yılmaz: no drill yet",
            (),
            ago(hours=3),
            may_be_asked_again=True,
        ),
        AskedOfPeople(
            "01a1bf89-2a80-7875-95a7-f1c403d850a3",
            "Passing over Publish the runbook: it is in review",
            "open",
            "A second person has 0 of 1 answers",
            ("Kenji Fujimori",),
            ago(hours=1),
        ),
    ),
)

BREACH = replace(
    ERRORS,
    gate=replace(
        ERRORS.gate,
        verdict=Verdict.FAILED,
        because="12.2 % of sessions failed in Support: surely above 2 %",
        value=0.122,
        low=0.046,
        high=0.241,
        limit=0.02,
        n=41,
    ),
    history=(
        *history(0.004, 0.006, 0.004, 20)[:-1],
        Reading(ago(minutes=4), 0.06, 0.016, 0.15),
        Reading(ago(minutes=2), 0.122, 0.046, 0.241),
    ),
)
BACK = replace(
    GREEN,
    status=Status.ROLLED_BACK,
    version=9,
    headline="Expand was taken back",
    because=TAKEN_BACK.because,
    rule=TAKEN_BACK.rule,
    decided_at=TAKEN_BACK.at,
    stage="expand",
    stages=(
        PREP,
        PILOT_DONE,
        replace(
            EXPAND,
            state=StageState.ROLLED_BACK,
            words="Taken back",
            gates_passed=3,
            time_in_stage="1 d 02 h",
            entered_at=ago(hours=26),
            is_current=True,
            attempt=2,
        ),
        HARDEN,
        GA,
    ),
    gates=(BREACH, LATENCY, COMPLETION, INCIDENTS),
    tasks=(),
    decisions=(TAKEN_BACK, EXPANDED, ADVANCED, STARTED),
    controls=controls(
        roll_back="It is already taken back.", pause="Nothing is running.", advance="Resume it first."
    ),
    propagation=Propagation(44, 31, 12, 12, 0.8),
)

_DOUBT = replace(
    COMPLETION,
    gate=replace(
        COMPLETION.gate,
        verdict=Verdict.INCONCLUSIVE,
        value=0.712,
        low=0.659,
        high=0.76,
        n=318,
        because="71.2 % may lie on either side of 75 %, and the time is over",
    ),
    history=history(0.74, 0.712, 0.05, 48),
)
PAUSED = replace(
    BACK,
    status=Status.PAUSED,
    headline="Expand is paused: the evidence does not decide",
    because=HELD.because,
    rule=HELD.rule,
    decided_at=HELD.at,
    stages=(
        PREP,
        PILOT_DONE,
        replace(
            EXPAND,
            state=StageState.ACTIVE,
            words="Paused by a gate",
            gates_passed=4,
            time_in_stage="2 d 01 h of 2 d",
            entered_at=ago(hours=49),
            is_current=True,
        ),
        HARDEN,
        GA,
    ),
    gates=(ERRORS, LATENCY, _DOUBT, CSAT, INCIDENTS),
    tasks=TASKS,
    decisions=(HELD, EXPANDED, ADVANCED, STARTED),
    controls=controls(pause="It is already paused.", advance="Task completion is inconclusive."),
    propagation=Propagation(42, 64, 12, 9, None),
)

_OVER = "The rollout is complete."
DONE = replace(
    GREEN,
    status=Status.COMPLETED,
    headline="Internal GA",
    because=FINISHED.because,
    rule=FINISHED.rule,
    decided_at=FINISHED.at,
    stage="",
    stages=tuple(
        replace(
            row,
            state=StageState.PASSED,
            words="Passed",
            gates_passed=row.gates_total,
            time_in_stage="5 d 01 h",
            entered_at=ago(days=9 - i),
            is_current=False,
        )
        for i, row in enumerate((PREP, PILOT, EXPAND, HARDEN, GA))
    ),
    gates=(),
    tasks=(),
    decisions=(FINISHED, EXPANDED, ADVANCED, STARTED),
    controls=controls(roll_back=_OVER, pause=_OVER, resume=_OVER, advance=_OVER),
    propagation=Propagation(52, 214, 12, 12, 0.7),
)
EMPTY = replace(
    GREEN,
    status=Status.PLANNED,
    headline="Planned",
    because="Waits for the entry criteria.",
    rule="",
    decided_at=None,
    started_at=None,
    planned_internal_ga=None,
    stage="",
    stages=(EXPAND,),
    gates=(),
    tasks=(),
    decisions=(),
    controls=(),
    propagation=None,
    checked_at=None,
)
BOARDS = {"green": GREEN, "taken-back": BACK, "paused": PAUSED, "completed": DONE, "planned": EMPTY}
