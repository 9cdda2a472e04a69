"""Badges, credits, the spotlight and the swag budget."""

from __future__ import annotations

from companyos.change.recognition.models.badges import Badge, PilotCredit, Standing
from companyos.change.recognition.models.ledger import Claim, LedgerEntry, SwagBudget
from companyos.change.recognition.models.spotlight import Spotlight, SpotlightVote

__all__ = [
    "Badge", "Claim", "LedgerEntry", "PilotCredit", "Spotlight", "SpotlightVote", "Standing", "SwagBudget",
]  # fmt: skip
