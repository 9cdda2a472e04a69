"""The only writers of playbooks, drills and support packs."""

from __future__ import annotations

from companyos.change.playbooks.actions.drills import add_finding, begin_drill, end_drill, tick_step
from companyos.change.playbooks.actions.erasing import forget
from companyos.change.playbooks.actions.library import keep_playbook, write_playbook
from companyos.change.playbooks.actions.packs import keep_item, review_item, take_out_item
from companyos.change.playbooks.actions.refusals import NoSuch, NotYours, Refused

__all__ = [
    "NoSuch",
    "NotYours",
    "Refused",
    "add_finding",
    "begin_drill",
    "end_drill",
    "forget",
    "keep_item",
    "keep_playbook",
    "review_item",
    "take_out_item",
    "tick_step",
    "write_playbook",
]
