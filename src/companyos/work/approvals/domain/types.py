"""A request as the judgement sees it: who asks for what, what has been done about it, who is asked now."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any


class Path(StrEnum):
    """Which software carries a request. It keeps the one it began on, whatever a flag says later."""

    EXISTING = "existing"  # the plain router of each department
    UNIFIED = "unified"
    IMPORTED = "imported"  # a record of another system, never acted on


class Status(StrEnum):
    OPEN = "open"
    RETURNED = "returned"  # its author is asked to change it
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"  # after it was approved
    TIMED_OUT = "timed_out"
    CARRIED_OUT = "carried_out"

    @property
    def is_over(self) -> bool:
        """Tell whether nobody can advance it any more."""
        return self not in {Status.OPEN, Status.RETURNED, Status.APPROVED}


class ActKind(StrEnum):
    ASKED = "asked"
    APPROVED = "approved"
    DECLINED = "declined"
    RETURNED = "returned"
    TAKEN_BACK = "taken_back"  # its author has a returned request in hand again
    RESUBMITTED = "resubmitted"
    DELEGATED = "delegated"
    WITHDRAWN = "withdrawn"
    CANCELLED = "cancelled"
    CARRIED_OUT = "carried_out"
    COMMENTED = "commented"
    REMINDED = "reminded"
    ESCALATED = "escalated"
    TIMED_OUT = "timed_out"


ANSWERS = frozenset({ActKind.APPROVED, ActKind.DECLINED, ActKind.RETURNED})
TIMED = frozenset({ActKind.REMINDED, ActKind.ESCALATED, ActKind.TIMED_OUT})
SOFTWARE = "companyos"
SOFTWARE_NAME = "CompanyOS"


@dataclass(frozen=True, slots=True)
class Act:
    """One thing that was done. `seat` is whose answer it is, `by` who gave it; they differ after a delegation."""

    kind: ActKind
    by: str
    at: datetime
    step: str = ""
    seat: str = ""
    round: int = 1
    note: str = ""
    to: str = ""  # whom a delegation names; which reminder of a step it is


@dataclass(frozen=True, slots=True)
class Request:
    """What the person who asks filled in, and where it runs."""

    requester: str
    fields: Mapping[str, Any]
    tenant: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One person who is asked now, and why. `since` is when their step began."""

    step: str
    title: str
    seat: str
    person: str
    why: str
    since: datetime
    due_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a request stands: the answer of the judgement."""

    status: Status
    because: str
    rule: str
    round: int = 1
    asked: tuple[Asked, ...] = ()
    stuck: tuple[str, ...] = field(default=())  # steps that too few people can answer

    def ask_of(self, person: str) -> Asked | None:
        """What this person is asked, if anything."""
        return next((asked for asked in self.asked if asked.person == person), None)
