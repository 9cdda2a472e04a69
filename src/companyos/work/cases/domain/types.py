"""Cases as other rooms see them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class CaseType(StrEnum):
    BUG = "bug"


class Severity(StrEnum):
    SEV1 = "sev1"
    SEV2 = "sev2"
    SEV3 = "sev3"
    SEV4 = "sev4"


@dataclass(frozen=True, slots=True)
class CaseRow:
    id: str
    tenant: str
    number: int
    severity: Severity
    title: str
    opened_at: datetime
    resolved_at: datetime | None
