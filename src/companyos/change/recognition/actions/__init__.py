"""The only writers of badges, credits, spotlights and the swag budget."""

from __future__ import annotations

from companyos.change.recognition.actions.badges import judge_teams, may_revoke, revoke
from companyos.change.recognition.actions.credits import give_credits
from companyos.change.recognition.actions.erasing import forget
from companyos.change.recognition.actions.ledger import claim, decide, set_budget, spend
from companyos.change.recognition.actions.refusals import NoSuch, NotYours, Refused
from companyos.change.recognition.actions.spotlight import close_due, vote

__all__ = [
    "NoSuch", "NotYours", "Refused", "claim", "close_due", "decide", "forget", "give_credits", "judge_teams",
    "may_revoke", "revoke", "set_budget", "spend", "vote",
]  # fmt: skip
