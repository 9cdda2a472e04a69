"""Rollouts: frozen rows out."""

from __future__ import annotations

from companyos.adoption.rollouts.queries.board import board
from companyos.adoption.rollouts.queries.checkpoints import checkpoints
from companyos.adoption.rollouts.queries.current import current
from companyos.adoption.rollouts.queries.draws import StageDraw, stage_draws
from companyos.adoption.rollouts.queries.entered import Entered, attempts_at, entered_since
from companyos.adoption.rollouts.queries.fix_list import fix_list
from companyos.adoption.rollouts.queries.foretold import foretold
from companyos.adoption.rollouts.queries.heads_up import (
    AttemptNow,
    StageToCome,
    attempts,
    first_stage,
    stages_to_come,
)
from companyos.adoption.rollouts.queries.plan_checks import plan_check
from companyos.adoption.rollouts.queries.policies import (
    Holding,
    exemptions,
    exemptions_asked,
    frozen,
    holding,
    open_sev1,
    passes_in_a_row,
)
from companyos.adoption.rollouts.queries.replays import replay_all, replay_of
from companyos.adoption.rollouts.queries.report import final_state, readiness, report
from companyos.adoption.rollouts.queries.situation import situation_of
from companyos.adoption.rollouts.queries.stage_turns import TurnRow, stage_turns
from companyos.adoption.rollouts.queries.stages import joining_at
from companyos.adoption.rollouts.queries.state import (
    State,
    latest_gates,
    plan_of,
    plans,
    production_since,
    running,
    state,
    version_of,
    where,
)
from companyos.adoption.rollouts.queries.trail import decision_found, evidence_found

__all__ = [
    "AttemptNow",
    "Entered",
    "Holding",
    "StageDraw",
    "StageToCome",
    "State",
    "TurnRow",
    "attempts",
    "attempts_at",
    "board",
    "checkpoints",
    "current",
    "decision_found",
    "entered_since",
    "evidence_found",
    "exemptions",
    "exemptions_asked",
    "final_state",
    "first_stage",
    "fix_list",
    "foretold",
    "frozen",
    "holding",
    "joining_at",
    "latest_gates",
    "open_sev1",
    "passes_in_a_row",
    "plan_check",
    "plan_of",
    "plans",
    "production_since",
    "readiness",
    "replay_all",
    "replay_of",
    "report",
    "running",
    "situation_of",
    "stage_draws",
    "stage_turns",
    "stages_to_come",
    "state",
    "version_of",
    "where",
]
