"""The only writers of rollouts."""

from __future__ import annotations

from companyos.adoption.rollouts.actions.move import Judged, move, person_moves
from companyos.adoption.rollouts.actions.plans import keep_rollout, may_act
from companyos.adoption.rollouts.actions.readings import note_propagation, record_readings
from companyos.adoption.rollouts.actions.refusals import NotYours, Overtaken, Refused
from companyos.adoption.rollouts.actions.words import approve, do_task, record_fix

CONTROLLER = "controller"

__all__ = [
    "CONTROLLER",
    "Judged",
    "NotYours",
    "Overtaken",
    "Refused",
    "approve",
    "do_task",
    "keep_rollout",
    "may_act",
    "move",
    "note_propagation",
    "person_moves",
    "record_fix",
    "record_readings",
]
