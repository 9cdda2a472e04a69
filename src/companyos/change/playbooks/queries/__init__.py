"""Playbooks, drills and support packs: frozen rows out."""

from __future__ import annotations

from companyos.change.playbooks.queries.drills import drills, drills_of, find_drill, findings, ticks
from companyos.change.playbooks.queries.library import (
    find_playbook,
    may_practise,
    may_run,
    may_write,
    playbooks,
    versions,
)
from companyos.change.playbooks.queries.packs import find_item, items, support_pack, support_packs
from companyos.change.playbooks.queries.standing import counted, standing

__all__ = [
    "counted",
    "drills",
    "drills_of",
    "find_drill",
    "find_item",
    "find_playbook",
    "findings",
    "items",
    "may_practise",
    "may_run",
    "may_write",
    "playbooks",
    "standing",
    "support_pack",
    "support_packs",
    "ticks",
    "versions",
]
