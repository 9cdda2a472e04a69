"""The only writers of sessions."""

from __future__ import annotations

from companyos.change.sessions.actions.asking import answer, ask
from companyos.change.sessions.actions.erasing import forget
from companyos.change.sessions.actions.feeds import feed_key, person_of_feed, renew_feed
from companyos.change.sessions.actions.holding import add_material, hold, note_attendance, sign_in, waive
from companyos.change.sessions.actions.moving import call_off, hand_over, move
from companyos.change.sessions.actions.planning import PLANNER, plan
from companyos.change.sessions.actions.refusals import NoSuch, NotYours, Refused, Unsaid

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
