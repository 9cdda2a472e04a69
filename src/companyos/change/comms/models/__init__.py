"""What people were told, and what they did with it."""

from __future__ import annotations

from companyos.change.comms.models.banners import Banner, BannerSeen
from companyos.change.comms.models.heads_ups import ChangeMade, HeadsUp, TellingRule
from companyos.change.comms.models.notices import Notice, Reader
from companyos.change.comms.models.release_notes import ReleaseNote, ReleaseNoteVersion

__all__ = [
    "Banner",
    "BannerSeen",
    "ChangeMade",
    "HeadsUp",
    "Notice",
    "Reader",
    "ReleaseNote",
    "ReleaseNoteVersion",
    "TellingRule",
]
