"""Stages, decisions, tasks and controls for the sample screens."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from companyos.adoption.rollouts.domain.board import Control, DecisionRow, EvidenceLink, StageRow, TaskRow
from companyos.adoption.rollouts.domain.types import Move, StageState
from screens.sample_gates import SHA, ago


def stage(
    slug: str,
    title: str,
    tenants: str,
    who: str,
    people: int,
    state: StageState,
    words: str,
    gates: str,
    dwell: str,
    *,
    entered: datetime | None = None,
    left: datetime | None = None,
    is_current: bool = False,
    attempt: int = 1,
) -> StageRow:
    passed, total = (int(each) for each in gates.split("/"))
    return StageRow(
        slug,
        title,
        tuple(tenants.split(", ")),
        who,
        people,
        state,
        words,
        attempt,
        passed,
        total,
        dwell,
        entered,
        left,
        is_current,
    )


PREP = stage(
    "prep",
    "Prep",
    "Experimental / QA",
    "everyone",
    6,
    StageState.PASSED,
    "Passed",
    "4/4",
    "2 d 03 h",
    entered=ago(days=8),
    left=ago(days=6),
)
PILOT = stage(
    "pilot",
    "Pilot",
    "Engineering Quality",
    "Platform Engineering, People Ops",
    31,
    StageState.ACTIVE,
    "Active",
    "4/7",
    "1 d 07 h of 5 d",
    entered=ago(hours=31),
    is_current=True,
)
PILOT_DONE = replace(
    PILOT,
    state=StageState.PASSED,
    words="Passed",
    gates_passed=7,
    time_in_stage="5 d 01 h",
    entered_at=ago(days=6),
    left_at=ago(days=1),
    is_current=False,
)
EXPAND = stage(
    "expand", "Expand", "Go-to-Market", "Sales Ops, Support", 64, StageState.WAITING, "Next", "0/7", ""
)
HARDEN = stage("harden", "Harden", "Corporate Ops", "Finance", 22, StageState.WAITING, "Waiting", "0/5", "")
GA = stage(
    "internal-ga",
    "Internal GA",
    "Corporate Ops, Engineering Quality, Go-to-Market, Training, Experimental / QA",
    "everyone",
    214,
    StageState.WAITING,
    "Waiting",
    "0/3",
    "",
)

EVIDENCE = (EvidenceLink("error_rate", "ev-1", SHA), EvidenceLink("p95_latency", "ev-2", SHA))
STARTED = DecisionRow(
    "d1",
    ago(days=8),
    Move.START,
    "Prep started",
    "Ana Ruiz: entry criteria are met",
    "a_person_starts",
    "Ana Ruiz",
)
ADVANCED = DecisionRow(
    "d2",
    ago(hours=31),
    Move.ADVANCE,
    "Prep to Pilot",
    "All 4 gates passed after 2 d 03 h",
    "all_gates_passed_advances",
    "controller",
    EVIDENCE,
)
EXPANDED = DecisionRow(
    "d3",
    ago(hours=26),
    Move.ADVANCE,
    "Pilot to Expand",
    "All 7 gates passed after 5 d 01 h",
    "all_gates_passed_advances",
    "controller",
    EVIDENCE,
)
TAKEN_BACK = DecisionRow(
    "d4",
    ago(minutes=2),
    Move.ROLL_BACK,
    "Expand taken back",
    "Error rate: 5 of 41 sessions failed in Support, against 0 of 38 in its own baseline; limit 2 %",
    "a_breach_rolls_back",
    "guardrail",
    EVIDENCE[:1],
)
HELD = DecisionRow(
    "d5",
    ago(minutes=12),
    Move.PAUSE,
    "Expand paused",
    "Task completion: 71.2 % (65.9 % to 76.0 %) against 75 % after 2 d is inconclusive",
    "doubt_pauses",
    "controller",
    EVIDENCE[1:],
)
FINISHED = DecisionRow(
    "d6",
    ago(hours=3),
    Move.COMPLETE,
    "Internal GA reached",
    "All 3 gates passed in all five tenants",
    "the_last_stage_completes",
    "controller",
    EVIDENCE,
)

TASKS = (
    TaskRow(
        "approve-expense",
        "Approve three expense reports",
        "Finance",
        "every working day",
        14,
        ago(hours=3),
        "Li Wei",
    ),
    TaskRow("delegate", "Delegate approvals for a day off", "People Ops", "once in the stage", 0, None, ""),
)


def controls(**why_not: str) -> tuple[Control, ...]:
    known = (
        ("roll_back", "Take back…", 31),
        ("pause", "Pause…", 31),
        ("resume", "Resume…", 31),
        ("advance", "Advance to Expand…", 64),
    )
    return tuple(Control(a, label, a not in why_not, why_not.get(a, ""), n) for a, label, n in known)
