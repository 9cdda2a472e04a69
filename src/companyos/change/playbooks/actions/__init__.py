"""The only writers of sessions."""

from __future__ import annotations

from companyos.change.playbooks.actions.asking import answer, ask
from companyos.change.playbooks.actions.erasing import forget
from companyos.change.playbooks.actions.feeds import feed_key, person_of_feed, renew_feed
from companyos.change.playbooks.actions.holding import add_material, hold, note_attendance, sign_in, waive
from companyos.change.playbooks.actions.moving import call_off, hand_over, move
from companyos.change.playbooks.actions.planning import PLANNER, plan
from companyos.change.playbooks.actions.refusals import NoSuch, NotYours, Refused, Unsaid

__all__ = [
    "PLANNER",
    "NoSuch",
    "NotYours",
    "Refused",
    "Unsaid",
    "add_material",
    "answer",
    "ask",
    "call_off",
    "feed_key",
    "forget",
    "hand_over",
    "hold",
    "move",
    "note_attendance",
    "person_of_feed",
    "plan",
    "renew_feed",
    "sign_in",
    "waive",
]
