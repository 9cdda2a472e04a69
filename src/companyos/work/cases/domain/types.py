"""Cases as other rooms see them, and the words of their history."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

SOFTWARE = "companyos"


class CaseType(StrEnum):
    """The types that the programme ships. Its files may add others."""

    BUG = "bug"
    FEEDBACK = "feedback"
    SUGGESTION = "suggestion"
    RFC = "rfc"
    INCIDENT = "incident"
    REVIEW = "review"
    REQUEST = "request"


class Severity(StrEnum):
    SEV1 = "sev1"
    SEV2 = "sev2"
    SEV3 = "sev3"
    SEV4 = "sev4"


class Phase(StrEnum):
    """What a state of any type means to the engine."""

    NEW = "new"
    ACCEPTED = "accepted"
    PLANNED = "planned"
    WORKING = "working"
    DONE = "done"
    RELEASED = "released"
    CLOSED = "closed"  # over without being done: declined, withdrawn

    @property
    def is_over(self) -> bool:
        return self in {Phase.DONE, Phase.RELEASED, Phase.CLOSED}


class EventKind(StrEnum):
    OPENED = "opened"
    REWORDED = "reworded"
    TRIAGED = "triaged"
    ASSIGNED = "assigned"
    SEVERITY_SET = "severity_set"
    PLAN_PROPOSED = "plan_proposed"
    PLAN_ACCEPTED = "plan_accepted"
    MOVED = "moved"
    RESOLVED = "resolved"
    RELEASED = "released"
    REOPENED = "reopened"
    FIX_CONFIRMED = "fix_confirmed"
    COMMENTED = "commented"
    ASKED_REPORTER = "asked_reporter"
    REPORTER_ANSWERED = "reporter_answered"
    MERGED = "merged"
    UNMERGED = "unmerged"
    TOOK_IN = "took_in"
    GAVE_BACK = "gave_back"
    LINKED = "linked"
    UNLINKED = "unlinked"
    VOTED = "voted"
    UNVOTED = "unvoted"
    WATCHED = "watched"
    UNWATCHED = "unwatched"
    ATTACHED = "attached"
    WARNED = "warned"
    BREACHED = "breached"
    ESCALATED = "escalated"
    REJUDGED = "rejudged"


CHANGES_CLOCKS = frozenset({
    EventKind.OPENED, EventKind.TRIAGED, EventKind.ASSIGNED, EventKind.SEVERITY_SET, EventKind.PLAN_ACCEPTED,
    EventKind.MOVED, EventKind.RESOLVED, EventKind.RELEASED, EventKind.REOPENED, EventKind.ASKED_REPORTER,
    EventKind.REPORTER_ANSWERED, EventKind.MERGED, EventKind.UNMERGED,
})  # fmt: skip
SAID_BY_CLOCKS = frozenset({EventKind.WARNED, EventKind.BREACHED, EventKind.ESCALATED})


class LinkKind(StrEnum):
    DUPLICATE_OF = "duplicate_of"
    CAUSED_BY = "caused_by"
    FIXED_BY = "fixed_by"
    RELEASE = "release"
    RELATED = "related"


class Origin(StrEnum):
    """Where a shipped change came from (R6)."""

    INTERNAL_FEEDBACK = "internal_feedback"
    CUSTOMER = "customer"
    ROADMAP = "roadmap"
    INCIDENT = "incident"


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened to a case. What it changed stands in `body`, so that the log alone tells it all."""

    kind: EventKind
    by: str
    at: datetime
    body: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CaseRow:
    id: str
    tenant: str
    number: int
    severity: Severity
    title: str
    opened_at: datetime
    resolved_at: datetime | None
