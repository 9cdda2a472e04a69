"""Sessions: frozen rows out."""

from __future__ import annotations

from companyos.change.sessions.queries.hours import filed_in, yield_of_hour
from companyos.change.sessions.queries.rights import may_host, may_waive
from companyos.change.sessions.queries.sessions import (
    asked,
    attended,
    changes,
    find,
    how_many_attended,
    invited,
    latest_begun,
    material,
    of_stage,
    open_of_rollouts,
    past,
    sessions,
    sessions_of,
)

__all__ = [
    "asked",
    "attended",
    "changes",
    "filed_in",
    "find",
    "how_many_attended",
    "invited",
    "latest_begun",
    "material",
    "may_host",
    "may_waive",
    "of_stage",
    "open_of_rollouts",
    "past",
    "sessions",
    "sessions_of",
    "yield_of_hour",
]
