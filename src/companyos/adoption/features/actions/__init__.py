"""The only writers of features. One file per subject."""

from __future__ import annotations

from companyos.adoption.features.actions.by_request import hear_of_request
from companyos.adoption.features.actions.directory import keep_area, keep_feature, new_version
from companyos.adoption.features.actions.documents import (
    drop_document,
    keep_documents,
    keep_look,
    name_document,
)
from companyos.adoption.features.actions.exemptions import ask_exemption, grant_exemption
from companyos.adoption.features.actions.intake import (
    NotTakenIn,
    Proposal,
    document_from,
    keep_intake,
    problems_with,
    take_in,
    why_not_a_document,
)
from companyos.adoption.features.actions.meetings import certify, open_meeting, sign_off
from companyos.adoption.features.actions.plans import approve_plan
from companyos.adoption.features.actions.recompute import look_at, recompute
from companyos.adoption.features.actions.refusals import Malformed, NoSuch, NotYours, Refused
from companyos.adoption.features.actions.registers import keep_elsewhere, keep_processes, keep_surfaces
from companyos.adoption.features.actions.sizes import change_size
from companyos.adoption.features.actions.states import move_to, person_moves
from companyos.adoption.features.actions.templates import change_definition, keep_definition, keep_scorecard
from companyos.adoption.features.actions.words import attest
from companyos.adoption.features.actions.work import keep_work

__all__ = [
    "Malformed",
    "NoSuch",
    "NotTakenIn",
    "NotYours",
    "Proposal",
    "Refused",
    "approve_plan",
    "ask_exemption",
    "attest",
    "certify",
    "change_definition",
    "change_size",
    "document_from",
    "drop_document",
    "grant_exemption",
    "hear_of_request",
    "keep_area",
    "keep_definition",
    "keep_documents",
    "keep_elsewhere",
    "keep_feature",
    "keep_intake",
    "keep_look",
    "keep_processes",
    "keep_scorecard",
    "keep_surfaces",
    "keep_work",
    "look_at",
    "move_to",
    "name_document",
    "new_version",
    "open_meeting",
    "person_moves",
    "problems_with",
    "recompute",
    "sign_off",
    "take_in",
    "why_not_a_document",
]
