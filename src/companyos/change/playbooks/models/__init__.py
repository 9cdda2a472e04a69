"""Playbooks in their versions, drills with what was done in them, and support packs."""

from __future__ import annotations

from companyos.change.playbooks.models.drills import Drill, DrillFinding, DrillRole, DrillTick
from companyos.change.playbooks.models.library import PlaybookVersion, SupportItem

__all__ = ["Drill", "DrillFinding", "DrillRole", "DrillTick", "PlaybookVersion", "SupportItem"]
