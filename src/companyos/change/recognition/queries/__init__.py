"""Recognition: frozen rows out."""

from __future__ import annotations

from companyos.change.recognition.queries.badges import (
    badges,
    credits_given,
    credits_of,
    find_badge,
    standings,
)
from companyos.change.recognition.queries.ledger import ledger, ledgers, may_set_budget, owners_of
from companyos.change.recognition.queries.spotlight import (
    current_vote,
    nominations_of,
    spotlight,
    spotlights,
    vote_about,
)
from companyos.change.recognition.queries.zone import company_zone

__all__ = [
    "badges", "company_zone", "credits_given", "credits_of", "current_vote", "find_badge", "ledger", "ledgers",
    "may_set_budget", "nominations_of", "owners_of", "spotlight", "spotlights", "standings", "vote_about",
]  # fmt: skip
