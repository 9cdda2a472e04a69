"""The pages of reporting and of promises as frozen values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString

from companyos.work.cases.web.pages import Choice


@dataclass(frozen=True, slots=True)
class Input:
    """One field of a form, from its JSON Schema and hints."""

    name: str
    title: str
    kind: str  # text, area, number, date, tick, choice
    value: str
    is_required: bool
    choices: tuple[Choice, ...]
    longest: int | None
    rows: int
    says: str
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Captured:
    """Something that was captured; the reporter sees it, and may leave it out."""

    name: str
    title: str
    value: str


@dataclass(frozen=True, slots=True)
class LinkPage:
    """A link to a form, for what cannot carry the script. Context name: `page`."""

    kinds: tuple[Choice, ...]
    features: tuple[Choice, ...]
    place: str
    address: str
    code: SafeString  # the address as a QR code: an SVG of our own making


@dataclass(frozen=True, slots=True)
class ReportPage:
    """A report before it is sent. Context name: `page`."""

    now: datetime
    kind: str
    title: str
    summary: str
    inputs: tuple[Input, ...]
    tenants: tuple[Choice, ...]
    features: tuple[Choice, ...]
    severities: tuple[Choice, ...]
    templates: tuple[Choice, ...]
    captured: tuple[Captured, ...]
    said_title: str = ""
    body: str = ""
    key: str = ""
    problem: str = ""
    wrong: str = ""


@dataclass(frozen=True, slots=True)
class Kept:
    """How the clocks of one group were kept: a share with its interval."""

    title: str
    figure: dict[str, Any] | None


@dataclass(frozen=True, slots=True)
class Fixes:
    """How long the reports of one group waited for their release, in hours of working time."""

    title: str
    figure: dict[str, Any]


@dataclass(frozen=True, slots=True)
class PromisesPage:
    """Promises kept, waits, origins. Context name: `page`."""

    now: datetime
    since: datetime
    days: int
    clocks: tuple[Kept, ...]
    squads: tuple[Kept, ...]
    features: tuple[Kept, ...]
    tenants: tuple[Kept, ...]
    fixes: tuple[Fixes, ...]
    origins: tuple[tuple[str, int], ...]
    internal: dict[str, Any] | None
    missed: int
