"""Triage and duplicates: frozen rows out."""

from __future__ import annotations

from companyos.work.feedback.queries.reading import (
    judged_now,
    ownerships,
    squad_content_in_use,
    version_in_use,
)
from companyos.work.feedback.queries.rows import (
    answered_texts,
    open_suggestions,
    stored,
    suggestion_of,
    suggestions_since,
)
from companyos.work.feedback.queries.similar import forget_index, similar, take_in_new
from companyos.work.feedback.queries.versions import (
    latest_training,
    uses,
    version_row,
    versions,
    waiting_trainings,
    who_rolled_back,
)

__all__ = [
    "answered_texts",
    "forget_index",
    "judged_now",
    "latest_training",
    "open_suggestions",
    "ownerships",
    "similar",
    "squad_content_in_use",
    "stored",
    "suggestion_of",
    "suggestions_since",
    "take_in_new",
    "uses",
    "version_in_use",
    "version_row",
    "versions",
    "waiting_trainings",
    "who_rolled_back",
]
