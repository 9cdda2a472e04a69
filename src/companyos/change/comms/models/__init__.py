"""What people were told, and what they did with it."""

from __future__ import annotations

from companyos.change.comms.models.heads_ups import ChangeMade, HeadsUp, TellingRule
from companyos.change.comms.models.notices import Notice, Reader

__all__ = ["ChangeMade", "HeadsUp", "Notice", "Reader", "TellingRule"]
