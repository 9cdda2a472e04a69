"""The only writers of rollouts."""

from __future__ import annotations

from companyos.adoption.rollouts.actions.agreements import note_not_done
from companyos.adoption.rollouts.actions.by_request import (
    approve,
    ask_again,
    ask_for_approval,
    hear_of_request,
)
from companyos.adoption.rollouts.actions.checkpoints import note_checkpoint
from companyos.adoption.rollouts.actions.exemptions import ask_exemption, grant_exemption
from companyos.adoption.rollouts.actions.forecasts import keep_forecast, score_forecast
from companyos.adoption.rollouts.actions.move import move, person_moves
from companyos.adoption.rollouts.actions.plans import keep_rollout, may_act
from companyos.adoption.rollouts.actions.readings import Readings, note_propagation, record_many
from companyos.adoption.rollouts.actions.refusals import Asked, NoSuch, NotYours, Overtaken, Refused
from companyos.adoption.rollouts.actions.step import Judged
from companyos.adoption.rollouts.actions.stops import freeze, lift_freeze, stop_all
from companyos.adoption.rollouts.actions.turns import end_reverse, turn_day
from companyos.adoption.rollouts.actions.words import do_task, record_fix

CONTROLLER = "controller"

__all__ = [
    "CONTROLLER",
    "Asked",
    "Judged",
    "NoSuch",
    "NotYours",
    "Overtaken",
    "Readings",
    "Refused",
    "approve",
    "ask_again",
    "ask_exemption",
    "ask_for_approval",
    "do_task",
    "end_reverse",
    "freeze",
    "grant_exemption",
    "hear_of_request",
    "keep_forecast",
    "keep_rollout",
    "lift_freeze",
    "may_act",
    "move",
    "note_checkpoint",
    "note_not_done",
    "note_propagation",
    "person_moves",
    "record_fix",
    "record_many",
    "record_readings",
    "score_forecast",
    "stop_all",
    "turn_day",
]
