"""What the pages of release notes show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from companyos.change.comms.domain.reach import Reach
from companyos.change.comms.domain.release_notes import Item, NoteRow, VersionRow


@dataclass(frozen=True, slots=True)
class EditionLine:
    """An edition in the list: how much of it concerns the viewer, and whether it waits to be read."""

    note: NoteRow
    title: str
    items: int
    by: str
    is_new: bool


@dataclass(frozen=True, slots=True)
class EditionsPage:
    """Context name: `page`. Drafts are there for who may edit only."""

    now: datetime
    published: tuple[EditionLine, ...]
    drafts: tuple[EditionLine, ...]
    may_edit: bool
    problem: str = ""


@dataclass(frozen=True, slots=True)
class ItemShown:
    """An item as it is read. `html` is what was written, made safe."""

    item: Item
    html: str
    feature: str  # its title


@dataclass(frozen=True, slots=True)
class Correction:
    by: str
    at: datetime
    because: str


@dataclass(frozen=True, slots=True)
class EditionPage:
    """Context name: `page`. An edition as one reader has it."""

    now: datetime
    note: NoteRow
    title: str
    introduction: str
    items: tuple[ItemShown, ...]
    by: str
    corrections: tuple[Correction, ...]
    may_edit: bool


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    title: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class ItemField:
    """The inputs of one item, with why it is here and whom it concerns in words."""

    item: Item
    place: int
    tenants: tuple[Choice, ...]
    concerns: str
    why: str


@dataclass(frozen=True, slots=True)
class Audience:
    """Whom an edition is told to, as things are now."""

    people: int
    tenants: int
    by_mail: int
    others: int  # whom no item concerns


@dataclass(frozen=True, slots=True)
class Preview:
    """What readers of one tenant get, or everything. Of `items` and `mail_html` one is shown."""

    by_mail: bool
    tenant: str
    tenants: tuple[Choice, ...]
    title: str
    introduction: str
    items: tuple[ItemShown, ...]
    mail_html: str
    mail_text: str


@dataclass(frozen=True, slots=True)
class VersionLine:
    version: VersionRow
    by: str
    approved_by: str
    is_shown: bool


@dataclass(frozen=True, slots=True)
class EditorPage:
    """Context name: `page`. An edition for who may edit it; what was filled in comes back with the problem."""

    now: datetime
    note: NoteRow
    title: str
    introduction: str
    because: str
    seen: int
    fields: tuple[ItemField, ...]
    empty_tenants: tuple[Choice, ...]  # of an item added by hand
    preview: Preview
    audience: Audience | None  # of what is still to be told; afterwards there is its reach
    versions: tuple[VersionLine, ...]
    last_by: str
    why_not_approved: str
    why_not_published: str
    reach: Reach | None
    notice: str
    problem: str = ""

    @property
    def primary(self) -> str:
        """The one thing to do next."""
        if not self.why_not_published:
            return "publish"
        return "save" if self.why_not_approved else "approve"


@dataclass(frozen=True, slots=True)
class VersionPage:
    """Context name: `page`. An edition as one version of it said."""

    now: datetime
    note: NoteRow
    line: VersionLine
    introduction: str
    items: tuple[ItemShown, ...]
